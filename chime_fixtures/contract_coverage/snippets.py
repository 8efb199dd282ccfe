"""pytest snippets of a contract's cases: complete test modules, each a head and a body."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from chime_fixtures.contract_coverage.contract_tree import ConstraintEntry, ContractNode
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract

MAX_EXPRESSION_CHARACTERS = 400
"""The longest `repr` of a contract that the snippets have."""

_FILE = "file:"


class _Located(Protocol):
    @property
    def pointer(self) -> str: ...


_CONSTRUCTOR = re.compile(r"(load_contract|Contract)\b")


def head(expression: str, functions: Iterable[str]) -> str:
    """The imports and the contract that a body needs.

    Args:
        expression: the Python expression that makes the contract.
        functions: the functions that enumerate the cases of the body.
    """
    match = _CONSTRUCTOR.match(expression)
    names = sorted({*functions, *([match[1]] if match else [])}, key=str.lower)
    return f"import pytest\n\nfrom chime_fixtures import {', '.join(names)}\n\nCONTRACT = {expression}\n"


def expression_of(contract: Contract) -> str:
    """The Python expression that makes a contract; of a model or a long schema one that has to be completed."""
    document = contract.document
    text = repr(contract)
    if document.uri.startswith(_FILE):
        files = [_path(uri) for uri in (document.uri, *document.by_uri) if uri.startswith(_FILE)]
        path, *others = dict.fromkeys(files)
        options = document.options
        given: dict[str, Any] = {"pointer": document.pointer, "resources": others}
        given |= {
            "formats": dict(options.formats),
            "annotations": sorted(options.annotations),
            "strict": options.strict,
        }
        if options.dialect is not None:
            given["dialect"] = options.dialect.name
        arguments = "".join(f", {name}={value!r}" for name, value in given.items() if value)
        return f"Contract.from_file({_literal(path)}{arguments})"
    if text.startswith("Contract.of("):
        return f"{text}  # import it"
    if len(text) <= MAX_EXPRESSION_CHARACTERS and text != f"Contract({contract.name!r})":
        return text
    return f'Contract.of("schema.json")  # the schema of {contract.name!r}'


def _path(uri: str) -> str:
    """The path of a file, relative to the working directory if it is below it."""
    path = Path(url2pathname(urlsplit(uri).path))
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(path)


def constraint_body(node: ContractNode, entry: ConstraintEntry) -> str:
    """The tests of the violations and edges of a constraint."""
    name = _identifier([*json_pointer.split(node.pointer), entry.keyword or "presence"])
    keyword = "None" if entry.keyword is None else _literal(entry.keyword)
    parts = []
    if entry.violations:
        every = f"enumerate_violations(CONTRACT, keyword={keyword})"
        parts.append(_cases("violation", every, entry.violations, ""))
        parts.append(_test("violation", f"test_{name}_violations_are_rejected", is_valid=False))
    if entry.edges:
        condition = f" and each.keyword {'is' if entry.keyword is None else '=='} {keyword}"
        parts.append(_cases("edge", "enumerate_edges(CONTRACT)", entry.edges, condition))
        parts.append(_test("edge", f"test_{name}_edges_are_accepted", is_valid=True))
    return "\n".join(parts)


def hazards_body(node: ContractNode) -> str:
    """The test of the hazards of a location."""
    name = _identifier([*json_pointer.split(node.pointer), "hazards"])
    cases = _cases("hazard", "enumerate_hazards(CONTRACT)", node.hazards, "")
    return f"{cases}\n{_test('hazard', f'test_{name}_are_accepted', is_valid=True)}"


def functions_of(entry: ConstraintEntry) -> tuple[str, ...]:
    """The functions that enumerate the cases of a constraint."""
    sets = {"enumerate_edges": entry.edges, "enumerate_violations": entry.violations}
    return tuple(name for name, cases in sets.items() if cases)


def _cases(case: str, every: str, cases: Iterable[_Located], condition: str) -> str:
    """The assignment of the cases of a set that are at some locations."""
    pointers = list(dict.fromkeys(each.pointer for each in cases))
    constant = f"{case.upper()}S"
    if len(pointers) == 1:
        where, lines = f"== {_literal(pointers[0])}", [""]
    else:
        where = f"in {case.upper()}_POINTERS"
        lines = ["", f"{case.upper()}_POINTERS = {{", *(f"    {_literal(pointer)}," for pointer in pointers), "}"]
    return "\n".join([*lines, f"{constant} = [each for each in {every} if each.pointer {where}{condition}]"])


def _test(case: str, name: str, *, is_valid: bool) -> str:
    verdict = "" if is_valid else "not "
    return (
        "\n\n"
        f'@pytest.mark.parametrize("{case}", {case.upper()}S, ids=lambda case: case.id)\n'
        f"def {name}({case}):\n"
        f"    # Replace CONTRACT.is_valid by the code under test.\n"
        f"    assert {verdict}CONTRACT.is_valid({case}.instance), {case}.summary\n"
    )


def _literal(text: str) -> str:
    """A string literal, in double quotes where nothing has to be escaped."""
    is_plain = text.isascii() and text.isprintable() and not set(text) & {'"', "\\"}
    return f'"{text}"' if is_plain else repr(text)


def _identifier(parts: Iterable[str]) -> str:
    """A part of a function's name: words in lower case, of ASCII letters and digits."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", "_".join(parts))
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "value"
