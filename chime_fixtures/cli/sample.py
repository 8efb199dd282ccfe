"""The command that writes sample records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chime_fixtures.cli import parameter_types
from chime_fixtures.cli.console import show, write_out
from chime_fixtures.cli.options import EXIT_CODES, name_option, read_contract, schema_option

if TYPE_CHECKING:
    from chime_fixtures.engine.contract import Contract
    from chime_fixtures.sampling.folder import Sample
    from chime_fixtures.sessions.options import SessionOptions

_IN_PARTS = ("part_size", "shard", "resume", "invalid_share", "malformed_share", "scheduler")
_USUAL = {"workers": 1, "engine": "process"}


@click.command("sample", epilog=EXIT_CODES)
@click.option(
    "--count",
    type=parameter_types.count,
    metavar="NUMBER",
    help="How many records (1e9, 10M, 1_000); without it 10, or the catalogue once.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same bytes.")
@click.option("--invalid", "kind", flag_value="invalid", help="Records that break one constraint each.")
@click.option("--edges", "kind", flag_value="edges", help="Valid records at the edges of the contract.")
@click.option("--locale", multiple=True, help="Whose names and numbers sessions have: de_DE. May be repeated.")
@click.option("--state", "states", multiple=True, help="A state that sessions may be in. May be repeated.")
@click.option("--connector", multiple=True, help="A Voice Connector of the sessions. May be repeated.")
@click.option(
    "--since",
    type=parameter_types.instant,
    metavar="INSTANT",
    help="The first instant: of creation, or of any timestamp under --schema.",
)
@click.option("--until", type=parameter_types.instant, metavar="INSTANT", help="The instant that all come before.")
@click.option(
    "--format",
    "form",
    metavar="FORMAT",
    help="json, ndjson (or jsonl), csv or parquet; ndjson.gz, csv.zst. Else by -o's ending.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="One file for all; - is standard output."
)
@click.option(
    "-d",
    "--output-dir",
    metavar="FOLDER|URL",
    help="A folder: with json a file for each record, else files of many records; with manifest.json.",
)
@click.option(
    "--part-size", type=parameter_types.part_size, metavar="NUMBER", help="Records of a file.  [default: 500_000]"
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that write.")
@click.option("--engine", type=click.Choice(["process", "dask"]), default="process", show_default=True)
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler; without it, --engine dask starts its own.")
@click.option(
    "--shard", type=parameter_types.shard, metavar="K/N", help="Write only every 16th file, from the third on: 3/16."
)
@click.option("--resume", is_flag=True, help="Go on with a folder that was begun.")
@click.option(
    "--invalid-share",
    type=parameter_types.share,
    metavar="SHARE",
    help="Of the records, how many break one constraint: 0.02.",
)
@click.option(
    "--malformed-share",
    type=parameter_types.share,
    metavar="SHARE",
    help="Of the lines, how many are broken JSON: 0.001.",
)
@click.option("--raw", is_flag=True, help="Parquet: one column of JSON text.")
@click.option("--timestamps", type=click.Choice(["text", "native"]), default="text", help="Parquet: how they are held.")
@name_option
@schema_option
def command(
    count: int | None,
    seed: int,
    kind: str | None,
    form: str | None,
    output: Path | None,
    output_dir: str | None,
    name: str,
    schema: str | None,
    **options: Any,
) -> None:
    """Write sample records."""
    from chime_fixtures.sampling import file_formats
    from chime_fixtures.sessions.options import SessionOptions
    from chime_fixtures.sessions.plan import is_session

    if output is not None and output_dir is not None:
        raise click.UsageError("--output and --output-dir exclude each other")
    form = file_formats.form_of(output.name if output is not None else "", form) or "json"
    asked = [name for name in _IN_PARTS if options[name]]
    asked += [name for name, usual in _USUAL.items() if options[name] != usual]
    is_in_parts = output_dir is not None and form != "json" and kind is None
    if asked and not is_in_parts:
        option = asked[0].replace("_", "-")
        raise click.UsageError(f"--{option} needs --output-dir and --format ndjson, csv or parquet")
    if options["malformed_share"] and not form.startswith("ndjson"):
        raise click.UsageError("--malformed-share needs --format ndjson: no other format has lines to break")
    if (options["invalid_share"] or 0) + (options["malformed_share"] or 0) > 1:
        raise click.UsageError("--invalid-share and --malformed-share are more than all records together")
    if options["scheduler"] and options["engine"] != "dask":
        raise click.UsageError("--scheduler needs --engine dask")
    if form != "parquet" and (options["raw"] or options["timestamps"] == "native"):
        option = "--raw" if options["raw"] else "--timestamps native"
        raise click.UsageError(f"{option} needs --format parquet")
    wishes = SessionOptions.of(
        locale=options["locale"],
        states=options["states"],
        since=options["since"],
        until=options["until"],
        connector=options["connector"],
    )
    contract = read_contract(name, schema)
    of_sessions = [option for option in ("locale", "states", "connector") if options[option]]
    if of_sessions and not is_session(contract):
        raise click.UsageError(
            f"--{of_sessions[0].removesuffix('s')} is for proxy sessions, which {contract.name!r} is not"
        )
    if is_in_parts:
        from chime_fixtures.cli.sample_job import write_parts

        is_shipped = schema is None
        write_parts(contract, is_shipped, output_dir or "", count=count, seed=seed, wishes=wishes, form=form, **options)
    elif output_dir is not None:
        _write_folder(contract, Path(output_dir), kind, count, seed, wishes)
    elif kind is not None:
        _write_catalogue(contract, kind, count, seed, form, output)
    else:
        _write_file(contract, count, seed, wishes, form, output, options)


def _write_folder(
    contract: Contract, folder: Path, kind: str | None, count: int | None, seed: int, wishes: SessionOptions
) -> None:
    from chime_fixtures.sampling import folder as writer
    from chime_fixtures.sampling import job

    about = {
        "contract": contract.name,
        "schema_sha256": writer.fingerprint(contract.schema),
        "seed": seed,
        "kind": kind or "valid",
        # A catalogue has none.
        **({"wishes": wishes.as_dict()} if kind is None else {}),
        **job.versions(),
    }
    samples = _samples(contract, kind, count, seed, wishes)
    number = writer.write_folder(folder, samples, about=about)
    click.echo(f"wrote {number} records to {show(folder)}; repeat them with --seed {seed}", err=True)


def _write_catalogue(
    contract: Contract, kind: str, count: int | None, seed: int, form: str, output: Path | None
) -> None:
    from chime_fixtures.sampling import folder as writer

    if form not in ("json", "ndjson"):
        raise click.UsageError(f"--{kind} writes json or ndjson, not {form}")
    values = [each.value for each in _cases(contract, kind, count, seed)]
    content = writer.encode(values, is_pretty=True) if form == "json" else b"".join(map(writer.encode, values))
    if output is None or str(output) == "-":
        write_out(content)
    else:
        writer.write_whole(output, content)


def _write_file(
    contract: Contract,
    count: int | None,
    seed: int,
    wishes: SessionOptions,
    form: str,
    output: Path | None,
    options: dict[str, Any],
) -> None:
    from chime_fixtures.sampling import single_file

    number = 10 if count is None else count
    corpus = single_file.prepare(
        contract, number, seed, wishes, form, raw=options["raw"], native=options["timestamps"] == "native"
    )
    if output is None or str(output) == "-":
        for chunk in single_file.chunks(corpus):
            write_out(chunk)
        return
    single_file.write(corpus, output)
    click.echo(f"wrote {number} records to {show(output)}; repeat them with --seed {seed}", err=True)


def _samples(
    contract: Contract, kind: str | None, count: int | None, seed: int, wishes: SessionOptions
) -> Iterator[Sample]:
    from chime_fixtures.sampling.folder import Sample
    from chime_fixtures.sampling.records import Records

    if kind is not None:
        yield from _cases(contract, kind, count, seed)
        return
    number = 10 if count is None else count
    width = len(str(number))
    for index, value in enumerate(Records(contract, wishes.plan(contract, seed), seed=seed).between(0, number), 1):
        yield Sample(value, f"{index:0{width}d}", {})


def _cases(contract: Contract, kind: str, count: int | None, seed: int) -> Iterator[Sample]:
    from chime_fixtures.sampling.folder import Sample

    cases = _catalogue(contract, kind)
    number = len(cases) if count is None else count
    for index in range(number if cases else 0):
        # A whole catalogue comes in its own order; a part of one begins where the seed says.
        case = cases[index if count is None else (index + seed) % len(cases)]
        turn = index // len(cases)
        yield Sample(case.instance, case.id if not turn else f"{case.id}.{turn + 1}", _label(case))


def _catalogue(contract: Contract, kind: str) -> tuple[Any, ...]:
    if kind == "edges":
        from chime_fixtures.engine.contract import enumerate_edges

        return enumerate_edges(contract)
    from chime_fixtures.engine.contract import enumerate_violations

    return enumerate_violations(contract)


def _label(case: Any) -> dict[str, Any]:
    return (
        case.as_dict() if hasattr(case, "as_dict") else {"id": case.id, "instanceLocation": case.pointer, "valid": True}
    )
