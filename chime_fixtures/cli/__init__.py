"""The command line: sample, violations, explore, pack, validate, diff, conform, serve, schema.

Exit codes: 0 success; 1 invalid data, a breaking change, or a failed check; 2 an error (wrong usage, unreadable input,
unsupported schema); 130 interrupted; 143 terminated.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from typing import NoReturn

import click

from chime_fixtures.chime.errors import ChimeFixturesError
from chime_fixtures.cli import conform, diff, explore, pack, sample, schema, serve, validate, violations
from chime_fixtures.cli.console import report_error, show_warning
from chime_fixtures.cli.options import EXIT_CODES


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chime-fixtures", prog_name="chime-fixtures")
def cli() -> None:
    """Valid and deliberately invalid data for consumers of Amazon Chime proxy sessions."""


for module in (sample, violations, explore, pack, validate, diff, conform, serve, schema):
    cli.add_command(module.command)


def main() -> NoReturn:
    """Run the command line and exit with its code; errors are one line, without a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    warnings.showwarning = show_warning
    code = 0
    try:
        try:
            cli.main(standalone_mode=False)
        except SystemExit as exit_request:
            code = exit_request.code if isinstance(exit_request.code, int) else 2
        sys.stdout.flush()
    except BrokenPipeError:
        # A closed pipe is not an error, and the last flush must not report one either.
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
    _exit(code)


def _exit(code: int) -> NoReturn:
    sys.stderr.flush()
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
