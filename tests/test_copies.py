"""Public objects and errors, copied and pickled."""

import copy
import datetime as dt
import importlib
import inspect
import pickle
import re
from pathlib import Path

import pytest
from faker import Faker

import chime_fixtures
from chime_fixtures import (
    ChimeProvider,
    ChimeStub,
    Policies,
    ProxySessionFactory,
    contract_from_botocore,
    enumerate_lists,
    service,
)
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from chime_fixtures.engine.errors import EngineError, Problem
from chime_fixtures.strategies import proxy_sessions
from tests.support.schemas import session_contract

SESSION = session_contract()
COPIES = {"deepcopy": copy.deepcopy, "copy": copy.copy, "pickle": lambda value: pickle.loads(pickle.dumps(value))}
RECORDS = {
    "violation": lambda: enumerate_violations({"type": "integer"})[0],
    "reported violation": lambda: SESSION.check({"Name": 5})[0],
    "list": lambda: enumerate_lists()[0],
    "edge": lambda: enumerate_edges({"type": "boolean"})[0],
    "constraints": lambda: SESSION.constraints,
    "evolutions": lambda: SESSION.evolutions,
    "policies": Policies,
    "request": lambda: service.Request("GET", "/"),
    "response": lambda: service.Response(200, {}, b""),
    "fault": lambda: service.TransportFault("timeout"),
    "call": lambda: service.Call(1, None, "GET", "/"),
    "problem": lambda: Problem("type", "/type", "is wrong"),
}


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_public_records_are_equal_to_their_copies(record, duplicate):
    """Violations, edges, constraints, policies, requests and responses."""
    assert duplicate(record()) == record()


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_objects_with_a_state_continue_from_it(duplicate):
    """The copy of a clock, of ids, of a provider and of a factory continues where the original is."""
    clock, ids, factory = service.Clock(dt.datetime(2020, 4, 15, tzinfo=dt.UTC)), service.Ids(1), ProxySessionFactory()
    clock.advance(days=1), ids.session_id(), factory.build()
    assert duplicate(clock).now() == clock.now()
    assert duplicate(ids).counts() == ids.counts()
    assert duplicate(factory).build() == factory.build()
    assert duplicate(ChimeProvider(Faker())).capabilities()
    assert duplicate(contract_from_botocore("chime-sdk-voice", "CreateProxySessionRequest")).is_valid({}) is False


OWNERS = {
    "stub": ChimeStub,
    "service": service.ChimeService,
    "server": lambda: ChimeStub().serve(),
    "builder": lambda: SESSION.builder,
    "catalogue": lambda: Contract({"type": "integer"}).catalogue,
    "validators": lambda: SESSION.validators,
    "normal form": lambda: SESSION.normal_form,
}


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("owner", OWNERS.values(), ids=OWNERS)
def test_what_owns_a_resource_can_not_be_copied(owner, duplicate):
    """A stub, a server and the parts of a contract say so, and the first ones name the alternative."""
    with pytest.raises(TypeError, match="can't be copied or pickled"):
        duplicate(owner())


def test_a_strategy_may_be_copied():
    """Its copy is the same strategy, by its representation."""
    assert repr(copy.deepcopy(proxy_sessions())) == repr(proxy_sessions())


ARGUMENTS = {
    "problems": [Problem("type", "/type", "is wrong")],
    "violations": SESSION.check({"Name": 5}),
    "known": ["a", "b"],
}


def error_classes():
    """Every class of error of the package."""
    top = Path(chime_fixtures.__file__).parent
    for file in sorted(top.rglob("*.py")):
        if re.search(r"^class \w+\(.*(Error|Exception)\b", file.read_text(encoding="utf-8"), re.MULTILINE):
            importlib.import_module(".".join(["chime_fixtures", *file.relative_to(top).with_suffix("").parts]))
    classes = [EngineError]
    for each in classes:
        classes.extend(each.__subclasses__())
    own = {each for each in classes if each.__module__.startswith("chime_fixtures.")}
    return sorted(own, key=lambda each: each.__qualname__)


def example(error_class):
    """An error with arguments for each parameter."""
    positional, keywords = [], {}
    for name, parameter in list(inspect.signature(error_class.__init__).parameters.items())[1:]:
        value = ARGUMENTS.get(name, f"the {name}")
        if parameter.kind is parameter.KEYWORD_ONLY:
            keywords[name] = value
        elif parameter.kind is not parameter.VAR_KEYWORD:
            positional.append(value)
    return error_class(*positional, **keywords)


@pytest.mark.parametrize("error_class", error_classes(), ids=lambda each: each.__name__)
def test_errors_may_be_copied_and_pickled(error_class):
    """A copy has the type, the message and the attributes of the error, as one that a worker raises."""
    error = example(error_class)
    for duplicate in COPIES.values():
        other = duplicate(error)
        assert (type(other), str(other), repr(vars(other))) == (type(error), str(error), repr(vars(error)))
