"""The port of a server: whether clients are let in, refused or left to wait; each of these is done by the kernel."""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

_BACKLOG = 128
_MOST_WAITING = 16
_FULL_AFTER = 0.05


class Door:
    """A listening socket, and the thread that lets clients in.

    Args:
        address: the address and port to listen at; port 0 takes a free one.
        family: the family of the address.
        admit: is handed each connection, in the door's own thread.
    """

    def __init__(self, address: tuple[str, int], family: socket.AddressFamily, admit: Callable[[Any], None]) -> None:
        self._address = address
        self._family = family
        self._admit = admit
        self._listener: socket.socket | None = None
        self._keeper: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port, for as long as the door is not closed.

        Raises:
            RuntimeError: it was not opened.
        """
        return int(self._place().getsockname()[1])

    def open(self) -> None:
        """Listen, and let in who comes."""
        self._listener = socket.create_server(self._address, family=self._family, backlog=_BACKLOG)
        self._attend()

    def close(self) -> None:
        """Give the port back; nobody is let in any more once this has returned."""
        self._dismiss()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """For as long, nobody listens, and the kernel refuses who comes; the port stays taken."""
        address = self._place().getsockname()
        self._dismiss()
        self._place().close()
        self._listener = socket.socket(self._family)
        if os.name == "posix":
            # What was said on the port before must not keep it from being taken again.
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(address)
        try:
            yield
        finally:
            self._open_again()

    @contextlib.contextmanager
    def unreachable(self) -> Iterator[None]:
        """For as long, who comes finds the queue full, and waits in vain for the connection to come about.

        Raises:
            OSError: on this system the queue does not fill up.
        """
        self._dismiss()
        self._place().listen(0)
        with contextlib.ExitStack() as waiting:
            try:
                self._fill(waiting)
                yield
            finally:
                waiting.close()
                self._open_again()

    def _place(self) -> socket.socket:
        if self._listener is None:
            raise RuntimeError("the server was not started")
        return self._listener

    def _fill(self, waiting: contextlib.ExitStack) -> None:
        """Stand in the queue until one more does not get a place."""
        for _ in range(_MOST_WAITING):
            client = waiting.enter_context(socket.socket(self._family))
            client.setblocking(False)
            client.connect_ex(self._place().getsockname())
            if not select.select([], [client], [client], _FULL_AFTER)[1]:
                return
        raise OSError("the queue of this system's listening sockets does not fill up")

    def _open_again(self) -> None:
        if self._listener is not None:
            self._listener.listen(_BACKLOG)
            self._attend()

    def _attend(self) -> None:
        self._wake, woken = socket.socketpair()
        self._keeper = threading.Thread(
            target=self._keep, args=(self._place(), woken), name="chime-fixtures", daemon=True
        )
        self._keeper.start()

    def _dismiss(self) -> None:
        if self._keeper is not None:
            self._wake.close()
            self._keeper.join()
            self._keeper = None

    def _keep(self, listener: socket.socket, woken: socket.socket) -> None:
        with woken, selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while all(key.fileobj is not woken for key, _ in selector.select()):
                try:
                    connection, _ = listener.accept()
                except OSError:
                    # The client has left again, or there are no more descriptors: others go on.
                    time.sleep(0.01)
                    continue
                self._admit(connection)
