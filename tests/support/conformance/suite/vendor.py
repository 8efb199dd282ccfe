"""Writes the files beside it from an unpacked source distribution of `jsonschema`.

Run it with ``python tests/support/conformance/suite/vendor.py jsonschema-4.26.0``, and note the version in README.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DRAFTS = ("draft2020-12", "draft2019-09", "draft7", "draft6", "draft4")
FOLDERS = ("", "optional", "optional/format")
BASE = "http://localhost:1234/"


def groups(tests: Path) -> Iterator[dict[str, Any]]:
    """Each schema of a draft with its instances, without the comments."""
    for folder in FOLDERS:
        for path in sorted((tests / folder).glob("*.json")):
            for group in json.loads(path.read_text(encoding="utf-8")):
                yield {
                    "file": path.relative_to(tests).with_suffix("").as_posix(),
                    "description": group["description"],
                    "schema": group["schema"],
                    "tests": [[test["data"], test["valid"]] for test in group["tests"]],
                }


def remotes(folder: Path) -> Iterator[tuple[str, Any]]:
    """Each document that a schema of one of the drafts may refer to, by its URI."""
    paths = [path for path in folder.rglob("*.json") if not path.relative_to(folder).parts[0].startswith("draft")]
    paths += [path for draft in DRAFTS for path in (folder / draft).rglob("*.json")]
    for path in sorted({*paths, *folder.glob("draft*/ignore-*")}):
        yield BASE + path.relative_to(folder).as_posix(), json.loads(path.read_text(encoding="utf-8"))


def line(value: Any) -> str:
    """JSON in one line of ASCII, with the members in the order of the suite."""
    return json.dumps(value, separators=(",", ":")) + "\n"


def main() -> None:
    """Write a file for each draft, and one of the documents."""
    source = Path(sys.argv[1]) / "json"
    for draft in DRAFTS:
        (HERE / f"{draft}.ndjson").write_text("".join(map(line, groups(source / "tests" / draft))), encoding="ascii")
    (HERE / "remotes.ndjson").write_text("".join(map(line, remotes(source / "remotes"))), encoding="ascii")


if __name__ == "__main__":
    main()
