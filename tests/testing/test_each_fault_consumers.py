"""`--chime-each-fault` tells each faulty client from its correct twin, by tests that inject nothing themselves."""

from __future__ import annotations

import pytest

import chime_fixtures.testing.each_fault  # noqa: F401  # before a run in process, which forgets its imports
from chime_fixtures.contract_coverage.fault_table import FaultTable
from tests.support.consumers import pagers
from tests.support.consumers.plain_checks import CHECKS, CONSUMERS, FAILING, LEVELS
from tests.support.nested import run_nested
from tests.support.sizes import sample

TESTS = """
import pytest
from tests.support.consumers.plain_checks import CHECKS, CONSUMERS, SESSIONS

@pytest.mark.parametrize("version", ["correct", "faulty"])
def test_it(chime_stub, version):
    for session in SESSIONS:
        chime_stub.add_session(session)
    CHECKS[{name!r}](getattr(CONSUMERS[{name!r}], version), chime_stub)
"""


def test_every_pager_has_a_check():
    """Of the clients, all those that read pages are tried, and those about faults."""
    assert CHECKS.keys() == CONSUMERS.keys() >= {each.name for each in pagers.CONSUMERS}


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(list(CHECKS), 2))
def test_twins_differ(pytester, name):
    """The rows of the faulty version differ from those of the correct one, in which no fault fails an assertion; twice."""
    pytester.makepyfile(test_it=TESTS.format(name=name))
    tables = []
    for file in ("first.json", "second.json"):
        level = f"--chime-each-fault={LEVELS.get(name, 'faults')}"
        options = (level, f"--chime-each-fault-baseline={file}", "--chime-each-fault-update")
        result = run_nested(pytester, "-q", *options)
        result.assert_outcomes(passed=2 - (name in FAILING), failed=int(name in FAILING))
        tables.append(FaultTable.read(pytester.path / file))
    table, second = tables
    assert second == table
    correct, faulty = (
        {row.schedule: row.outcome for row in table.rows if version in row.test} for version in ("correct", "faulty")
    )
    assert correct
    assert name in LEVELS or not {"assertion failed", "not settled"} & set(correct.values())
    assert faulty != correct
    assert (not faulty) == (name in FAILING)
