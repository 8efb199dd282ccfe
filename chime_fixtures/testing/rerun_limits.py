"""Limits of a rerun: pauses of clients and of the code under test are cut short, and each phase has a time limit."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from chime_fixtures.service.injection import Injector

# pytest leaves the frames of this module out of tracebacks.
__tracebackhide__ = True

MAX_SLEEP_SECONDS = 0.001
"""The longest pause after a change: the clock of the service stands still, so waiting changes nothing."""

_REPEAT_SECONDS = 1.0
_IS_SUPPORTED = hasattr(signal, "setitimer")


class TimeLimitReached(BaseException):
    """A phase of a rerun has exceeded its time limit; not an error that the code under test may handle."""


@contextlib.contextmanager
def short_sleeps(injector: Injector) -> Iterator[None]:
    """Cut `time.sleep` and `asyncio.sleep` short after the change, in this thread and those that made the call.

    Clients and the code under test wait before they try again; code that has imported the function itself is not
    reached.
    """
    this_thread = threading.get_ident()
    sleep, async_sleep = time.sleep, asyncio.sleep
    is_active = True

    def limited(seconds: float) -> float:
        # A module that is imported meanwhile may keep the function.
        is_concerned = is_active and injector.is_applied and threading.get_ident() in {this_thread, *injector.threads}
        return min(seconds, MAX_SLEEP_SECONDS) if is_concerned else seconds

    def short_sleep(seconds: float) -> None:
        sleep(limited(seconds))

    async def short_async_sleep(delay: float, result: Any = None) -> Any:
        return await async_sleep(limited(delay), result)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", short_sleep)
        patch.setattr(asyncio, "sleep", short_async_sleep)
        try:
            yield
        finally:
            is_active = False


class TimeLimit:
    """A time limit, by the alarm signal; without effect where that is absent, in use, or not received by this thread.

    Args:
        seconds: the limit.

    Attributes:
        is_exceeded: True if the limit was reached.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.is_exceeded = False
        self._is_running = False

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Raise `TimeLimitReached` in this thread when the time is over, and again each second.

        Raises:
            TimeLimitReached: the time is over.
        """
        if not self._is_usable():
            yield
            return
        previous = signal.signal(signal.SIGALRM, self._raise)
        self._is_running = True
        signal.setitimer(signal.ITIMER_REAL, self._seconds, _REPEAT_SECONDS)
        try:
            yield
        finally:
            self._is_running = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)

    def _is_usable(self) -> bool:
        if not _IS_SUPPORTED or threading.current_thread() is not threading.main_thread():
            return False
        return signal.getsignal(signal.SIGALRM) is signal.SIG_DFL and not any(signal.getitimer(signal.ITIMER_REAL))

    def _raise(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_running:
            self.is_exceeded = True
            raise TimeLimitReached(f"more than {self._seconds:g} seconds")
