"""The command `conform`: check a server that claims to be Chime."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chime_fixtures.cli.console import counted, write_out
from chime_fixtures.cli.options import reading_options, stored_options
from chime_fixtures.engine.errors import InvalidOptionError

if TYPE_CHECKING:
    from chime_fixtures.conformance.baseline import Baseline
    from chime_fixtures.conformance.records import ConformanceReport

_FORMATS = ("text", "json", "markdown", "junit")
_EXIT_CODES = (
    "Exit codes: 0 each check passed, was skipped, or follows a policy; 1 a check failed, or one of the baseline no "
    "longer fails; 2 an error (wrong usage, no connection, no such Voice Connector); 130 interrupted; 143 terminated."
)


@click.command("conform", epilog=_EXIT_CODES)
@click.argument("url", metavar="URL")
@click.option("--connector", metavar="ID", help="The Voice Connector to use; by default an id made from the seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of ids in requests.")
@click.option(
    "--clock-url",
    metavar="URL",
    help='A URL that moves the clock of the server by POST with {"minutes": 1}: /_chime/clock of serve.',
)
@click.option(
    "--only", multiple=True, metavar="PATTERN", help="The ids of the checks to make: 'sessions.*'. May be repeated."
)
@click.option("--contract", "schema", metavar="FILE[#/POINTER] | MODULE:MODEL", help="The contract of a session.")
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="A header field. May be repeated.")
@click.option("--sign", is_flag=True, help="Sign requests with the AWS credentials of the environment (boto3).")
@click.option(
    "--timeout", type=click.FloatRange(min=0.1), default=10, show_default=True, help="Seconds for a response."
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT[:FILE]",
    default=("text",),
    show_default=True,
    help="text, json, markdown or junit, on standard output or in a file. May be repeated.",
)
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A file with known failures, which do not count; one that no longer fails must be removed.",
)
@click.option("--update-baseline", is_flag=True, help="Create the baseline, or remove what no longer fails from it.")
@click.option("--allow-aws-host", is_flag=True, help="Allow the URL of a host of AWS.")
@reading_options
def command(
    url: str,
    connector: str | None,
    seed: int,
    clock_url: str | None,
    only: tuple[str, ...],
    schema: str | None,
    headers: tuple[str, ...],
    sign: bool,
    timeout: float,
    reports: tuple[str, ...],
    baseline: Path | None,
    update_baseline: bool,
    allow_aws_host: bool,
) -> None:
    """Check a server that claims to be Chime.

    The checks create, read, update and delete sessions of one Voice Connector, and change its proxy configuration;
    they remove what they created, and restore the configuration. A deviation that is a setting of a policy is named and
    is not a failure.
    """
    from chime_fixtures.conformance.http_transport import ClockUrl, HttpTransport, header_field
    from chime_fixtures.conformance.runner import ConformanceRun
    from chime_fixtures.conformance.signing import environment_signer
    from chime_fixtures.engine.sources.named import named_contract

    targets = [_target(each) for each in reports]
    try:
        fields = dict(map(header_field, headers))
    except InvalidOptionError as error:
        raise click.BadParameter(str(error), param_hint="'--header'") from error
    if update_baseline and baseline is None:
        raise click.UsageError("--update-baseline requires --baseline FILE")
    known = _read_baseline(baseline, is_update=update_baseline)
    contract = None if schema is None else named_contract(schema, folder=Path(), **stored_options())
    signer = environment_signer() if sign else None
    clock = None if clock_url is None else ClockUrl(clock_url, timeout=timeout, allow_aws_host=allow_aws_host)
    try:
        with HttpTransport(url, timeout=timeout, sign=signer, allow_aws_host=allow_aws_host) as transport:
            run = ConformanceRun(
                transport.send,
                connector_id=connector,
                contract=contract,
                seed=seed,
                headers=fields,
                base=transport.base,
                advance=None if clock is None else clock.advance,
            )
            report = run.report(only)
    except OSError as error:
        raise InvalidOptionError(f"{url}: no response: {error.strerror or error}") from error
    for each in report.leftovers:
        click.echo(f"chime-fixtures: warning: not removed: {each}", err=True)
    _write(report, targets)
    if baseline is not None:
        _compare(report, known, baseline, is_update=update_baseline)
    elif report.failed:
        sys.exit(1)


def _target(text: str) -> tuple[str, str]:
    """The format and the file of a report; an empty file is standard output."""
    name, _, file = text.partition(":")
    if name not in _FORMATS:
        raise click.BadParameter(f"{name!r} is not one of {', '.join(_FORMATS)}", param_hint="'--report'")
    if file and not Path(file).absolute().parent.is_dir():
        raise click.BadParameter(f"{file}: its folder does not exist; create it", param_hint="'--report'")
    return name, "" if file == "-" else file


def _read_baseline(path: Path | None, *, is_update: bool) -> Baseline | None:
    from chime_fixtures.conformance.baseline import Baseline

    if path is None or (is_update and not path.exists()):
        return None
    if not path.exists():
        raise InvalidOptionError(f"{path} does not exist; write it with --update-baseline")
    return Baseline.read(path)


def _write(report: ConformanceReport, targets: list[tuple[str, str]]) -> None:
    from chime_fixtures.conformance.report_formats import FORMATS, counts_line

    for name, file in targets:
        content = FORMATS[name](report)
        if file:
            Path(file).write_text(content, encoding="utf-8")
        else:
            write_out(content.encode())
    if all(file for _, file in targets):
        click.echo(counts_line(report), err=True)


def _compare(report: ConformanceReport, known: Baseline | None, path: Path, *, is_update: bool) -> None:
    """Compare a report with the baseline, and exit with 1 if it has a new failure or one that no longer fails."""
    from chime_fixtures.conformance.baseline import Baseline

    if known is None:
        known = Baseline.of(report)
        known.write(path)
        click.echo(f"wrote {counted(len(known.failed), 'known failure')} to {path}", err=True)
    fixed = known.fixed(report)
    if fixed and is_update:
        known.without(fixed).write(path)
        click.echo(f"removed {counted(len(fixed), 'check')} that no longer fail from {path}", err=True)
        fixed = ()
    new = known.new(report)
    for each in new:
        click.echo(f"chime-fixtures: error: new failure: {each}", err=True)
    for each in fixed:
        click.echo(f"chime-fixtures: error: {path}: {each} no longer fails; --update-baseline removes it", err=True)
    if new or fixed:
        sys.exit(1)
