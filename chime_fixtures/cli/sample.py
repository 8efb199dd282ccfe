"""The command that writes sample records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chime_fixtures.cli.options import EXIT_CODES, name_option, read_contract, schema_option
from chime_fixtures.cli.output import show, write_out

if TYPE_CHECKING:
    from chime_fixtures.contract import Contract
    from chime_fixtures.corpus.writer import Sample


@click.command("sample", epilog=EXIT_CODES)
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
@name_option
@schema_option
def command(
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
    contract = read_contract(name, schema)
    samples = _samples(contract, kind, count, seed)
    if output_dir is not None:
        about = {"contract": contract.name, "schema_sha256": writer.fingerprint(contract.schema), "seed": seed}
        number = writer.write_folder(output_dir, samples, about={**about, "kind": kind or "valid"})
        click.echo(f"wrote {number} records to {show(output_dir)}; --seed {seed} repeats them", err=True)
        return
    values = [each.value for each in samples]
    content = writer.encode(values, is_pretty=True) if form == "json" else b"".join(map(writer.encode, values))
    if output is None or str(output) == "-":
        write_out(content)
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
