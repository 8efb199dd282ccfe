"""The stack of active stubs, and the patches of client libraries while it is not empty.

The innermost stub that claims a URL handles the request; a request that no stub claims goes to the method that was
patched. Stubs may be left in any order. A patch that other code has installed over ours stays until that code removes
it.
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
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service import ChimeService

LIBRARIES: dict[str, str] = {
    # requests is patched by means of `responses`, which keeps the unpatched method when it is imported.
    "requests": "responses",
    "responses": "chime_fixtures.adapters.requests:install",
    "httpx": "chime_fixtures.adapters.httpx:install",
    "httpx2": "chime_fixtures.adapters.httpx2:install",
    "aiobotocore.httpsession": "chime_fixtures.adapters.aiobotocore:install",
    "botocore.httpsession": "chime_fixtures.adapters.botocore:install_transport",
    "botocore.auth": "chime_fixtures.adapters.botocore:install_signing",
    "moto.core.models": "chime_fixtures.adapters.moto:install",
}
"""Modules, each with the adapter's function that patches it after its import, or with a module to import then."""

_SUFFIXES = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "c2s.ic.gov",
    "api.aws.ic.gov",
    "sc2s.sgov.gov",
    "api.aws.scloud",
    "cloud.adc-e.uk",
    "api.cloud-aws.adc-e.uk",
    "csp.hci.ic.gov",
    "api.aws.hci.ic.gov",
)
# The hosts of the legacy client `chime` lack `voice-`.
_REGIONAL = rf"(?:voice-)?chime(?:-fips)?\.[a-z0-9-]+\.(?:{'|'.join(map(re.escape, _SUFFIXES))})"
_GLOBAL = r"service\.chime\.aws\.amazon\.com"

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
    parts = urlsplit(base_url)
    default_port = _DEFAULT_PORTS.get(parts.scheme)
    if default_port is None or not parts.hostname or parts.query or parts.fragment:
        raise InvalidOptionError(f"base_url must be a URL like https://api.example.test/v1, not {base_url!r}")
    # The default port may be left out of a URL.
    port = f"(?::{default_port})?" if parts.port in (None, default_port) else f":{parts.port}"
    host = re.escape(f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname)
    base = rf"(?i:{parts.scheme}://(?:[^/?#@]*@)?{host}\.?{port}){re.escape(parts.path.rstrip('/'))}(?=[/?#]|$)"
    return re.compile(f"{CHIME_URLS}|{base}")


class Claim(NamedTuple):
    """A claimed URL: the service that handles the request, the target, and the URL before the target."""

    service: ChimeService
    target: str
    base: str


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """A service, with a pattern for the beginning of the URLs that it handles."""

    service: ChimeService
    urls: re.Pattern[str]

    def claim(self, url: str) -> Claim | None:
        """The claim on a URL; None if the pattern does not match."""
        match = self.urls.match(url)
        if match is None:
            return None
        rest = url[match.end() :]
        return Claim(self.service, rest if rest.startswith("/") else f"/{rest}", match[0])


ClaimFinder = Callable[[str], Claim | None]
"""Returns the claim of the innermost active stub on a URL; None if no stub claims it."""

Undo = Callable[[], None]
"""Removes a patch."""


class Dispatcher:
    """The stack of active stubs, and the patches that are installed while it is not empty.

    Args:
        libraries: names of modules, with the function that patches each, as ``module:function``; see `LIBRARIES`.
    """

    def __init__(self, libraries: Mapping[str, str]) -> None:
        self._libraries = dict(libraries)
        self._endpoints: tuple[Endpoint, ...] = ()
        self._undo: list[Undo] = []
        self._lock = threading.RLock()
        self._watcher = _ImportWatcher(self._libraries, self._install)

    def find_claim(self, url: str) -> Claim | None:
        """The claim of the innermost active stub on a URL; None if no stub claims it."""
        for endpoint in reversed(self._endpoints):
            claim = endpoint.claim(url)
            if claim is not None:
                return claim
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
                while self._undo:
                    self._undo.pop()()

    def _install(self, name: str) -> None:
        module, _, function = self._libraries[name].partition(":")
        # Imported each time: a test run inside this process may have removed modules when it ended.
        adapter = importlib.import_module(module)
        with self._lock:
            if function and self._endpoints:
                self._undo.append(getattr(adapter, function)(self.find_claim))


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


class MethodPatch:
    """A replaced method of a class.

    Args:
        owner: the class.
        name: the name of the method.
        replacement: returns the new method for the present one.
    """

    def __init__(self, owner: type, name: str, replacement: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        self._owner = owner
        self._name = name
        self._original = owner.__dict__[name]
        self._replacement = replacement(self._original)
        setattr(owner, name, self._replacement)

    def undo(self) -> None:
        """Restore the original, unless other code has replaced the method since."""
        if self._owner.__dict__[self._name] is self._replacement:
            setattr(self._owner, self._name, self._original)


DISPATCHER = Dispatcher(LIBRARIES)
"""The one dispatcher of the process."""
