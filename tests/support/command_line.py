"""The command line in this process, which has imported the package and loaded the bundled contracts already."""

import contextlib
import signal
import sys
import warnings
from typing import NamedTuple
from unittest import mock

from click.testing import CliRunner

from chime_fixtures.cli import main


class Finished(NamedTuple):
    """The exit code and the output of a command, named as in `subprocess.CompletedProcess`."""

    returncode: int
    stdout: bytes
    stderr: bytes


def run_command(*arguments, cwd, stdin=b""):
    """Run `chime-fixtures` in a folder, as a process of its own would: warnings are shown, and nothing is left behind."""
    terminate = signal.getsignal(signal.SIGTERM)
    try:
        with (
            contextlib.chdir(cwd),
            warnings.catch_warnings(),
            mock.patch.object(sys, "argv", ["chime-fixtures", *map(str, arguments)]),
            CliRunner().isolation(stdin) as (stdout, stderr, _),
        ):
            warnings.resetwarnings()
            try:
                main()
            except SystemExit as exit_request:
                code = exit_request.code
            return Finished(code, stdout.getvalue(), stderr.getvalue())
    finally:
        signal.signal(signal.SIGTERM, terminate)
