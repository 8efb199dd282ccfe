"""Stops and counts what reaches outside: files, hosts, connections, processes; what importing reads is let pass."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_WATCHED = ("open", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.system")
_noted: list[list[str]] = []


@contextmanager
def noted() -> Iterator[list[str]]:
    """A list that fills with every effect until the context is left; each fails, too."""
    _hook()
    effects: list[str] = []
    _noted.append(effects)
    try:
        yield effects
    finally:
        _noted.remove(effects)


@functools.cache
def _hook() -> None:
    """Set the watch, once, since it can't be taken away again."""
    sys.addaudithook(_note)


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if not _noted or event not in _WATCHED:
        return
    if event == "open" and _is_import(arguments[0]):
        return
    for effects in _noted:
        effects.append(f"{event} {arguments[:2]!r}")
    raise PermissionError(f"{event} has no place here")


def _is_import(path: object) -> bool:
    """Whether a file is a module, which a room may import when it is first needed."""
    name = path.decode(errors="replace") if isinstance(path, bytes) else str(path)
    return name.endswith((".py", ".pyc", ".so", ".pyd"))
