"""The engine on the official suite: both validators confirm every value and every label."""

import functools
import socket

import pytest

from tests.support.conformance.cases import cases
from tests.support.conformance.harness import SUPPORTED, UNSATISFIABLE, UNSUPPORTED, run
from tests.support.conformance.side_effects import recorded_side_effects
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sizes import sample

pytestmark = [pytest.mark.slow, MAY_DECLARE_UNREACHED]

MIN_ANSWERED = 415 / 438
"""The share of the schemas that the engine supports, or calls unsatisfiable and rightly so."""
MIN_RECALL = 0.98
"""The share of the assertions known to be violable alone that our violations violate."""

# Thousands of edges and violations, each slow to validate: the benchmark has them.
METASCHEMAS = {"defs:0", "ref:6"}

FILES = list(dict.fromkeys(case.file for case in cases()))


@functools.cache
def outcome(case):
    """The result for a schema, once a process; the benchmark draws more."""
    return run(case, values=5, draws=5, catalogue=case.name not in METASCHEMAS)


@pytest.mark.parametrize("file", FILES)
def test_each_schema_is_supported_or_rejected_by_name(file):
    """A supported schema has valid values, and violations that break what their labels say; others raise an error."""
    for case in sample([case for case in cases() if case.file == file], 1):
        found = outcome(case)
        assert found.status in {SUPPORTED, UNSUPPORTED, UNSATISFIABLE}, f"{case.name} {found.status}: {found.reason}"
        assert not found.is_wrong, f"{case.name}: {found.reason}"
        assert (case.name, found.rejected_values) == (case.name, [])
        assert (case.name, found.mislabelled, found.misplaced) == (case.name, [], [])
        assert not found.lacks_violations or case.name in METASCHEMAS, (
            f"{case.name} has no violation, though {sorted(found.breakable)} can be violated"
        )
        assert (case.name, found.effects) == (case.name, [])


def test_support_and_recall_do_not_fall():
    """The shares of supported schemas, and of assertions that are violated alone, do not fall."""
    assert len(cases()) == 438
    # By day one of each file, as above: their outcomes are known.
    outcomes = [outcome(case) for file in FILES for case in sample([each for each in cases() if each.file == file], 1)]
    answered = sum(found.status in {SUPPORTED, UNSATISFIABLE} and not found.is_wrong for found in outcomes)
    assert answered >= MIN_ANSWERED * len(outcomes)
    supported = [found for found in outcomes if found.status == SUPPORTED]
    breakable = sum(len(found.breakable) for found in supported)
    assert sum(len(found.breakable - found.missed) for found in supported) >= MIN_RECALL * breakable


def test_side_effects_are_recorded(tmp_path):
    """Opening a file and connecting a socket are recorded and refused."""
    (tmp_path / "schema.json").write_text("{}")
    with recorded_side_effects() as effects:
        with pytest.raises(PermissionError):
            (tmp_path / "schema.json").read_text()
        with pytest.raises(PermissionError), socket.socket() as client:
            client.connect(("127.0.0.1", 9))
    assert (tmp_path / "schema.json").read_text() == "{}"
    assert [effect.partition(" ")[0] for effect in effects] == ["open", "socket.connect"]
