"""What the commands write, and where: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from pathlib import Path

import click


def write_out(content: bytes | bytearray) -> None:
    """Put bytes on standard output; whoever reads them may leave early, and that is no error."""
    try:
        sys.stdout.buffer.write(content)
    except BrokenPipeError:
        # click would leave with 1.
        raise click.exceptions.Exit(0) from None


def report_error(error: BaseException) -> None:
    """Say on standard error what went wrong; control characters of quoted input are escaped."""
    from chime_fixtures.sampling.reader import printable

    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    lines = [printable(line) for line in text.splitlines()]
    click.echo("chime-fixtures: error: " + "\n".join(lines), err=True)


def show(path: Path | str) -> str:
    """A path as printable text."""
    from chime_fixtures.sampling import reader

    return reader.show(path)
