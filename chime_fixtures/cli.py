"""The command line: sample, violations, validate, schema. It translates; the rooms do the work.

Exit codes: 0 fine; 1 the data is invalid; 2 refused, unreadable or wrong usage; 130 interrupted; 143 terminated.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from chime_fixtures.errors import ChimeFixturesError, InvalidDocumentError

if TYPE_CHECKING:
    from chime_fixtures.contract import Contract, Violation
    from chime_fixtures.corpus.writer import Sample

_EXIT_CODES = "Exit codes: 0 fine; 1 the data is invalid; 2 refused, unreadable or wrong usage; 130 interrupted."

_schema_option = click.option(
    "--schema", "schema", metavar="FILE[#/POINTER]", help="A JSON Schema of your own instead of the shipped one."
)
_name_option = click.option(
    "--contract", "name", metavar="NAME", default="ProxySession", show_default=True, help="A shipped contract."
)


@click.group(epilog=_EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chime-fixtures", prog_name="chime-fixtures")
def cli() -> None:
    """Valid and deliberately invalid data for consumers of Amazon Chime proxy sessions."""


@cli.command(epilog=_EXIT_CODES)
@click.option("--count", type=click.IntRange(min=0), help="How many records; without it 10, or the catalogue once.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same bytes.")
@click.option("--invalid", "kind", flag_value="invalid", help="Records that break one constraint each.")
@click.option("--edges", "kind", flag_value="edges", help="Valid records at the edges of the contract.")
@click.option("--format", "form", type=click.Choice(["json", "ndjson"]), default="json", show_default=True)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="One file for all; - is standard output."
)
@click.option(
    "-d",
    "--output-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder: a file for each, and manifest.json.",
)
@_name_option
@_schema_option
def sample(
    count: int | None,
    seed: int,
    kind: str | None,
    form: str,
    output: Path | None,
    output_dir: Path | None,
    name: str,
    schema: str | None,
) -> None:
    """Write sample records."""
    from chime_fixtures.corpus import writer

    if output is not None and output_dir is not None:
        raise click.UsageError("--output and --output-dir exclude each other")
    contract = _contract(name, schema)
    samples = _samples(contract, kind, count, seed)
    if output_dir is not None:
        about = {"contract": contract.name, "schema_sha256": writer.fingerprint(contract.schema), "seed": seed}
        number = writer.write_folder(output_dir, samples, about={**about, "kind": kind or "valid"})
        click.echo(f"wrote {number} records to {_show(output_dir)}; --seed {seed} repeats them", err=True)
        return
    values = [each.value for each in samples]
    content = writer.encode(values, is_pretty=True) if form == "json" else b"".join(map(writer.encode, values))
    if output is None or str(output) == "-":
        _write_out(content)
    else:
        writer.write_whole(output, content)


def _samples(contract: Contract, kind: str | None, count: int | None, seed: int) -> Iterator[Sample]:
    from chime_fixtures.corpus.writer import Sample

    if kind is None:
        number = 10 if count is None else count
        width = len(str(number))
        for index, value in enumerate(_valid(contract, number, seed), 1):
            yield Sample(value, f"{index:0{width}d}", {})
        return
    cases = _cases(contract, kind)
    number = len(cases) if count is None else count
    for index in range(number if cases else 0):
        # A whole catalogue comes in its own order; a part of one begins where the seed says.
        case = cases[index if count is None else (index + seed) % len(cases)]
        turn = index // len(cases)
        yield Sample(case.instance, case.id if not turn else f"{case.id}.{turn + 1}", _label(case))


def _cases(contract: Contract, kind: str) -> tuple[Any, ...]:
    if kind == "edges":
        from chime_fixtures.edges import enumerate_edges

        return enumerate_edges(contract)
    from chime_fixtures.violations import enumerate_violations

    return enumerate_violations(contract)


def _label(case: Any) -> dict[str, Any]:
    return (
        case.as_dict() if hasattr(case, "as_dict") else {"id": case.id, "instanceLocation": case.pointer, "valid": True}
    )


def _valid(contract: Contract, number: int, seed: int) -> Iterator[Any]:
    if contract.name == "ProxySession":
        from chime_fixtures.factories import ProxySessionFactory

        factory = ProxySessionFactory(seed=seed)
        yield from (factory.build() for _ in range(number))
        return
    from chime_fixtures.values import generate

    yield from (generate(contract, seed=seed, index=index) for index in range(number))


@cli.command(epilog=_EXIT_CODES)
@click.option("--pointer", help="Only those at this JSON Pointer.")
@click.option("--keyword", help="Only those of this keyword.")
@click.option("--report", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_name_option
@_schema_option
def violations(pointer: str | None, keyword: str | None, report: str, name: str, schema: str | None) -> None:
    """List every way to break a contract, and what cannot be broken alone."""
    from chime_fixtures.corpus import writer
    from chime_fixtures.violations import enumerate_implied, enumerate_violations

    contract = _contract(name, schema)
    catalogue = enumerate_violations(contract, pointer=pointer, keyword=keyword)
    implied = enumerate_implied(contract)
    if report == "json":
        listed = {"violations": [each.as_dict() for each in catalogue], "implied": [str(each) for each in implied]}
        _write_out(writer.encode(listed, is_pretty=True))
    elif sys.stdout.isatty():
        _print_table(catalogue)
    else:
        _write_out("".join(f"{_line(each)}\n" for each in [*catalogue, *implied]).encode())


def _line(case: Any) -> str:
    from chime_fixtures.corpus.reader import printable

    if not hasattr(case, "id"):
        return printable(str(case))
    contested = f" (contested: {', '.join(case.contested)})" if case.contested else ""
    return printable(f"{case.id}\t{case.summary}{contested}")


def _print_table(catalogue: tuple[Violation, ...]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("id", "what it breaks", "contested")
    for violation in catalogue:
        table.add_row(Text(violation.id), Text(violation.summary), Text(", ".join(violation.contested)))
    Console().print(table)


@cli.command(epilog=_EXIT_CODES)
@click.argument("paths", nargs=-1, required=True, metavar="PATH... | -")
@click.option("--report", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--contested", is_flag=True, help="Also report valid records on which engines differ.")
@_name_option
@_schema_option
def validate(paths: tuple[str, ...], report: str, contested: bool, name: str, schema: str | None) -> None:
    """Judge JSON and NDJSON: one line for each violation."""
    from chime_fixtures.corpus import reader, writer

    contract = _contract(name, schema)
    records = invalid = unreadable = 0
    for path in paths:
        stream = reader.read_stream(sys.stdin.buffer, "-") if path == "-" else reader.read_path(Path(path))
        for record in stream:
            if isinstance(record, InvalidDocumentError):
                unreadable += 1
                _report_error(record)
                continue
            records += 1
            if contract.is_valid(record.value):
                voices = contract.contested(record.value) if contested else ()
                if voices:
                    _write_out(f"{record.source}:{record.number}: valid, contested by {', '.join(voices)}\n".encode())
                continue
            invalid += 1
            for violation in contract.check(record.value):
                if report == "json":
                    _write_out(writer.encode({"file": record.source, "record": record.number, **violation.as_dict()}))
                else:
                    place = f"{record.source}:{record.number}: {violation.pointer or '/'}: {violation.keyword}"
                    _write_out((reader.printable(f"{place}: {violation.summary}") + "\n").encode())
    click.echo(f"{records} records, {invalid} invalid, {unreadable} unreadable", err=True)
    sys.exit(2 if unreadable else 1 if invalid else 0)


@cli.command(epilog=_EXIT_CODES)
@click.argument("name", default="ProxySession")
def schema(name: str) -> None:
    """Print a shipped contract."""
    from chime_fixtures.corpus import writer

    _write_out(writer.encode(_contract(name, None).schema, is_pretty=True))


def _contract(name: str, schema: str | None) -> Contract:
    from chime_fixtures.contract import Contract

    if schema is None:
        return Contract.load(name)
    path, _, pointer = schema.partition("#")
    return Contract.from_file(path, pointer=pointer)


def _show(path: Path) -> str:
    from chime_fixtures.corpus.reader import show

    return show(path)


def _write_out(content: bytes) -> None:
    sys.stdout.buffer.write(content)


def _report_error(error: BaseException) -> None:
    from chime_fixtures.corpus.reader import printable

    lines = [printable(line) for line in str(error).splitlines()]
    click.echo("chime-fixtures: error: " + "\n".join(lines), err=True)


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
        _report_error(error)
        code = 2
    _leave(code)


def _leave(code: int) -> NoReturn:
    sys.stderr.flush()
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
