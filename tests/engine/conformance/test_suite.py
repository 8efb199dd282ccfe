"""The engine on the official suite: whatever it makes of a schema, both judges agree with it."""

import functools
import socket

import pytest

from tests.support.conformance.cases import cases
from tests.support.conformance.effects import noted
from tests.support.conformance.harness import DRIVEN, REFUSED, UNSATISFIABLE, run
from tests.support.sizes import sample

pytestmark = pytest.mark.slow

MIN_ANSWERED = 415 / 438
"""The share of the schemas that the engine supports, or rightly calls unsatisfiable."""
MIN_RECALL = 0.98
"""The share of the breakable locations that violations break."""

# Thousands of edges and violations, each slow to judge: the benchmark has them.
METASCHEMAS = {"defs:0", "ref:6"}

FILES = list(dict.fromkeys(case.file for case in cases()))


@functools.cache
def outcome(case):
    """What becomes of a schema, once a process; the benchmark draws more."""
    return run(case, values=5, draws=5, catalogue=case.name not in METASCHEMAS)


@pytest.mark.parametrize("file", FILES)
def test_all_that_is_made_is_what_it_is_called(file):
    """A schema is driven or refused; its values are valid, its violations as labelled, and it is never silent."""
    for case in sample([case for case in cases() if case.file == file], 3):
        found = outcome(case)
        assert found.status in {DRIVEN, REFUSED, UNSATISFIABLE}, f"{case.name} {found.status}: {found.reason}"
        assert not found.is_wrong, f"{case.name}: {found.reason}"
        assert (case.name, found.refused_values) == (case.name, [])
        assert (case.name, found.mislabelled, found.misplaced) == (case.name, [], [])
        assert not found.is_silent or case.name in METASCHEMAS, (
            f"{case.name} has no violation, though {sorted(found.places)} can be broken"
        )
        assert (case.name, found.effects) == (case.name, [])


def test_the_floors():
    """As many schemas are answered, and as many of the breakable places broken, as was reached before."""
    assert len(cases()) == 438
    outcomes = [outcome(case) for case in sample(cases(), 110)]
    answered = sum(found.status in {DRIVEN, UNSATISFIABLE} and not found.is_wrong for found in outcomes)
    assert answered >= MIN_ANSWERED * len(outcomes)
    driven = [found for found in outcomes if found.status == DRIVEN]
    places = sum(len(found.places) for found in driven)
    assert sum(len(found.places - found.missed) for found in driven) >= MIN_RECALL * places


def test_an_effect_is_noticed(tmp_path):
    """The watch that finds nothing while a schema is compiled does see a file and a connection, and stops both."""
    (tmp_path / "schema.json").write_text("{}")
    with noted() as effects:
        with pytest.raises(PermissionError):
            (tmp_path / "schema.json").read_text()
        with pytest.raises(PermissionError), socket.socket() as client:
            client.connect(("127.0.0.1", 9))
    assert (tmp_path / "schema.json").read_text() == "{}"
    assert [effect.partition(" ")[0] for effect in effects] == ["open", "socket.connect"]
