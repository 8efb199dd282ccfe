"""pytest snippets of a contract's cases: complete test modules, each a head and a body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chime_fixtures.contract_coverage.contract_tree import ConstraintEntry, ContractNode
from chime_fixtures.engine import pointer as json_pointer

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


def constraint_body(node: ContractNode, entry: ConstraintEntry) -> str:
    """The tests of the violations and edges of a constraint."""
    name = _identifier([*json_pointer.split(node.pointer), entry.keyword or "presence"])
    parts = []
    if entry.violations:
        pointers = list(dict.fromkeys(each.pointer for each in entry.violations))
        selected = _selected("violations", pointers, entry.keyword)
        parts.append(_test("violation", selected, f"test_{name}_violations_are_rejected", is_valid=False))
    if entry.edges:
        pointers = list(dict.fromkeys(each.pointer for each in entry.edges))
        selected = _selected("edges", pointers, entry.keyword)
        parts.append(_test("edge", selected, f"test_{name}_edges_are_accepted", is_valid=True))
    return "\n".join(parts)


def hazards_body(node: ContractNode) -> str:
    """The test of the hazards of a location."""
    pointers = list(dict.fromkeys(each.pointer for each in node.hazards))
    name = _identifier([*json_pointer.split(node.pointer), "hazards"])
    return _test("hazard", _selected("hazards", pointers, None), f"test_{name}_are_accepted", is_valid=True)


def functions_of(entry: ConstraintEntry) -> tuple[str, ...]:
    """The functions that enumerate the cases of a constraint."""
    sets = {"enumerate_edges": entry.edges, "enumerate_violations": entry.violations}
    return tuple(name for name, cases in sets.items() if cases)


def _selected(kind: str, pointers: Sequence[str], keyword: str | None) -> str:
    """The expression for the cases of a set at some locations, of one keyword."""
    if kind == "violations" and len(pointers) == 1:
        return f"enumerate_violations(CONTRACT, pointer={pointers[0]!r}, keyword={keyword!r})"
    where = f"each.pointer == {pointers[0]!r}" if len(pointers) == 1 else f"each.pointer in {tuple(pointers)!r}"
    if kind == "violations":
        return f"[each for each in enumerate_violations(CONTRACT, keyword={keyword!r}) if {where}]"
    by_keyword = f" and each.keyword {'is' if keyword is None else '=='} {keyword!r}" if kind == "edges" else ""
    return f"[each for each in enumerate_{kind}(CONTRACT) if {where}{by_keyword}]"


def _test(case: str, selected: str, name: str, *, is_valid: bool) -> str:
    verdict = "" if is_valid else "not "
    return (
        f"\n{case.upper()}S = {selected}\n\n\n"
        f'@pytest.mark.parametrize("{case}", {case.upper()}S, ids=lambda case: case.id)\n'
        f"def {name}({case}):\n"
        f"    # Replace CONTRACT.is_valid by the code under test.\n"
        f"    assert {verdict}CONTRACT.is_valid({case}.instance), {case}.summary\n"
    )


def _identifier(parts: Iterable[str]) -> str:
    """A part of a function's name: words in lower case, of ASCII letters and digits."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", "_".join(parts))
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "value"
