"""The measuring instrument sees each kind of fault: here the engine is made to have it."""

import contextlib
import itertools
import signal
from dataclasses import replace

import pytest
from hypothesis import strategies as st

from chime_fixtures.engine.contract import enumerate_edges, enumerate_violations
from chime_fixtures.engine.errors import UnsatisfiableSchemaError
from tests.support.conformance import harness
from tests.support.conformance.cases import Case
from tests.support.conformance.harness import CRASHED, DRIVEN, LATE, UNSATISFIABLE, run

SCHEMA = {"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}}, "required": ["a"]}
CASE = Case(
    "made:0", "made", "", SCHEMA, (({"a": "a"}, True), ({"a": "abcd"}, False), ({"a": 1}, False), ({}, False)), {}
)
PLACES = {
    ("maxLength", "#/properties/a/maxLength", ""),
    ("type", "#/properties/a/type", ""),
    ("required", "#/required", "a"),
}


def test_an_engine_without_fault_passes():
    """Each value is accepted, each violation is what it says, and each known place is reached."""
    found = run(CASE, values=3, draws=3)
    assert (found.status, found.refused_values, found.mislabelled, found.misplaced, found.effects) == (
        DRIVEN,
        [],
        [],
        [],
        [],
    )
    assert (found.places, found.missed, found.is_silent) == (PLACES, set(), False)
    assert found.drawn > 6
    assert found.violations > 3
    assert list(found.seconds) == ["compile", "draws", "values", "edges", "violations"]


@pytest.mark.parametrize(
    ("function", "stand_in"),
    [
        ("generate", lambda contract, **_: {"a": "abcd"}),
        ("from_schema", lambda contract: st.just({"a": "abcd"})),
        ("enumerate_edges", lambda contract: [replace(edge, instance={}) for edge in enumerate_edges(contract)[:1]]),
    ],
)
def test_an_invalid_value_is_seen(monkeypatch, function, stand_in):
    """Values, draws and edges all go before the judges."""
    monkeypatch.setattr(harness, function, stand_in)
    assert len(run(CASE, values=1, draws=1).refused_values) == 1


@pytest.mark.parametrize(
    "change",
    [{"pointer": ""}, {"keyword": "type"}, {"instance": {"a": "a"}}, {"instance": {"a": "abcd", "b": 1, "a\n": 0}}],
)
def test_a_wrong_label_is_seen(monkeypatch, change):
    """A violation at another place, of another keyword, or of none, is no violation as labelled."""
    right = enumerate_violations(SCHEMA, keyword="maxLength")[0]
    closed = replace(CASE, schema={**SCHEMA, "additionalProperties": {"type": "null"}})
    monkeypatch.setattr(harness, "enumerate_violations", lambda contract, **_: (replace(right, **change),))
    found = run(closed, values=0, draws=1)
    assert [label for label, _, _ in found.mislabelled] == [replace(right, **change).id]
    assert found.missed == PLACES


def test_a_wrong_place_of_the_schema_is_seen(monkeypatch):
    """A violation that names another subschema is counted apart."""
    right = enumerate_violations(SCHEMA, keyword="maxLength")[0]
    wrong = replace(right, schema_pointer="/maxLength")
    monkeypatch.setattr(harness, "enumerate_violations", lambda contract, **_: (wrong,))
    found = run(CASE, values=0, draws=1)
    assert (len(found.mislabelled), len(found.misplaced)) == (0, 1)


def test_silence_is_seen(monkeypatch):
    """A schema that can be broken, and is not, is silent."""
    monkeypatch.setattr(harness, "enumerate_violations", lambda contract, **_: ())
    assert run(CASE, values=0, draws=1).is_silent


def test_a_crash_is_seen(monkeypatch):
    """Any error that is not a refusal is a crash."""
    monkeypatch.setattr(harness, "enumerate_edges", lambda contract: next(iter([])))
    found = run(CASE, values=0, draws=1)
    assert (found.status, found.reason) == (CRASHED, "StopIteration: ")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the platform has no timer that stops a loop")
def test_a_hang_is_seen(monkeypatch):
    """What takes too long is stopped, also where it swallows every exception."""

    def hang(contract, **_):
        for _ in itertools.count():
            try:
                sum(range(1000))
            except Exception:
                continue

    monkeypatch.setattr(harness, "SECONDS", 0.2)
    monkeypatch.setattr(harness, "generate", hang)
    found = run(CASE, values=1, draws=1)
    assert (found.status, found.reason) == (LATE, "in values")


def test_a_false_claim_that_nothing_satisfies_is_seen(monkeypatch):
    """A schema with an accepted instance is not unsatisfiable."""

    def claim(contract):
        raise UnsatisfiableSchemaError("", "nothing")

    monkeypatch.setattr(harness, "from_schema", claim)
    found = run(CASE, values=1, draws=1)
    assert (found.status, found.is_wrong) == (UNSATISFIABLE, True)


def test_a_file_opened_on_the_way_is_seen(monkeypatch, tmp_path):
    """Compiling may not read anything, also where it gets over the failure."""
    (tmp_path / "a.json").write_text("{}")

    def read(self):
        with contextlib.suppress(PermissionError):
            (tmp_path / "a.json").read_text()
        raise UnsatisfiableSchemaError("", "nothing")

    monkeypatch.setattr(Case, "contract", read)
    assert len(run(CASE, values=1, draws=1).effects) == 1
