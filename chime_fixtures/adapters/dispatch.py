"""The stubs that are in force, in one stack, and the libraries that are patched for as long as there is one.

The innermost stub that claims a URL answers it; what none claims goes to whatever was installed before. Stubs may be
left in any order. Foreign patchers leave last in, first out: what they put over ours stays until they take it away.
"""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.machinery
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service import ChimeService

LIBRARIES: dict[str, str] = {
    # The hook of requests is the library `responses`, which must not see a patch of ours while it is imported itself.
    "requests": "responses",
    "responses": "chime_fixtures.adapters.requests:install",
    "httpx": "chime_fixtures.adapters.httpx:install",
    "httpx2": "chime_fixtures.adapters.httpx2:install",
    "aiobotocore.httpsession": "chime_fixtures.adapters.aiobotocore:install",
    "botocore.httpsession": "chime_fixtures.adapters.botocore:install_sending",
    "botocore.auth": "chime_fixtures.adapters.botocore:install_signing",
    "moto.core.models": "chime_fixtures.adapters.moto:install",
}
"""The module whose import means that a library is in use, and the adapter's function that then installs the patch, or a
module that is then imported too."""

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
# The legacy client has no `voice-`.
_REGIONAL = rf"(?:voice-)?chime(?:-fips)?\.[a-z0-9-]+\.(?:{'|'.join(map(re.escape, _SUFFIXES))})"
_OLDEST = r"service\.chime\.aws\.amazon\.com"

CHIME_URLS = rf"(?i:https?://(?:[^/?#@]*@)?(?:{_REGIONAL}|{_OLDEST})\.?(?::[0-9]+)?(?=[/?#]|$))"
"""A regular expression for the beginning of every URL of the API: regional, FIPS, dual-stack and legacy hosts."""


_PORTS = {"http": 80, "https": 443}


@functools.cache
def urls_of(base_url: str | None) -> re.Pattern[str]:
    """What a stub claims: the URLs of the API, and those under a base of an imitator's.

    Raises:
        InvalidOptionError: the base is no URL.
    """
    if base_url is None:
        return re.compile(CHIME_URLS)
    parts = urlsplit(base_url)
    usual = _PORTS.get(parts.scheme)
    if usual is None or not parts.hostname or parts.query or parts.fragment:
        raise InvalidOptionError(f"base_url is to be like https://api.example.test/v1, not {base_url!r}")
    # Clients spell a host as they like, and leave out the usual port or name it.
    port = f"(?::{usual})?" if parts.port in (None, usual) else f":{parts.port}"
    host = re.escape(f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname)
    base = rf"(?i:{parts.scheme}://(?:[^/?#@]*@)?{host}\.?{port}){re.escape(parts.path.rstrip('/'))}(?=[/?#]|$)"
    return re.compile(f"{CHIME_URLS}|{base}")


class Claim(NamedTuple):
    """A service that has to answer, the target that it is asked for, and what stood before that in the URL."""

    service: ChimeService
    target: str
    base: str


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """A service, and the beginnings of the URLs that it answers."""

    service: ChimeService
    urls: re.Pattern[str]

    def claim(self, url: str) -> Claim | None:
        """What is asked for by a URL; None if it is not answered here."""
        found = self.urls.match(url)
        if found is None:
            return None
        rest = url[found.end() :]
        return Claim(self.service, rest if rest.startswith("/") else f"/{rest}", found[0])


Finder = Callable[[str], Claim | None]
"""Tells which of the stubs in force answers a URL; None if it is none of theirs."""

Undo = Callable[[], None]
"""Takes a patch away."""


class Dispatcher:
    """The stack of stubs, and the patches that hold while it is not empty.

    Args:
        libraries: module names, and the adapters' functions that install what they need, as ``module:function``.
    """

    def __init__(self, libraries: Mapping[str, str]) -> None:
        self._libraries = dict(libraries)
        self._endpoints: tuple[Endpoint, ...] = ()
        self._undo: list[Undo] = []
        self._lock = threading.RLock()
        self._installers: dict[str, Callable[[Finder], Undo] | None] = {}
        self._watcher = _ImportWatcher(self._libraries, self._install)

    def find(self, url: str) -> Claim | None:
        """Which of the stubs in force answers a URL, and what it is asked for; None if it is none of theirs."""
        for endpoint in reversed(self._endpoints):
            claim = endpoint.claim(url)
            if claim is not None:
                return claim
        return None

    def enter(self, endpoint: Endpoint) -> None:
        """Put a stub on top of the stack."""
        with self._lock:
            is_first = not self._endpoints
            self._endpoints = (*self._endpoints, endpoint)
            if is_first:
                for name in self._libraries:
                    if name in sys.modules:
                        self._install(name)
                sys.meta_path.insert(0, self._watcher)

    def leave(self, endpoint: Endpoint) -> None:
        """Take a stub from the stack, wherever it stands; the last one takes the patches along."""
        with self._lock:
            self._endpoints = tuple(each for each in self._endpoints if each is not endpoint)
            if not self._endpoints:
                if self._watcher in sys.meta_path:
                    sys.meta_path.remove(self._watcher)
                while self._undo:
                    self._undo.pop()()

    def _install(self, name: str) -> None:
        if name not in self._installers:
            module, _, function = self._libraries[name].partition(":")
            found = importlib.import_module(module)
            self._installers[name] = getattr(found, function) if function else None
        install = self._installers[name]
        with self._lock:
            if install is not None and self._endpoints:
                self._undo.append(install(self.find))


class _ImportWatcher(importlib.abc.MetaPathFinder):
    """Calls back when one of the modules has been imported, and leaves the import itself to the other finders."""

    def __init__(self, names: Mapping[str, str], imported: Callable[[str], None]) -> None:
        self._names = names
        self._imported = imported

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's own spec, with a loader that calls back; None for all other modules."""
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
            self._imported(name)

        loader.exec_module = exec_module


class MethodPatch:
    """A method of a class that is replaced, and put back unless somebody has put another one over it since.

    Args:
        owner: the class.
        name: the method.
        make: gives the replacement for what stands there now.
    """

    def __init__(self, owner: type, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        self._owner = owner
        self._name = name
        self._original = owner.__dict__[name]
        self._replacement = make(self._original)
        setattr(owner, name, self._replacement)

    def undo(self) -> None:
        """Put the original back."""
        if self._owner.__dict__[self._name] is self._replacement:
            setattr(self._owner, self._name, self._original)


DISPATCHER = Dispatcher(LIBRARIES)
"""The one dispatcher of the process."""
