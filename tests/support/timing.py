"""CPU time by phase, and time limits."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class OutOfTime(BaseException):
    """The time limit was reached. Not an Exception, so that no handler in between catches it."""


@contextmanager
def timed(seconds: dict[str, float], phase: str) -> Iterator[None]:
    """Add the CPU seconds of the context under the name of a phase."""
    seconds[phase] = 0.0
    started = time.process_time()
    try:
        yield
    finally:
        seconds[phase] = time.process_time() - started


@contextmanager
def limited(seconds: float, *, cpu: bool = False) -> Iterator[None]:
    """Raise OutOfTime in this context after a time, if the platform has a timer for it, else at its end.

    Args:
        seconds: the limit.
        cpu: True for CPU seconds of the process, False for elapsed time.
    """
    has_timer = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    clock = time.process_time if cpu else time.monotonic
    started = clock()
    if has_timer:
        number, timer = (signal.SIGPROF, signal.ITIMER_PROF) if cpu else (signal.SIGALRM, signal.ITIMER_REAL)
        before = signal.signal(number, _stop)
        # Again each second, since an exception in a callback of the garbage collector is dropped.
        signal.setitimer(timer, seconds, 1.0)
    try:
        yield
    finally:
        if has_timer:
            signal.setitimer(timer, 0)
            signal.signal(number, before)
    if clock() - started > seconds:
        raise OutOfTime


def _stop(*_: Any) -> None:
    raise OutOfTime
