"""The command line: sample, violations, validate, serve, schema. It translates; the rooms do the work.

Exit codes: 0 fine; 1 the data is invalid; 2 refused, unreadable or wrong usage; 130 interrupted; 143 terminated.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

import click

from chime_fixtures.chime.errors import ChimeFixturesError
from chime_fixtures.cli import sample, schema, serve, validate, violations
from chime_fixtures.cli.console import report_error
from chime_fixtures.cli.options import EXIT_CODES


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chime-fixtures", prog_name="chime-fixtures")
def cli() -> None:
    """Valid and deliberately invalid data for consumers of Amazon Chime proxy sessions."""


for module in (sample, violations, validate, serve, schema):
    cli.add_command(module.command)


def main() -> NoReturn:
    """Run the command line and leave with its exit code; no traceback reaches the terminal."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    code = 0
    try:
        try:
            cli.main(standalone_mode=False)
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 2
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has left; that is no error, and the last flush must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except (KeyboardInterrupt, click.Abort):
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except (ChimeFixturesError, OSError) as error:
        report_error(error)
        code = 2
    _leave(code)


def _leave(code: int) -> NoReturn:
    sys.stderr.flush()
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
