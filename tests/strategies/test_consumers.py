"""Our strategies against faulty consumers: each one is detected, and no correct one fails."""

import statistics

import pytest

from chime_fixtures import enumerate_lists, enumerate_violations
from chime_fixtures.chime.contracts import load_contract
from tests.support.consumers.collection import CONSUMERS, FAMILIES
from tests.support.consumers.consumer import fails
from tests.support.consumers.detection import MAX_EXAMPLES, SEEDS, detect, false_alarms
from tests.support.consumers.sources import own_strategies
from tests.support.sizes import IS_NIGHTLY, sample

pytestmark = pytest.mark.slow


def consumers_of(family, input_kind):
    return [consumer for consumer in FAMILIES[family] if consumer.input_kind == input_kind]


BATCHES = [
    (family, kind) for family in FAMILIES for kind in ("valid", "invalid", "lists") if consumers_of(family, kind)
]


@pytest.mark.parametrize("input_kind", dict.fromkeys(kind for _, kind in BATCHES))
def test_every_faulty_version_is_detected(input_kind):
    """Each is detected within 500 examples, for two seeds of three; by day, for one."""
    consumers = [consumer for family in FAMILIES for consumer in consumers_of(family, input_kind)]
    wanted = 2 if IS_NIGHTLY else 1
    detected = dict.fromkeys((consumer.name for consumer in consumers), 0)
    for seed in SEEDS:
        left = [consumer for consumer in consumers if detected[consumer.name] < wanted]
        detections = detect(getattr(own_strategies(), input_kind), left, seed=seed)
        assert detections.false_alarms == {}
        for name in detections.examples_needed:
            detected[name] += 1
    assert [name for name, seeds in detected.items() if seeds < wanted] == []


@pytest.mark.parametrize(("family", "input_kind"), BATCHES)
def test_no_correct_version_fails(family, input_kind):
    """The correct versions pass their checks for every example."""
    examples = 20 if IS_NIGHTLY and family == "clients" else 10 if family == "clients" else 200 if IS_NIGHTLY else 25
    strategy = getattr(own_strategies(), input_kind)
    assert false_alarms(strategy, consumers_of(family, input_kind), seed=9, examples=examples) == {}


def test_the_enumerated_violations_detect_every_lax_validator():
    """Each faulty validator accepts one of the enumerated violations; the correct ones reject them all."""
    violations = [violation.instance for violation in enumerate_violations(load_contract("ProxySession"))]
    lax = [consumer for consumer in CONSUMERS if consumer.input_kind == "invalid"]
    missed = {each.name for each in lax if not any(fails(each.check, each.faulty, one) for one in violations)}
    assert missed == set()
    assert not any(fails(each.check, each.correct, one) for each in lax for one in violations)


def instances_found(consumers, examples):
    """For each consumer, the index of the first example on which its faulty version fails; None if none does."""
    return {
        each.name: next((index for index, one in enumerate(examples) if fails(each.check, each.faulty, one)), None)
        for each in consumers
    }


def test_the_edges_and_hazards_detect_every_faulty_reader():
    """Each faulty version fails on an edge or a hazard, four of five on one of the first hundred; no correct one fails."""
    contract = load_contract("ProxySession")
    edges, hazards = ([each.instance for each in cases] for cases in (contract.edges, contract.hazards))
    for family in FAMILIES:
        consumers = consumers_of(family, "valid")
        found = instances_found(consumers, [*edges[:100], *hazards[:100], *edges[100:], *hazards[100:]])
        assert [name for name, index in found.items() if index is None] == []
        assert sum(index < 200 for index in found.values()) >= 0.8 * len(found)
        read = sample([*edges, *hazards], 10 if family == "clients" else 100)
        assert [each.name for each in consumers if any(fails(each.check, each.correct, one) for one in read)] == []


def test_the_enumerated_lists_detect_every_faulty_version():
    """Each faulty version fails on one of the lists, and four of five on one of the first hundred."""
    lists = [case.instance for case in enumerate_lists()]
    found = instances_found([each for each in CONSUMERS if each.input_kind == "lists"], lists)
    assert [name for name, index in found.items() if index is None] == []
    assert sum(index < 100 for index in found.values()) >= 0.8 * len(found)


@pytest.mark.parametrize("family", [family for family in FAMILIES if consumers_of(family, "lists")])
def test_no_correct_version_fails_on_an_enumerated_list(family):
    """The correct versions pass their checks for a sample of the lists; for all of them at night."""
    cases = sample(enumerate_lists(), 10 if family == "clients" else 60)
    consumers = consumers_of(family, "lists")
    alarms = [
        (each.name, one.id) for each in consumers for one in cases if fails(each.check, each.correct, one.instance)
    ]
    assert alarms == []


def test_the_first_violations_detect_most_lax_validators():
    """The first hundred violations detect four of five faulty validators."""
    violations = [violation.instance for violation in enumerate_violations(load_contract("ProxySession"))][:100]
    lax = [consumer for consumer in CONSUMERS if consumer.input_kind == "invalid"]
    detected = [each.name for each in lax if any(fails(each.check, each.faulty, one) for one in violations)]
    assert len(detected) >= 0.8 * len(lax)


@pytest.mark.skipif(not IS_NIGHTLY, reason="it takes a minute for each kind, and is run at night")
@pytest.mark.parametrize("input_kind", ["valid", "invalid"])
def test_examples_to_the_first_detection(input_kind):
    """The median of 21 seeds is at most 100 examples for each faulty version."""
    consumers = [consumer for consumer in CONSUMERS if consumer.input_kind == input_kind]
    strategy = getattr(own_strategies(), input_kind)
    needed = [detect(strategy, consumers, seed=seed).examples_needed for seed in range(21)]
    medians = {each.name: statistics.median(run.get(each.name, MAX_EXAMPLES) for run in needed) for each in consumers}
    assert {name: median for name, median in medians.items() if median > 100} == {}


def test_each_consumer_has_a_name_and_two_versions():
    """There are at least forty consumers of five families, with unique names and two different versions each."""
    names = [consumer.name for consumer in CONSUMERS]
    assert len(names) == len(set(names)) >= 40
    assert len(FAMILIES) == 5
    assert all(consumer.correct is not consumer.faulty for consumer in CONSUMERS)
