"""Our strategies against the collection: every wrong version is found, and no right one is blamed."""

import pytest

from chime_fixtures import enumerate_violations
from chime_fixtures.chime.contracts import load_contract
from tests.support.consumers.case import blames
from tests.support.consumers.collection import CASES, FAMILIES
from tests.support.consumers.feeds import ours
from tests.support.consumers.hunt import SEEDS, blamed, hunt

pytestmark = pytest.mark.slow

FEEDS = ("valid", "invalid", "lists")
BATCHES = [(family, feed) for family in FAMILIES for feed in FEEDS if any(c.feed == feed for c in FAMILIES[family])]


def fed_with(family, feed):
    return [case for case in FAMILIES[family] if case.feed == feed]


@pytest.mark.parametrize(("family", "feed"), BATCHES)
def test_every_wrong_version_is_found(family, feed):
    """Within 500 examples, in two seeds of three."""
    looked_for = fed_with(family, feed)
    found = dict.fromkeys((case.name for case in looked_for), 0)
    for seed in SEEDS:
        bag = hunt(getattr(ours(), feed), [case for case in looked_for if found[case.name] < 2], seed=seed)
        assert bag.false_alarms == {}
        for name in bag.found:
            found[name] += 1
    assert [name for name, times in found.items() if times < 2] == []


@pytest.mark.parametrize(("family", "feed"), BATCHES)
def test_no_right_version_is_blamed(family, feed):
    """What the right versions are fed with breaks none of their laws."""
    examples = 20 if family == "clients" else 200
    assert blamed(getattr(ours(), feed), fed_with(family, feed), seed=9, examples=examples) == {}


def test_the_catalogue_finds_every_lax_validator():
    """Whatever a draw comes to, among all the violations there is one that each lax validator lets through."""
    catalogue = [violation.instance for violation in enumerate_violations(load_contract("ProxySession"))]
    lax = [case for case in CASES if case.feed == "invalid"]
    missed = {case.name for case in lax if not any(blames(case.law, case.wrong, each) for each in catalogue)}
    assert missed == set()
    assert not any(blames(case.law, case.right, each) for case in lax for each in catalogue)


def test_the_collection_is_in_order():
    """At least forty consumers of four families, each with a name of its own."""
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 40
    assert len(FAMILIES) == 4
    assert all(case.right is not case.wrong for case in CASES)
