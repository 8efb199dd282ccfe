"""CPU time by phase, and time limits."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_REPEAT_SECONDS = 1.0
"""The time after which OutOfTime is raised again, if a handler of BaseException has caught it."""

_RETRY_SECONDS = 0.001
"""The time after which OutOfTime is raised again, if Python has dropped it."""


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

    The alarm may interrupt a callback of the garbage collector, a finaliser or the callback of a weak reference, whose
    exceptions Python drops and reports as unraisable. OutOfTime is then raised again, and not reported.

    Args:
        seconds: the limit.
        cpu: True for CPU seconds of the process, False for elapsed time.
    """
    has_timer = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    clock = time.process_time if cpu else time.monotonic
    started = clock()
    before_dropped = sys.unraisablehook
    if has_timer:
        number, timer = (signal.SIGPROF, signal.ITIMER_PROF) if cpu else (signal.SIGALRM, signal.ITIMER_REAL)

        def retry(dropped: sys.UnraisableHookArgs) -> None:
            if dropped.exc_type is OutOfTime:
                signal.setitimer(timer, _RETRY_SECONDS, _REPEAT_SECONDS)
            else:
                before_dropped(dropped)

        sys.unraisablehook = retry
        before = signal.signal(number, _stop)
        signal.setitimer(timer, seconds, _REPEAT_SECONDS)
    try:
        yield
    finally:
        if has_timer:
            signal.setitimer(timer, 0)
            signal.signal(number, before)
        sys.unraisablehook = before_dropped
    if clock() - started > seconds:
        raise OutOfTime


def _stop(*_: Any) -> None:
    raise OutOfTime
