"""A bar on standard error, for work that takes long, on a terminal only."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from chime_fixtures.cli.console import write_out

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar:
    """Shows how many bytes were read of how many; nothing at all where standard error is no terminal.

    Args:
        total: the bytes there are; None when nobody knows.
        after: seconds of work before it appears.
    """

    def __init__(self, total: int | None, *, after: float = 0.5) -> None:
        self._total = total
        self._read = 0
        self._due = time.monotonic() + after if sys.stderr.isatty() else None
        self._shown: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._shown is not None:
            self._shown[0].stop()

    def advance(self, size: int) -> None:
        """Some more bytes were read."""
        self._read += size
        if self._due is None:
            return
        if self._shown is None and time.monotonic() >= self._due:
            self._shown = self._start()
        if self._shown is not None:
            progress, task = self._shown
            progress.update(task, completed=self._read)

    def _start(self) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

        sys.stdout.flush()
        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        progress = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
        progress.start()
        return progress, progress.add_task("", total=self._total)

    def write(self, content: bytes) -> None:
        """Put bytes on standard output: above the bar, where both are on a terminal."""
        if self._shown is not None and sys.stdout.isatty():
            self._shown[0].console.print(content.decode().rstrip("\n"), markup=False, highlight=False, soft_wrap=True)
        else:
            write_out(content)


def total_size(paths: tuple[str, ...]) -> int | None:
    """The bytes of all files named, and of those in folders named; None for standard input."""
    if "-" in paths:
        return None
    files = (inner for path in map(Path, paths) for inner in (path.rglob("*") if path.is_dir() else (path,)))
    return sum(each.stat().st_size for each in files if each.is_file())
