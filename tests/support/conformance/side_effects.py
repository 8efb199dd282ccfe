"""Side effects: files, hosts, connections and processes are recorded and refused; files of imported modules are not."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_WATCHED = ("open", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.system")
_active: list[list[str]] = []


@contextmanager
def recorded_side_effects() -> Iterator[list[str]]:
    """A list of the side effects in this context; each raises PermissionError."""
    _hook()
    effects: list[str] = []
    _active.append(effects)
    try:
        yield effects
    finally:
        _active.remove(effects)


@functools.cache
def _hook() -> None:
    """Add the audit hook once, since it can't be removed."""
    sys.addaudithook(_record)


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    if not _active or event not in _WATCHED:
        return
    if event == "open" and _is_import(arguments[0]):
        return
    for effects in _active:
        effects.append(f"{event} {arguments[:2]!r}")
    raise PermissionError(f"{event} is not allowed here")


def _is_import(path: object) -> bool:
    """True if a file is a module, which may be imported when it is first needed."""
    name = path.decode(errors="replace") if isinstance(path, bytes) else str(path)
    return name.endswith((".py", ".pyc", ".so", ".pyd"))
