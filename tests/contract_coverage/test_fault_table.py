"""The fault table as a record: its order, its JSON and text forms, and its differences from a baseline."""

from __future__ import annotations

import json

import pytest

from chime_fixtures.contract_coverage.fault_table import Difference, FaultNote, FaultRow, FaultTable
from chime_fixtures.engine.errors import InvalidDocumentError

LIST = FaultRow("test_b.py::test", "ListProxySessions", 2, "throttle", "error surfaced", "ThrottledClientException: no")
CREATE = FaultRow("test_a.py::test", "CreateProxySession", 1, "timeout+commit", "assertion failed")
TABLE = FaultTable.of([LIST, CREATE], [FaultNote("test_c.py::test", "it uses @given")], ["test_c.py::test"])


def test_order():
    """Rows are ordered by test, so that the workers of a run need not finish in the same order."""
    assert FaultTable.of([CREATE, LIST], TABLE.notes, TABLE.tests) == TABLE
    assert [row.schedule for row in TABLE.rows] == ["CreateProxySession#1:timeout+commit", LIST.schedule]
    assert TABLE.counts["assertion failed"] == 1


def test_round_trip(tmp_path):
    """A table that was written is read as the same table."""
    TABLE.write(tmp_path / "faults.json")
    assert FaultTable.read(tmp_path / "faults.json") == TABLE
    FaultTable().write(tmp_path / "empty.json")
    assert FaultTable.read(tmp_path / "empty.json") == FaultTable()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not valid JSON"),
        ("[]", "must be a fault table"),
        ('{"version": 2}', "version is 2; only 1 is supported"),
        ('{"version": 1, "tests": [], "rows": [{"test": "x"}], "notes": []}', "must be a fault table"),
        (json.dumps({**TABLE.as_dict(), "rows": [{**TABLE.as_dict()["rows"][0], "outcome": "fine"}]}), "'fine'"),
    ],
)
def test_unreadable(tmp_path, content, message):
    """A file that is not a fault table is one error with its name."""
    (tmp_path / "faults.json").write_text(content)
    with pytest.raises(InvalidDocumentError, match=message):
        FaultTable.read(tmp_path / "faults.json")


def test_differences():
    """Changed, new and missing rows differ; the rows of tests that did not run do not."""
    changed = FaultRow(*LIST.key[:1], "ListProxySessions", 2, "throttle", "not settled")
    new = FaultRow(LIST.test, "ListProxySessions", 3, "throttle", "unaffected")
    now = FaultTable.of([changed, new], tests=["test_a.py::test"])
    assert now.differences(TABLE) == (
        Difference(CREATE.test, CREATE.schedule, "assertion failed", None),
        Difference(LIST.test, LIST.schedule, "error surfaced", "not settled"),
        Difference(LIST.test, new.schedule, None, "unaffected"),
    )
    assert FaultTable.of([changed]).updating(TABLE).rows == (CREATE, changed)
    assert not TABLE.differences(TABLE)


def test_text():
    """The text has one line a row, with the schedule that runs it; rows that need no look are folded or left out."""
    row = "  CreateProxySession#1:timeout+commit  assertion failed"
    assert TABLE.as_text(1).splitlines() == [
        "test_a.py::test",
        row,
        "test_b.py::test",
        "  ListProxySessions#2:throttle         error surfaced    ThrottledClientException: no",
        "test_c.py::test",
        "  not rerun: it uses @given",
    ]
    assert TABLE.as_text().splitlines() == [
        "test_a.py::test",
        row,
        "test_b.py::test",
        "  ListProxySessions#2 error surfaced: throttle",
        "test_c.py::test",
        "  not rerun: it uses @given",
    ]
    assert TABLE.as_text(-1).splitlines() == ["test_a.py::test", row]
    assert not FaultTable().as_text()
