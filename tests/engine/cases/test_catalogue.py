"""The catalogue of large schemas: its work, its memory, and violations that are found one by one."""

import copy
import itertools
import pickle
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases import surroundings
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_hazards, enumerate_violations, iter_violations
from chime_fixtures.engine.schema.validators import Validators
from tests.support.large_schemas import SHAPES, members, required_members
from tests.support.sizes import IS_NIGHTLY, sample

MAX_GROWTH = 1.25
"""The cost of a violation in a schema of twice the size; a quadratic catalogue has 2."""

GROWING = [name for name in SHAPES if name not in ("deep", "mutual", "branches")]
"""The shapes whose violations are all alike: in a deep nest each is deeper, and a union has no more of them."""

SMALL = {"members": 40, "enumerations": 30, "definitions": 15}
"""Sizes at which a shape is counted in the quick tests."""


def calls_per_violation(schema):
    """Calls of Python functions, the same in each run, for each violation of a schema."""
    contract = Contract(schema)
    list(itertools.islice(iter_violations(contract), 1))
    calls, count = 0, 0

    def profile(frame, event, argument):  # the signature of a profile function
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        for _ in iter_violations(contract):
            count += 1
    finally:
        sys.setprofile(before)
    return calls / count


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *SMALL.items(),
        *(
            pytest.param(name, SHAPES[name][1] // (4 if IS_NIGHTLY else 8), marks=pytest.mark.slow)
            for name in sample(GROWING, 1)
        ),
    ],
)
def test_the_work_grows_with_the_violations(name, size):
    """In a schema of twice the size a violation takes as many calls, whatever the shape of the schema."""
    shape, _ = SHAPES[name]
    calls_per_violation(shape(2))  # what only the first run computes
    assert calls_per_violation(shape(2 * size)) < MAX_GROWTH * calls_per_violation(shape(size))


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(list(SHAPES), 6))
def test_parts_of_large_instances_have_the_label_of_the_whole(name):
    """Both validators report exactly the label for whole instances, of which the catalogue checked only parts."""
    schema = SHAPES[name][0](12)
    decisive = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    cross_check = Draft202012Validator(schema, format_checker=FormatChecker())
    violations = enumerate_violations(schema)
    for violation in violations[:: max(len(violations) // 60, 1)]:
        errors = list(decisive.iter_errors(violation.instance))
        assert {json_pointer.join(error.instance_path) for error in errors} == {violation.pointer}, violation.id
        assert {str(error.schema_path[-1]) for error in errors} == {violation.keyword}, violation.id
        others = {json_pointer.join(error.absolute_path) for error in cross_check.iter_errors(violation.instance)}
        assert others == (set() if violation.contested else {violation.pointer}), violation.id


def test_the_first_violation_needs_no_other(monkeypatch):
    """The first violations of a schema with a thousand members are checked alone."""
    checked = []
    check_part, violations = Validators.check_part, Validators.violations
    monkeypatch.setattr(
        Validators, "check_part", lambda *arguments, **options: checked.append(1) or check_part(*arguments, **options)
    )
    monkeypatch.setattr(Validators, "violations", lambda self, value: checked.append(1) or violations(self, value))
    contract = Contract(members(1000))
    found = list(itertools.islice(iter_violations(contract), 3))
    assert [each.id for each in found] == ["type.null", "type.boolean", "type.integer"]
    assert len(checked) == 3
    assert [each.id for each in itertools.islice(iter_violations(contract), 3)] == [each.id for each in found]
    assert len(checked) == 3


def test_selected_violations_are_those_of_the_whole_catalogue():
    """Options select from one sequence, in its order; `enumerate_violations` has the same ones in another order."""
    contract = Contract(members(5))
    every = list(iter_violations(contract))
    for options in ({}, {"keyword": "maxLength"}, {"pointer": "/m3"}, {"contested": False}):
        found = list(iter_violations(contract, **options))
        assert sorted(enumerate_violations(contract, **options), key=every.index) == found
    assert list(iter_violations(contract, keyword="maxLength")) == [
        each for each in every if each.keyword == "maxLength"
    ]
    assert list(iter_violations(contract, pointer="/m3")) == [each for each in every if each.pointer == "/m3"]


def test_instances_are_not_kept():
    """The violations of required members, each of which has all of them, need the memory of a few instances."""
    contract = Contract(required_members(120))
    count = sum(1 for _ in iter_violations(contract, keyword="type"))
    tracemalloc.start()
    size = 0
    for violation in iter_violations(contract):
        size = max(size, sys.getsizeof(violation.instance))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 500
    assert peak < 50 * size + 1500 * count


def objects_in_members(count):
    """Required members that are not only objects, whose parts are beyond the size of the full instance."""
    inner = {"type": "object", "properties": {"b": {"type": "integer"}, "c": {"type": "integer"}}}
    part = {"type": "object", "properties": {"a": inner}}
    names = [f"m{number}" for number in range(count)]
    return {"required": names, "properties": dict.fromkeys(names, part)}


def test_the_objects_around_a_location_are_shared():
    """The entries of one location after the other share the objects that no location is in."""
    entries = list(Contract(objects_in_members(130)).catalogue)
    originals = {id(entry.baseline.original): entry.baseline.original for entry in entries}
    assert len({entry.label.pointer for entry in entries}) > 60
    assert sum(isinstance(each, dict) and len(each) == 130 for each in originals.values()) < 5


def test_the_unchanged_members_are_not_checked_again(monkeypatch):
    """A valid instance for a location is checked at that location, not with all members around it."""
    checked = []
    violations = Validators.violations
    monkeypatch.setattr(Validators, "violations", lambda self, value: checked.append(value) or violations(self, value))
    contract = Contract(objects_in_members(130))
    violated = {entry.label.pointer for entry in contract.catalogue if entry.label.keyword != "required"}
    assert len(violated) > 60
    assert len([each for each in checked if len(each) == 130]) < 5


def test_baselines_are_forgotten_and_constructed_again(monkeypatch):
    """The violations are the same if the baselines of earlier locations are not remembered."""
    schema = objects_in_members(50)
    expected = [(each.id, each.instance) for each in iter_violations(Contract(schema))]
    monkeypatch.setattr(surroundings, "MAX_BASELINES", 1)
    assert [(each.id, each.instance) for each in iter_violations(Contract(schema))] == expected


@pytest.mark.slow
@pytest.mark.skipif(not IS_NIGHTLY, reason="it takes 20 seconds, and is run at night")
def test_instances_of_two_thousand_members_are_not_kept():
    """The whole catalogue of two thousand required members takes less than 200 MB; its instances are 1.6 GB."""
    contract = Contract(required_members(2000))
    tracemalloc.start()
    count = sum(1 for _ in iter_violations(contract))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 20_000
    assert peak < 200e6


def test_an_instance_belongs_to_the_caller():
    """Changing a violation changes neither another one, nor the same one when it is found again."""
    contract = Contract({"type": "object", "properties": {"a": {"enum": [["x"], ["y"]]}, "b": {"type": "string"}}})
    before = repr(enumerate_violations(contract))
    for violation in iter_violations(contract):
        if isinstance(violation.instance, dict):
            violation.instance.clear()
    for violation in enumerate_violations(contract):
        if isinstance(violation.instance, dict) and isinstance(violation.instance.get("a"), list):
            violation.instance["a"].append("changed")
    assert repr(enumerate_violations(contract)) == before


ENUMERATIONS = {"violations": enumerate_violations, "edges": enumerate_edges, "hazards": enumerate_hazards}


@pytest.mark.parametrize("enumerate_cases", ENUMERATIONS.values(), ids=ENUMERATIONS)
def test_an_instance_is_constructed_when_it_is_first_read(monkeypatch, enumerate_cases):
    """Each case of a large instance costs its label alone; its instance is constructed once."""
    contract = Contract(required_members(20))
    assert len(enumerate_cases(contract)) > 60
    copies = []
    copy_json = instances.copy_json
    monkeypatch.setattr(instances, "copy_json", lambda value: copies.append(value) or copy_json(value))
    case = enumerate_cases(contract)[-1]
    assert case.pointer
    assert copies == []
    assert case.instance is case.instance
    assert len(copies) == 2  # the valid instance, and the value in it


@pytest.mark.parametrize("enumerate_cases", ENUMERATIONS.values(), ids=ENUMERATIONS)
def test_an_instance_belongs_to_the_caller_of_the_enumeration(enumerate_cases):
    """Changing the instance of a case changes neither those of later enumerations nor those of other cases."""
    contract = Contract(required_members(3))
    before = repr(enumerate_cases(contract))
    for case in enumerate_cases(contract):
        if isinstance(case.instance, dict):
            case.instance["m0"] = "changed"
    assert repr(enumerate_cases(contract)) == before


def test_a_limit_belongs_to_the_caller(monkeypatch):
    """Changing the limit of a violation changes neither the schema nor later violations; it is copied when read."""
    schema = {"enum": ["a", {"b": [1]}], "anyOf": [{"const": "a"}, {"minProperties": 1}]}
    contract = Contract(schema)
    before = repr((schema, enumerate_violations(contract)))
    copies = []
    copy_json = instances.copy_json
    with monkeypatch.context() as patch:
        patch.setattr(instances, "copy_json", lambda value: copies.append(value) or copy_json(value))
        violations = enumerate_violations(contract)
        assert copies == []
        assert violations[0].limit is violations[0].limit
        assert copies.count(schema["enum"]) == 1
    for violation in violations:
        violation.limit.clear()
    assert repr((schema, enumerate_violations(contract))) == before


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, replace, lambda each: pickle.loads(pickle.dumps(each))]
)
@pytest.mark.parametrize("enumerate_cases", ENUMERATIONS.values(), ids=ENUMERATIONS)
def test_a_case_whose_instance_was_not_read_is_a_case(enumerate_cases, duplicate):
    """It is equal to one whose instance was read, and so are its copies."""
    contract = Contract(required_members(2))
    read = [(each.instance, each)[1] for each in enumerate_cases(contract)]
    assert list(map(duplicate, enumerate_cases(contract))) == read
    assert list(enumerate_cases(contract)) == read
    assert [repr(each) for each in enumerate_cases(contract)] == [repr(each) for each in read]


def test_a_violation_has_only_the_attributes_of_its_class():
    """An attribute that does not exist is an AttributeError, also before the instance is read."""
    violation = enumerate_violations(Contract({"type": "string"}))[0]
    with pytest.raises(AttributeError, match="'Violation' object has no attribute 'instances'"):
        _ = violation.instances


def test_threads_read_one_instance():
    """Threads that read the instance of one violation at the same time get one object."""
    violation = enumerate_violations(Contract(required_members(50)))[-1]
    barrier = threading.Barrier(4)

    def read(_):
        barrier.wait()
        return violation.instance

    with ThreadPoolExecutor(4) as executor:
        found = list(executor.map(read, range(4)))
    assert {id(each) for each in found} == {id(violation.instance)}


def test_an_interrupted_search_is_completed(monkeypatch):
    """After an error in the middle the catalogue continues where it was."""
    expected = [each.id for each in iter_violations(members(6))]
    contract = Contract(members(6))
    following = iter_violations(contract)
    found = [next(following).id for _ in range(20)]
    with monkeypatch.context() as patch:
        patch.setattr(Validators, "check_part", lambda *arguments, **options: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            next(following)
    assert [each.id for each in iter_violations(contract)] == expected
    assert found == expected[:20]


def test_one_object_at_several_locations_has_the_labels_of_each():
    """A schema that is built in Python may use one object for several subschemas."""
    name = {"type": "string", "minLength": 2}
    contract = Contract({"type": "object", "properties": {"a": name, "b": name, "c": {"items": name}}})
    assert [(each.keyword, each.schema_pointer) for each in contract.check({"b": "x"})] == [
        ("minLength", "/properties/b/minLength")
    ]
    violated = {each.schema_pointer for each in iter_violations(contract)}
    assert {"/properties/a/minLength", "/properties/b/minLength", "/properties/c/items/minLength"} <= violated
