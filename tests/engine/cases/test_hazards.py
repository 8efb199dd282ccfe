"""Hazards, judged by both validators."""

import copy
import pickle
import re

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.enumeration import enumerate_hazards
from tests.support.schemas import session_contract


def test_every_hazard_is_valid_realises_itself_and_has_a_unique_id():
    """Both validators accept each hazard; its value is of its class; ids are unique without regard to case."""
    schema = session_contract().schema
    first = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    second = Draft202012Validator(schema, format_checker=FormatChecker())
    hazards = enumerate_hazards(schema)
    assert [
        each.id for each in hazards if not first.is_valid(each.instance) or not second.is_valid(each.instance)
    ] == []
    assert [each.id for each in hazards if not each.matches(json_pointer.resolve(each.instance, each.pointer))] == []
    assert len({each.id.casefold() for each in hazards}) == len(hazards)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", each.id) for each in hazards)
    assert pickle.loads(pickle.dumps(hazards)) == copy.deepcopy(hazards) == hazards
