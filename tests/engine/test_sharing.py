"""Contracts in several threads, copied and pickled."""

import collections
import copy
import json
import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.drafts import DRAFT_2020_12
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.strategies import from_schema, violations_of
from tests.support.drawing import drawn
from tests.support.schemas import session_contract
from tests.support.sizes import IS_NIGHTLY, sample

SCHEMAS = {
    "session": session_contract().schema,
    "tree": {
        "type": "object",
        "properties": {
            "Value": {"type": "string", "pattern": "^[a-z]{3,40}$"},
            "Children": {"type": "array", "items": {"$ref": "#"}},
        },
    },
    "union": {
        "anyOf": [{"const": number} for number in range(8)]
        + [{"type": "object", "additionalProperties": {"$ref": "#"}}]
    },
}
THREADS = 8


@pytest.fixture
def quick_switches():
    """Threads that take turns as often as possible."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.slow
@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_threads_may_share_a_new_contract(schema, quick_switches):
    """Values, violations and edges that threads request first, and at once, are those of one thread."""
    alone = Contract(schema)
    expected = (
        json.dumps([generate(alone, seed=1, index=index) for index in range(5)]),
        [violation.id for violation in enumerate_violations(alone)],
        [edge.id for edge in enumerate_edges(alone)],
    )
    for _ in range(3 if IS_NIGHTLY else 1):
        contract, barrier = Contract(schema), threading.Barrier(THREADS)

        def use(number, contract=contract, barrier=barrier):
            barrier.wait()
            if number % 3 == 0:
                return json.dumps([generate(contract, seed=1, index=index) for index in range(5)])
            if number % 3 == 1:
                return [violation.id for violation in enumerate_violations(contract)]
            return [edge.id for edge in enumerate_edges(contract)]

        with ThreadPoolExecutor(THREADS) as pool:
            results = list(pool.map(use, range(THREADS)))
        assert results == [expected[number % 3] for number in range(THREADS)]


def test_a_catalogue_is_computed_once_by_all_threads(quick_switches):
    """Every thread gets the same tuple of violations, not an equal one."""
    contract = Contract(SCHEMAS["tree"])
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda _: contract.catalogue, range(THREADS)))
    assert len(collections.Counter(map(id, found))) == 1


STRATEGIES = {
    "values": lambda: from_schema(SCHEMAS["tree"]),
    "values of a contract": lambda: from_schema(Contract(SCHEMAS["union"])),
    "violations": lambda: violations_of(SCHEMAS["tree"]),
    "violations of a contract": lambda: violations_of(Contract(SCHEMAS["session"]), contested=False),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(list(STRATEGIES), 1))
def test_threads_may_share_a_new_strategy(name, quick_switches):
    """Each thread gets the examples that a thread alone gets, also of the first draw."""

    def examples(strategy):
        return [repr(value) for value in drawn(strategy, 3)]

    strategy = STRATEGIES[name]
    expected = examples(strategy())
    shared, barrier = strategy(), threading.Barrier(4)

    def use(_):
        barrier.wait()
        return examples(shared)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(use, range(4))) == [expected] * 4


COPIES = {"deepcopy": copy.deepcopy, "copy": copy.copy, "pickle": lambda value: pickle.loads(pickle.dumps(value))}


@pytest.mark.slow
@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_a_contract_may_be_copied(schema, duplicate):
    """A copy has the same representation, values, violations and verdicts."""
    contract = Contract(SchemaDocument(schema, options=SchemaOptions(annotations=["x-ignored"])), name="Copied")
    enumerate_violations(contract)
    other = duplicate(contract)
    assert (repr(other), other.name, other.schema) == (repr(contract), contract.name, contract.schema)
    assert other.document.dialect is DRAFT_2020_12
    assert generate(other, seed=3) == generate(contract, seed=3)
    assert [each.id for each in enumerate_violations(other)] == [each.id for each in enumerate_violations(contract)]
