"""The command `sample`: write sample records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from chime_fixtures.cli import parameter_types
from chime_fixtures.cli.console import counted, display_path, write_out
from chime_fixtures.cli.options import EXIT_CODES, name_option, read_contract, schema_option

if TYPE_CHECKING:
    from chime_fixtures.engine.contract import Contract
    from chime_fixtures.sampling.folder import NamedRecord
    from chime_fixtures.sessions.options import SessionOptions

_DEFAULT_COUNT = 10
_PART_OPTIONS = ("part_size", "shard", "resume", "invalid_share", "malformed_share", "scheduler")
_PART_DEFAULTS = {"workers": 1, "engine": "process"}


@click.command("sample", epilog=EXIT_CODES)
@click.option(
    "--count",
    type=parameter_types.count,
    metavar="NUMBER",
    help="Number of records (1e9, 10M, 1_000); by default 10, or every violation, edge or hazard once.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed writes the same bytes.")
@click.option("--invalid", "kind", flag_value="invalid", help="Records that violate one constraint each.")
@click.option("--edges", "kind", flag_value="edges", help="Valid records at the boundaries of the contract.")
@click.option("--hazards", "kind", flag_value="hazards", help="Valid records that programs often mishandle.")
@click.option("--locale", multiple=True, help="Locale of names and telephone numbers: de_DE. May be repeated.")
@click.option("--state", "states", multiple=True, help="State of the sessions. May be repeated.")
@click.option("--connector", multiple=True, help="Voice Connector of the sessions. May be repeated.")
@click.option(
    "--since",
    type=parameter_types.timestamp,
    metavar="TIMESTAMP",
    help="Lower bound of CreatedTimestamp; with --schema, of all timestamps.",
)
@click.option(
    "--until", type=parameter_types.timestamp, metavar="TIMESTAMP", help="Exclusive upper bound of the same timestamps."
)
@click.option(
    "--format",
    "format_name",
    metavar="FORMAT",
    help="json, ndjson (or jsonl), csv or parquet; ndjson.gz, csv.zst. By default by the extension of -o or -d.",
)
@click.option(
    "-o",
    "--output",
    type=parameter_types.destination,
    metavar="FILE|URL",
    help="One file of all records; - is stdout.",
)
@click.option(
    "-d",
    "--output-dir",
    type=parameter_types.folder,
    metavar="FOLDER|URL",
    help="A folder with _manifest.json: one file for each record (json), or files of many records.",
)
@click.option(
    "--part-size", type=parameter_types.part_size, metavar="NUMBER", help="Records in one file.  [default: 500_000]"
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Number of processes.")
@click.option(
    "--engine",
    type=click.Choice(["process", "dask"]),
    default="process",
    show_default=True,
    help="Processes of this command, or Dask workers.",
)
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler; by default --engine dask starts a cluster.")
@click.option(
    "--shard", type=parameter_types.shard, metavar="K/N", help="Write every N-th file only, from the K-th: 3/16."
)
@click.option("--resume", is_flag=True, help="Continue in a folder with parts of the same sample.")
@click.option(
    "--invalid-share",
    type=parameter_types.share,
    metavar="SHARE",
    help="Share of records that violate one constraint: 0.02.",
)
@click.option(
    "--malformed-share",
    type=parameter_types.share,
    metavar="SHARE",
    help="Share of lines that are malformed JSON: 0.001.",
)
@click.option(
    "--timestamps",
    type=click.Choice(["text", "native"]),
    default="text",
    show_default=True,
    help="Column type of Parquet timestamps.",
)
@click.option(
    "--label-column",
    metavar="NAME",
    help="A last column of Parquet or CSV with the id of the violation; null for a valid record.",
)
@name_option
@schema_option
def command(
    count: int | None,
    seed: int,
    kind: str | None,
    format_name: str | None,
    output: str | None,
    output_dir: str | None,
    name: str,
    schema: str | None,
    **options: Any,
) -> None:
    """Write sample records: valid ones, violations, edges or hazards.

    Without -o or -d, the records go to standard output.
    """
    from chime_fixtures.sampling import file_formats, storage
    from chime_fixtures.sessions.options import SessionOptions
    from chime_fixtures.sessions.plan import is_session

    if output is not None and output_dir is not None:
        raise click.UsageError("--output and --output-dir cannot be combined; pass one of them")
    name_of_destination = storage.file_name(output if output is not None else (output_dir or "").rstrip("/"))
    format_name = (
        file_formats.resolve_format(name_of_destination, format_name, is_folder=output_dir is not None) or "json"
    )
    if kind is not None and output_dir is not None and format_name != "json":
        raise click.UsageError(f"--{kind} with --output-dir supports json, not {format_name}; pass --output instead")
    is_in_parts = output_dir is not None and format_name != "json"
    _check_usage(format_name, options, is_in_parts=is_in_parts)
    session_options = SessionOptions.of(
        locale=options["locale"],
        states=options["states"],
        since=options["since"],
        until=options["until"],
        connector=options["connector"],
    )
    contract = read_contract(name, schema)
    session_only = [option for option in ("locale", "states", "connector") if options[option]]
    if session_only and not is_session(contract):
        option = session_only[0].removesuffix("s")
        raise click.UsageError(f"--{option} requires proxy sessions, but the contract is {contract.name!r}")
    if is_in_parts:
        from chime_fixtures.cli.sample_job import write_parts

        write_parts(
            contract,
            output_dir or "",
            count=_DEFAULT_COUNT if count is None else count,
            seed=seed,
            session_options=session_options,
            format_name=format_name,
            **options,
        )
    elif output_dir is not None:
        _write_folder(contract, output_dir, kind, count, seed, session_options)
    elif kind is not None:
        _write_cases(contract, kind, count, seed, format_name, output)
    else:
        _write_file(
            contract,
            count,
            seed,
            session_options,
            format_name,
            output,
            native=options["timestamps"] == "native",
            label_column=options["label_column"],
        )


def _check_usage(format_name: str, options: dict[str, Any], *, is_in_parts: bool) -> None:
    """Raise a usage error for options that cannot be combined."""
    from chime_fixtures.sampling.file_formats import TABLES

    part_options = [name for name in _PART_OPTIONS if options[name]]
    part_options += [name for name, default in _PART_DEFAULTS.items() if options[name] != default]
    if part_options and not is_in_parts:
        option = part_options[0].replace("_", "-")
        raise click.UsageError(f"--{option} requires --output-dir and --format ndjson, csv or parquet")
    if options["malformed_share"] and not format_name.startswith("ndjson"):
        raise click.UsageError("--malformed-share requires --format ndjson: other formats do not have lines of JSON")
    if (options["invalid_share"] or 0) + (options["malformed_share"] or 0) > 1:
        raise click.UsageError("--invalid-share and --malformed-share must add up to at most 1; lower one of them")
    if options["scheduler"] and options["engine"] != "dask":
        raise click.UsageError("--scheduler requires --engine dask")
    if format_name != "parquet" and options["timestamps"] == "native":
        raise click.UsageError("--timestamps native requires --format parquet")
    if options["label_column"] is not None and format_name.partition(".")[0] not in TABLES:
        raise click.UsageError("--label-column requires --format parquet or csv")


def _write_folder(
    contract: Contract, folder: str, kind: str | None, count: int | None, seed: int, session_options: SessionOptions
) -> None:
    from chime_fixtures.sampling.folder import fingerprint, write_folder
    from chime_fixtures.sampling.storage import redacted

    about = {
        "contract": contract.name,
        "schema_sha256": fingerprint(contract.schema),
        "seed": seed,
        "kind": kind or "valid",
        # Violations, edges and hazards do not depend on them.
        **({"options": session_options.as_dict()} if kind is None else {}),
        **session_options.versions(),
    }
    records = _named_records(contract, kind, count, seed, session_options)
    written = counted(write_folder(folder, records, about=about), "record")
    click.echo(f"wrote {written} to {display_path(redacted(folder))}; repeat with --seed {seed}", err=True)


def _write_cases(
    contract: Contract, kind: str, count: int | None, seed: int, format_name: str, output: str | None
) -> None:
    from chime_fixtures.sampling.json_text import encode
    from chime_fixtures.sampling.storage import write_file

    if format_name not in ("json", "ndjson"):
        raise click.UsageError(f"--{kind} supports json and ndjson, not {format_name}")
    values = [each.value for each in _named_cases(contract, kind, count, seed)]
    content = encode(values, is_pretty=True) if format_name == "json" else b"".join(map(encode, values))
    if output is None or output == "-":
        write_out(content)
    else:
        write_file(output, content)


def _write_file(
    contract: Contract,
    count: int | None,
    seed: int,
    session_options: SessionOptions,
    format_name: str,
    output: str | None,
    *,
    native: bool,
    label_column: str | None,
) -> None:
    from chime_fixtures.sampling.job import Job, Sample
    from chime_fixtures.sampling.storage import redacted

    number = _DEFAULT_COUNT if count is None else count
    job = Job(
        "",
        number,
        contract.document,
        contract_name=contract.name,
        options=session_options,
        seed=seed,
        format_name=format_name,
        native_timestamps=native,
        label_column=label_column,
    )
    sample = Sample(job, contract)
    if output is None or output == "-":
        for chunk in sample.chunks():
            write_out(chunk)
        return
    sample.write(output)
    click.echo(
        f"wrote {counted(number, 'record')} to {display_path(redacted(output))}; repeat with --seed {seed}", err=True
    )


def _named_records(
    contract: Contract, kind: str | None, count: int | None, seed: int, session_options: SessionOptions
) -> Iterator[NamedRecord]:
    from chime_fixtures.sampling.folder import NamedRecord
    from chime_fixtures.sampling.records import Records

    if kind is not None:
        yield from _named_cases(contract, kind, count, seed)
        return
    number = _DEFAULT_COUNT if count is None else count
    width = len(str(number))
    records = Records(contract, session_options.plan(contract, seed), seed=seed)
    for index, value in enumerate(records.between(0, number), 1):
        yield NamedRecord(value, f"{index:0{width}d}", {})


def _named_cases(contract: Contract, kind: str, count: int | None, seed: int) -> Iterator[NamedRecord]:
    from chime_fixtures.sampling.folder import NamedRecord

    cases = _cases(contract, kind)
    number = len(cases) if count is None else count
    for index in range(number if cases else 0):
        # Without a count the cases keep their order; with one, the seed chooses the first.
        chosen = cases[index if count is None else (index + seed) % len(cases)]
        case = chosen.copy() if kind == "invalid" else chosen
        repetition = index // len(cases)
        yield NamedRecord(case.instance, f"{case.id}.{repetition + 1}" if repetition else case.id, _label(case))


def _cases(contract: Contract, kind: str) -> Sequence[Any]:
    if kind == "edges":
        return contract.edges
    if kind == "hazards":
        return contract.hazards
    return contract.catalogue.in_order_of_coverage()


def _label(case: Any) -> dict[str, Any]:
    return (
        case.as_dict() if hasattr(case, "as_dict") else {"id": case.id, "instanceLocation": case.pointer, "valid": True}
    )
