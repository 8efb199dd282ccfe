"""Console output: results on standard output, messages and progress bars on standard error."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


def write_out(content: bytes | bytearray) -> None:
    """Write bytes to standard output; a reader that closes the pipe early is not an error."""
    try:
        sys.stdout.buffer.write(content)
    except BrokenPipeError:
        # click would exit with 1.
        raise click.exceptions.Exit(0) from None


def report_error(error: BaseException) -> None:
    """Write an error to standard error; control characters of quoted input are escaped."""
    from chime_fixtures.engine.pointer import printable

    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    lines = [printable(line) for line in text.splitlines()]
    click.echo("chime-fixtures: error: " + "\n".join(lines), err=True)


def show_warning(
    message: Warning | str,
    category: type[Warning],  # the signature of `warnings.showwarning`, which it replaces
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Write a warning to standard error as one line."""
    from chime_fixtures.engine.pointer import printable

    click.echo(f"chime-fixtures: warning: {printable(str(message))}", err=True)


def display_path(path: Path | str) -> str:
    """A path as printable text."""
    from chime_fixtures.sampling import reader

    return reader.display_path(path)


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 record``, ``2,000 records``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class ByteProgress:
    """A progress bar of the bytes read; nothing is shown if standard error is not a terminal.

    Args:
        total: the number of all bytes; None if it is unknown.
        delay: seconds before the bar appears.
    """

    def __init__(self, total: int | None, *, delay: float = 0.5) -> None:
        self._total = total
        self._read = 0
        self._start_time = time.monotonic() + delay if sys.stderr.isatty() else None
        self._shown: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._shown is not None:
            self._shown[0].stop()

    def advance(self, size: int) -> None:
        """Add a number of bytes that were read."""
        self._read += size
        if self._start_time is None:
            return
        if self._shown is None and time.monotonic() >= self._start_time:
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
        """Write bytes to standard output: above the bar, if both are on a terminal."""
        if self._shown is not None and sys.stdout.isatty():
            self._shown[0].console.print(content.decode().rstrip("\n"), markup=False, highlight=False, soft_wrap=True)
        else:
            write_out(content)


def total_size(paths: tuple[str, ...]) -> int | None:
    """The bytes of all files and of all files in folders; None if standard input (``-``) is among them."""
    if "-" in paths:
        return None
    files = (inner for path in map(Path, paths) for inner in (path.rglob("*") if path.is_dir() else (path,)))
    return sum(each.stat().st_size for each in files if each.is_file())


@contextlib.contextmanager
def record_progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar of records on a terminal; yields a function that adds a number of finished records."""
    if not sys.stderr.isatty():
        yield lambda records: None
        return
    from rich import progress
    from rich.console import Console

    rate = progress.TextColumn("{task.fields[rate]}")
    columns = (progress.BarColumn(), progress.TaskProgressColumn(), rate, progress.TimeRemainingColumn())
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, rate="")

        def advance(records: int) -> None:
            bar.advance(task, records)
            speed = bar.tasks[0].speed
            bar.update(task, rate=f"{speed:,.0f} records/s" if speed else "")

        yield advance
