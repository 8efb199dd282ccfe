"""The stack of active stubs, and the patches of client libraries while it is not empty.

The innermost stub that claims a request handles it; a request that no stub claims goes to the method that was patched.
A request is claimed by its URL, or because its client has the service model of Chime, whatever its endpoint. Stubs may
be left in any order. A patch that other code has installed over ours stays until that code removes it.
"""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.machinery
import re
import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from chime_fixtures.adapters.patches import Patch
from chime_fixtures.chime.hosts import AWS_DOMAINS, GLOBAL_HOST
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service import ChimeService, Request, Response, TransportFault
from chime_fixtures.service.running_servers import RUNNING_SERVERS

LIBRARIES: dict[str, str] = {
    # requests is patched by means of `responses`, which keeps the unpatched method when it is imported.
    "requests": "responses",
    "responses": "chime_fixtures.adapters.requests:patches",
    "requests_mock.adapter": "chime_fixtures.adapters.requests_mock:patches",
    "httpx": "chime_fixtures.adapters.httpx:patches",
    "httpx2": "chime_fixtures.adapters.httpx2:patches",
    "aiobotocore.endpoint": "chime_fixtures.adapters.aiobotocore:recognition_patches",
    "aiobotocore.httpsession": "chime_fixtures.adapters.aiobotocore:aiohttp_patches",
    "aiobotocore.httpxsession": "chime_fixtures.adapters.aiobotocore:httpx_patches",
    "botocore.endpoint": "chime_fixtures.adapters.botocore:recognition_patches",
    "botocore.httpsession": "chime_fixtures.adapters.botocore:transport_patches",
    "botocore.auth": "chime_fixtures.adapters.botocore:signing_patches",
    "moto.core.custom_responses_mock": "chime_fixtures.adapters.moto:patches",
    "socket": "chime_fixtures.adapters.name_resolution:patches",
}
"""Modules, each with the adapter's function that returns its patches, or with a module to import after it."""

# The hosts of the legacy client `chime` lack `voice-`.
_REGIONAL = rf"(?:voice-)?chime(?:-fips)?\.[a-z0-9-]+\.(?:{'|'.join(map(re.escape, AWS_DOMAINS))})"
_GLOBAL = re.escape(GLOBAL_HOST)

CHIME_URLS = rf"(?i:https?://(?:[^/?#@]*@)?(?:{_REGIONAL}|{_GLOBAL})\.?(?::[0-9]+)?(?=[/?#]|$))"
"""A regular expression for the beginning of every URL of the API: regional, FIPS, dual-stack and legacy hosts."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


@functools.cache
def claimed_urls(base_url: str | None) -> re.Pattern[str]:
    """The URLs that a stub intercepts: those of the API, and those below the base URL of an imitator.

    Raises:
        InvalidOptionError: the base is not an HTTP URL, or has a query or a fragment.
    """
    if base_url is None:
        return re.compile(CHIME_URLS)
    return re.compile(f"{CHIME_URLS}|{urls_below(base_url, 'base_url')}")


def urls_below(base_url: str, option: str) -> str:
    """A regular expression for the beginning of a URL and all URLs below it.

    Args:
        base_url: the URL.
        option: the name of the option in the error message.

    Raises:
        InvalidOptionError: the base is not an HTTP URL, or has a query or a fragment.
    """
    parts = urlsplit(base_url)
    default_port = _DEFAULT_PORTS.get(parts.scheme)
    if default_port is None or not parts.hostname or parts.query or parts.fragment:
        raise InvalidOptionError(f"{option} must be a URL like https://api.example.test/v1, not {base_url!r}")
    # The default port may be left out of a URL.
    port = f"(?::{default_port})?" if parts.port in (None, default_port) else f":{parts.port}"
    host = re.escape(f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname)
    return rf"(?i:{parts.scheme}://(?:[^/?#@]*@)?{host}\.?{port}){re.escape(parts.path.rstrip('/'))}(?=[/?#]|$)"


HANDLED_REQUESTS: ContextVar[int] = ContextVar("HANDLED_REQUESTS", default=0)
"""The number of requests that stubs have handled in this context."""


class Claim(NamedTuple):
    """A claimed URL: the service that handles the request, the target, and the URL before the target."""

    service: ChimeService
    target: str
    base: str

    def handle(
        self, method: str, headers: Mapping[str, str | bytes], body: bytes, transport: str
    ) -> Response | TransportFault:
        """The response of the service to a request."""
        HANDLED_REQUESTS.set(HANDLED_REQUESTS.get() + 1)
        return self.service.handle(Request(method, self.target, headers, body, transport, self.base))


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """A service with the URLs that it handles.

    Attributes:
        service: the service.
        urls: matches the beginning of the URLs.
        excluded: patterns for the beginnings of URLs that are left alone, whatever else claims them.
    """

    service: ChimeService
    urls: re.Pattern[str]
    excluded: list[re.Pattern[str]] = field(default_factory=list)

    def excludes(self, url: str) -> bool:
        """True if the URL is left alone."""
        return any(pattern.match(url) for pattern in self.excluded)

    def claim(self, url: str, base: str | None = None) -> Claim | None:
        """The claim on a URL; None if the pattern does not match, or if the URL is excluded.

        Args:
            url: the URL of a request.
            base: the endpoint of the request's client, if the client has the service model of Chime.
        """
        if self.excluded and self.excludes(url):
            return None
        match = self.urls.match(url)
        if match is not None:
            base = match[0]
        elif base is None or url in RUNNING_SERVERS:
            return None
        elif not url.startswith(base):
            # An event handler of the client has changed the URL.
            scheme, netloc = urlsplit(url)[:2]
            base = f"{scheme}://{netloc}"
        rest = url[len(base) :]
        return Claim(self.service, rest if rest.startswith("/") else f"/{rest}", base)


class ClaimFinder(Protocol):
    """Returns the claim of the innermost active stub on a request; None if no stub claims it."""

    def __hash__(self) -> int: ...

    def __call__(self, url: str, base: str | None = None) -> Claim | None:
        """Find a claim by the arguments of `Endpoint.claim`."""
        ...


def noting_refusals(find_claim: ClaimFinder) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The replacement of a client's method `send`, whose error gets a note if a mock has refused the request."""

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        def send(self: Any, request: Any, **options: Any) -> Any:
            handled = HANDLED_REQUESTS.get()
            try:
                return original(self, request, **options)
            except Exception as error:
                note_refusal(error, find_claim(str(request.url)), handled)
                raise

        return send

    return replacement


def note_refusal(error: Exception, claim: Claim | None, handled: int) -> None:
    """Add a note to an error if a mock above the stub has refused a request that the stub claims.

    Args:
        error: the error of the client.
        claim: the claim on the request.
        handled: the value of `HANDLED_REQUESTS` before the request.
    """
    if claim is not None and HANDLED_REQUESTS.get() == handled:
        error.add_note(
            "the ChimeStub has not received this request; if a mock that was activated inside the stub has refused it, "
            "activate the stub inside that mock, or let the mock pass requests for Chime on"
        )


class Dispatcher:
    """The stack of active stubs, and the patches that are installed while it is not empty.

    Args:
        libraries: names of modules, with the function that returns the patches of each, as ``module:function``; see
            `LIBRARIES`.
    """

    def __init__(self, libraries: Mapping[str, str]) -> None:
        self._libraries = dict(libraries)
        self._endpoints: tuple[Endpoint, ...] = ()
        self._prepared: dict[str, PreparedPatches] = {}
        self._applied: list[Patch] = []
        self._lock = threading.RLock()
        self._watcher = _ImportWatcher(self._libraries, self._prepare)

    def find_claim(self, url: str, base: str | None = None) -> Claim | None:
        """The claim of the innermost active stub on a request; None if no stub claims it, or if one excludes its URL.

        Args:
            url: the URL of the request.
            base: the endpoint of the request's client, if the client has the service model of Chime.
        """
        for endpoint in reversed(self._endpoints):
            claim = endpoint.claim(url, base)
            if claim is not None:
                return claim
            if endpoint.excluded and endpoint.excludes(url):
                return None
        return None

    def push(self, endpoint: Endpoint) -> None:
        """Put a stub on top of the stack; the first one installs the patches."""
        with self._lock:
            is_first = not self._endpoints
            self._endpoints = (*self._endpoints, endpoint)
            if is_first:
                for name in self._libraries:
                    if name in sys.modules:
                        self._install(name)
                sys.meta_path.insert(0, self._watcher)

    def remove(self, endpoint: Endpoint) -> None:
        """Remove a stub from any position of the stack; the last one removes the patches."""
        with self._lock:
            self._endpoints = tuple(each for each in self._endpoints if each is not endpoint)
            if not self._endpoints:
                if self._watcher in sys.meta_path:
                    sys.meta_path.remove(self._watcher)
                while self._applied:
                    self._applied.pop().undo()

    def _prepare(self, name: str) -> None:
        """Patch a library that was imported just now, perhaps again."""
        self._prepared.pop(name, None)
        self._install(name)

    def _install(self, name: str) -> None:
        module, _, function = self._libraries[name].partition(":")
        # Looked up each time: a test run inside this process may have removed modules when it ended.
        adapter = sys.modules.get(module) or importlib.import_module(module)
        if not function:
            return
        factory, library = getattr(adapter, function), sys.modules[name]
        with self._lock:
            if not self._endpoints:
                return
            prepared = self._prepared.get(name)
            if prepared is None or prepared.factory is not factory or prepared.library is not library:
                prepared = self._prepared[name] = PreparedPatches(library, factory, factory(self.find_claim))
            for patch in prepared.patches:
                patch.apply()
                self._applied.append(patch)


class _ImportWatcher(importlib.abc.MetaPathFinder):
    """Calls a function after one of the modules was imported; other finders do the import."""

    def __init__(self, names: Collection[str], after_import: Callable[[str], None]) -> None:
        self._names = names
        self._after_import = after_import

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's spec, with a loader that calls the function; None for all other modules."""
        if fullname not in self._names:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                self._watch(spec.loader, fullname)
                return spec
        return None

    def _watch(self, loader: Any, name: str) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            self._after_import(name)

        loader.exec_module = exec_module


class PreparedPatches(NamedTuple):
    """The patches of a library, made once: entering a stub only applies them."""

    library: ModuleType
    factory: Callable[[ClaimFinder], Sequence[Patch]]
    patches: Sequence[Patch]


DISPATCHER = Dispatcher(LIBRARIES)
"""The one dispatcher of the process."""
