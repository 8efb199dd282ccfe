"""The harness detects each kind of defect, which is injected into the engine."""

import contextlib
import gc
import itertools
import signal
import time
import weakref
from dataclasses import replace

import pytest
from hypothesis import strategies as st

from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from chime_fixtures.engine.errors import UnsatisfiableSchemaError
from tests.support.conformance import harness
from tests.support.conformance.cases import Case
from tests.support.conformance.harness import CRASHED, SUPPORTED, TIMED_OUT, UNSATISFIABLE, run
from tests.support.timing import OutOfTime, limited

SCHEMA = {"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}}, "required": ["a"]}
CASE = Case(
    "made:0", "made", "", SCHEMA, (({"a": "a"}, True), ({"a": "abcd"}, False), ({"a": 1}, False), ({}, False)), {}
)
ASSERTIONS = {
    ("maxLength", "#/properties/a/maxLength", ""),
    ("type", "#/properties/a/type", ""),
    ("required", "#/required", "a"),
}


def test_an_engine_without_defect_passes():
    """Each value is accepted, each label is confirmed, and each known assertion is violated."""
    found = run(CASE, values=3, draws=3)
    assert (found.status, found.rejected_values, found.mislabelled, found.misplaced, found.effects) == (
        SUPPORTED,
        [],
        [],
        [],
        [],
    )
    assert (found.breakable, found.missed, found.lacks_violations) == (ASSERTIONS, set(), False)
    assert found.drawn > 6
    assert found.violations > 3
    assert list(found.seconds) == ["compile", "draws", "values", "edges", "hazards", "violations"]


@pytest.mark.parametrize(
    ("function", "replacement"),
    [
        ("generate", lambda contract, **_: {"a": "abcd"}),
        ("from_schema", lambda contract: st.just({"a": "abcd"})),
        ("enumerate_edges", lambda contract: [replace(edge, instance={}) for edge in enumerate_edges(contract)[:1]]),
    ],
)
def test_an_invalid_value_is_detected(monkeypatch, function, replacement):
    """Values, draws and edges are all validated."""
    monkeypatch.setattr(harness, function, replacement)
    assert len(run(CASE, values=1, draws=1).rejected_values) == 1


@pytest.mark.parametrize(
    "change",
    [{"pointer": ""}, {"keyword": "type"}, {"instance": {"a": "a"}}, {"instance": {"a": "abcd", "b": 1, "a\n": 0}}],
)
def test_a_wrong_label_is_detected(monkeypatch, change):
    """A violation at another location, of another keyword, of none or of two is mislabelled."""
    right = enumerate_violations(SCHEMA, keyword="maxLength")[0]
    closed = replace(CASE, schema={**SCHEMA, "additionalProperties": {"type": "null"}})
    monkeypatch.setattr(harness, "enumerate_violations", lambda contract, **_: (replace(right, **change),))
    found = run(closed, values=0, draws=1)
    assert [label for label, _, _ in found.mislabelled] == [replace(right, **change).id]
    assert found.missed == ASSERTIONS


def test_a_wrong_schema_pointer_is_detected(monkeypatch):
    """A violation that names another subschema is misplaced, not mislabelled."""
    right = enumerate_violations(SCHEMA, keyword="maxLength")[0]
    wrong = replace(right, schema_pointer="/maxLength")
    monkeypatch.setattr(harness, "enumerate_violations", lambda contract, **_: (wrong,))
    found = run(CASE, values=0, draws=1)
    assert (len(found.mislabelled), len(found.misplaced)) == (0, 1)


def test_missing_violations_are_detected(monkeypatch):
    """A schema that can be violated lacks violations if the engine has none."""
    monkeypatch.setattr(harness, "enumerate_violations", lambda contract, **_: ())
    assert run(CASE, values=0, draws=1).lacks_violations


def test_a_crash_is_detected(monkeypatch):
    """Any exception that is not an error of the engine is a crash."""
    monkeypatch.setattr(harness, "enumerate_edges", lambda contract: next(iter([])))
    found = run(CASE, values=0, draws=1)
    assert (found.status, found.reason) == (CRASHED, "StopIteration: ")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the platform has no timer that stops a loop")
def test_a_hang_is_detected(monkeypatch):
    """A call that takes too long is stopped, even if it catches every exception."""

    def hang(contract, **_):
        for _ in itertools.count():
            try:
                sum(range(1000))
            except Exception:
                continue

    monkeypatch.setattr(harness, "MAX_SECONDS", 0.2)
    monkeypatch.setattr(harness, "generate", hang)
    found = run(CASE, values=1, draws=1)
    assert (found.status, found.reason) == (TIMED_OUT, "in values")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the platform has no timer that stops a loop")
@pytest.mark.parametrize("kind", ["garbage collector", "finaliser", "weak reference"])
def test_a_time_limit_is_reached_in_a_callback(kind):
    """Python drops the exceptions of such a callback; the limit is then raised again, and nothing is reported."""
    limit = 0.01

    def wait(*_):
        started = time.monotonic()
        while time.monotonic() - started < 2 * limit:
            pass

    class Finalised:
        def __del__(self):
            if kind == "finaliser":
                wait()

    collected = Finalised()
    references = [weakref.ref(collected, wait)] if kind == "weak reference" else []
    if kind == "garbage collector":
        gc.callbacks.append(wait)
    try:
        with pytest.raises(OutOfTime), limited(limit):
            del collected
            gc.collect()
            for _ in itertools.count():
                pass
    finally:
        references.clear()
        if wait in gc.callbacks:
            gc.callbacks.remove(wait)


def test_a_wrong_unsatisfiability_is_detected(monkeypatch):
    """A schema with a valid instance is not unsatisfiable."""

    def fail(contract):
        raise UnsatisfiableSchemaError("", "nothing")

    monkeypatch.setattr(harness, "from_schema", fail)
    found = run(CASE, values=1, draws=1)
    assert (found.status, found.is_wrong) == (UNSATISFIABLE, True)


def test_a_file_opened_while_compiling_is_detected(monkeypatch, tmp_path):
    """Compiling a schema may not read a file, even if it catches the error."""
    (tmp_path / "a.json").write_text("{}")

    def read(self):
        with contextlib.suppress(PermissionError):
            (tmp_path / "a.json").read_text()
        raise UnsatisfiableSchemaError("", "nothing")

    monkeypatch.setattr(Case, "contract", read)
    assert len(run(CASE, values=1, draws=1).effects) == 1
