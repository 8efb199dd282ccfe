"""The command `diff`: compare two contracts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from chime_fixtures.cli import parameter_types
from chime_fixtures.cli.console import counted, display_path, write_out
from chime_fixtures.cli.options import EXIT_CODES, reading_options, stored_options

if TYPE_CHECKING:
    from chime_fixtures.engine.diff.records import Change, ContractDiff


@click.command("diff", epilog=EXIT_CODES)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--direction",
    type=click.Choice(["request", "response", "both"]),
    default="both",
    show_default=True,
    help="request: NEW must accept each value of OLD; response: OLD must accept each value of NEW.",
)
@click.option(
    "-d",
    "--output-dir",
    type=parameter_types.folder,
    metavar="FOLDER|URL",
    help="A folder for the cases of what changed: witnesses, and edges and violations of changed constraints.",
)
@click.option(
    "--report",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="The format of the output.",
)
@click.option(
    "--declared-only",
    is_flag=True,
    help="Assume that a sender sends no property that its contract does not name, as for services.",
)
@reading_options
def command(old: str, new: str, direction: str, output_dir: str | None, report: str, *, declared_only: bool) -> None:
    """Compare two contracts, constraint by constraint; each break has a small witness.

    OLD and NEW are each a file (FILE[#/POINTER]), a model (MODULE:MODEL) or the name of a bundled contract; or both
    are OpenAPI documents (`openapi` is the bundled one), or AWS service models (service-2.json). A line has
    the verdict, the direction, the location with the constraint, and the witness, with tabs between them. Exits with 1
    if a change is breaking.
    """
    from chime_fixtures.engine.diff import diff

    found = diff(_read(old), _read(new), direction=cast(Any, direction), declared_only=declared_only)
    if output_dir is not None:
        _write_cases(found, output_dir, old, new)
    write_out(_REPORTS[report](found, old, new))
    if found.breaking:
        sys.exit(1)


def _read(name: str) -> Any:
    """The contract of a name: a bundled one, unless a file has that name; ``openapi`` is the bundled service."""
    from chime_fixtures.chime.contracts import bundled_service, contract_names, load_contract
    from chime_fixtures.engine.diff.contracts import read_source
    from chime_fixtures.engine.diff.services import openapi_service

    if not Path(name).exists():
        if name == "openapi":
            return openapi_service(*bundled_service())
        if name in contract_names():
            return load_contract(name)
    return read_source(name, folder=Path(), **stored_options())


def _write_cases(found: ContractDiff, folder: str, old: str, new: str) -> None:
    from chime_fixtures.engine.diff.cases import changed_cases
    from chime_fixtures.sampling.folder import NamedRecord, write_folder
    from chime_fixtures.sampling.storage import redacted

    records = [NamedRecord(case.instance, case.id, case.label) for case in changed_cases(found)]
    written = counted(write_folder(folder, records, about={"old": old, "new": new, "kind": "changes"}), "case")
    click.echo(f"wrote {written} to {display_path(redacted(folder))}", err=True)


def _text(found: ContractDiff, old: str, new: str) -> bytes:
    return "".join(f"{line}\n" for line in _lines(found)).encode()


def _lines(found: ContractDiff) -> Iterator[str]:
    from chime_fixtures.engine.pointer import printable

    for verdict in VERDICTS:
        for change in found.of(cast(Any, verdict)):
            witness = f"\t{_witness(change)}" if change.witness is not None else ""
            yield f"{verdict}\t{change.direction}\t{printable(change.summary)}{witness}"
    yield _counts(found)


def _counts(found: ContractDiff) -> str:
    counts = [f"{len(found.of(cast(Any, verdict)))} {verdict}" for verdict in VERDICTS]
    return f"{', '.join(counts)}, {found.unchanged} unchanged"


def _json(found: ContractDiff, old: str, new: str) -> bytes:
    from chime_fixtures.sampling.json_text import encode

    return encode({**found.as_dict(), "old": old, "new": new}, is_pretty=True)


def _markdown(found: ContractDiff, old: str, new: str) -> bytes:
    lines = [f"# {old} → {new}", "", f"{_counts(found)}.", ""]
    if found.changes:
        lines += ["| verdict | direction | constraint | witness |", "| --- | --- | --- | --- |"]
    for verdict in VERDICTS:
        for change in found.of(cast(Any, verdict)):
            witness = f"`{_cell(_witness(change))}`" if change.witness is not None else ""
            cells = [verdict, change.direction, _cell(change.summary), witness]
            lines.append(f"| {' | '.join(cells)} |")
    return ("\n".join(lines) + "\n").encode()


def _witness(change: Change) -> str:
    """The witness as JSON on one line; the middle of a long one is left out."""
    from chime_fixtures.engine.violation import quote

    assert change.witness is not None
    return quote(change.witness.instance, maximum=MAX_WITNESS_CHARACTERS)


def _cell(text: str) -> str:
    from chime_fixtures.engine.pointer import printable

    return printable(text).replace("|", "\\|")


MAX_WITNESS_CHARACTERS = 300
"""Characters of a witness in a report of text or Markdown; JSON and a folder have the whole value."""

VERDICTS = ("breaking", "not proved", "compatible")
"""The verdicts in the order of a report."""

_REPORTS = {"text": _text, "json": _json, "markdown": _markdown}
