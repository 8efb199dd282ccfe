import jsonschema_rs
import pytest

from chime_fixtures.engine.cases.evolutions import unknown_parts
from chime_fixtures.engine.contract import Contract
from tests.support.schemas import session_contract

SESSION = session_contract()
CLOSED = {
    "type": "object",
    "properties": {"a": {"enum": ["x", None]}, "b": {"type": ["string", "object"]}, "c": {"const": "x"}},
    "additionalProperties": {"type": "string"},
}


def test_everything_that_is_open_may_grow():
    """Each object gets members of every JSON type, each enumeration constants; ids are unique."""
    evolutions = SESSION.evolutions
    grown, given = {}, set()
    for each in evolutions:
        if each.name is None:
            given.add("/".join(each.path))
        else:
            grown.setdefault("/".join(each.path), set()).add(type(each.value))
    assert grown == {path: {bool, str, type(None), dict, list} for path in ("", "GeoMatchParams", "Participants/*")}
    assert given == {"Status", "NumberSelectionBehavior", "GeoMatchLevel", "Capabilities/*"}
    assert len({each.id for each in evolutions}) == len(evolutions)


def test_what_is_new_is_told_by_its_place():
    """A member by its pointer, a constant with its value, in the instance's order; nothing of a known instance."""
    instance = {"Status": "Gone", "Participants": [{}, {"Rank": 1}], "Capabilities": ["SMS", "Fax"], "Labels": {"a": 1}}
    assert unknown_parts(SESSION.root, instance) == (
        "/Status is 'Gone'",
        "/Participants/1/Rank",
        "/Capabilities/1 is 'Fax'",
        "/Labels",
    )
    assert unknown_parts(SESSION.root, {"Status": "Open", "GeoMatchParams": {"Country": "", "AreaCode": ""}}) == ()


@pytest.mark.parametrize(
    ("schema", "instance", "news"),
    [
        (CLOSED, {"a": "x", "b": "q", "c": "x"}, ("/a is 'Suspended'", "/DisplayName")),
        (CLOSED, {"b": {"deep": 1}}, ("/DisplayName",)),
        ({"type": "object", "additionalProperties": False}, {}, ()),
        ({"type": "array", "items": {"enum": ["x"]}}, ["x", "x"], ("/0 is 'Suspended'", "/1 is 'Suspended'")),
    ],
)
def test_any_contract_may_evolve(schema, instance, news):
    """Only what is new is added, and only where nothing else forbids it."""
    found = Contract(schema).evolve(instance)
    assert unknown_parts(Contract(schema).root, found) == news
    judge = jsonschema_rs.Draft202012Validator(schema)
    assert {error.kind.name for error in judge.iter_errors(found)} <= {"enum"}
