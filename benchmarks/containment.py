"""Containment of schemas: `diff` on the pairs of a published data set, each pair with its label.

It guards three promises: nothing is called compatible that is labelled otherwise, few pairs are left without a proof,
and each break has a witness, which jsonschema-rs and jsonschema judge.

The data set is the folder `containment` of the repository sdbs-uni-p/JSONSchemaWitnessGeneration, with its 1331 files:

    python benchmarks/containment.py FOLDER

Each file is `{"allOf": [A, {"not": B}]}`. In `sat` it has a value, so that a value of A is not one of B; in `unsat` it
has none. References are those of the whole file. Some lead to a place that does not exist, and are corrected:
`#/allOf/0/` is `#/allOf/0`.
"""

from __future__ import annotations

import argparse
import collections
import json
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The checkout, not the installed package.
sys.path.insert(0, str(Path(__file__).parents[1]))

import jsonschema
import jsonschema_rs

from chime_fixtures.engine.diff import diff
from chime_fixtures.engine.errors import EngineError
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.options import SchemaOptions

EXPECTED = {"sat": "breaking", "unsat": "compatible"}
UNSUPPORTED = "unsupported"
INVALID_WITNESS = "breaking with a wrong witness"
DRAFTS = {"draft4": "4", "draft6": "6", "draft7": "7", "draft2019": "2019-09", "draft2020": "2020-12"}


@dataclass(frozen=True)
class Row:
    """The result for one file.

    Attributes:
        name: its name.
        label: its folder: `sat` or `unsat`.
        verdict: the verdict of the comparison.
        reason: the reason, if nothing is proved.
        seconds: the time that it took.
    """

    name: str
    label: str
    verdict: str
    reason: str
    seconds: float

    @property
    def is_wrong(self) -> bool:
        """True if the label is contradicted, or a witness is none."""
        return self.verdict == INVALID_WITNESS or {self.verdict, EXPECTED[self.label]} == {"breaking", "compatible"}


def rows(folder: Path) -> Iterator[Row]:
    """The results for the files of both labels."""
    for label in EXPECTED:
        for path in sorted((folder / label).glob("*.json")):
            yield measure(path.name, label, json.loads(path.read_text(encoding="utf-8")))


def measure(name: str, label: str, document: dict[str, Any]) -> Row:
    """The result for one file."""
    document = corrected(document)
    started = time.perf_counter()
    verdict, reason = UNSUPPORTED, ""
    try:
        options = SchemaOptions(dialect=DRAFTS.get(name.partition("_")[0], "auto"))
        first, second = (SchemaDocument(document, pointer=at, options=options) for at in ("/allOf/0", "/allOf/1/not"))
        found = diff(first, second, direction="request")
        verdict = found.verdict
        reason = "; ".join(change.summary for change in found.of("not proved"))
        if not all(is_witness(document, first, change.witness.instance) for change in found.breaking):
            verdict = INVALID_WITNESS
    except EngineError as error:
        reason = str(error).splitlines()[0]
    return Row(name, label, verdict, reason, time.perf_counter() - started)


def is_witness(document: dict[str, Any], first: SchemaDocument, value: Any) -> bool:
    """True if both validators, which read the whole file, accept the value."""
    draft = first.dialect.validator
    decisive = getattr(jsonschema_rs, draft)(document, validate_formats=True)
    published = getattr(jsonschema, draft)
    return bool(decisive.is_valid(value)) and bool(
        published(document, format_checker=published.FORMAT_CHECKER).is_valid(value)
    )


def corrected(value: Any) -> Any:
    """A document whose references have no slash at their end."""
    if isinstance(value, list):
        return [corrected(item) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/") and reference.endswith("/"):
        return {**value, "$ref": reference.rstrip("/")}
    return {name: corrected(item) for name, item in value.items()}


def table(found: list[Row]) -> list[str]:
    """The counts of each verdict by label, and the files without the expected one."""
    counts = collections.Counter((row.label, row.verdict) for row in found)
    verdicts = sorted({row.verdict for row in found})
    lines = [f"| label | files | {' | '.join(verdicts)} |", f"| --- | --- |{' --- |' * len(verdicts)}"]
    for label in EXPECTED:
        total = sum(row.label == label for row in found)
        cells = [str(counts[label, verdict]) for verdict in verdicts]
        lines.append(f"| {label} | {total} | {' | '.join(cells)} |")
    seconds = sorted(row.seconds for row in found)
    lines += ["", f"{len(found)} files, {sum(seconds):.1f} s; median {seconds[len(seconds) // 2]:.3f} s, "]
    lines[-1] += f"maximum {seconds[-1]:.1f} s"
    others = [row for row in found if row.verdict != EXPECTED[row.label]]
    return [*lines, *(f"{row.label}/{row.name}: {row.verdict}: {row.reason}" for row in others)]


def main() -> None:
    """Print the table; exits with 1 if a label is contradicted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    warnings.simplefilter("ignore")
    found = list(rows(parser.parse_args().folder))
    print("\n".join(table(found)))
    sys.exit(any(row.is_wrong for row in found))


if __name__ == "__main__":
    main()
