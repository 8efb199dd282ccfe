import jsonschema_rs
import pytest

from chime_fixtures.engine.cases.evolutions import MAX_EVOLUTIONS, unknown_parts
from chime_fixtures.engine.contract import Contract
from tests.support.schemas import session_contract

SESSION = session_contract()
CLOSED = {
    "type": "object",
    "properties": {"a": {"enum": ["x", None]}, "b": {"type": ["string", "object"]}, "c": {"const": "x"}},
    "additionalProperties": {"type": "string"},
}


def test_open_objects_and_enumerations_evolve():
    """Each object gets properties of several JSON types and each enumeration gets constants; ids are unique."""
    evolutions = SESSION.evolutions
    member_types, enumerations = {}, set()
    for each in evolutions:
        if each.name is None:
            enumerations.add("/".join(each.path))
        else:
            member_types.setdefault("/".join(each.path), set()).add(type(each.value))
    assert member_types == {
        path: {bool, str, type(None), dict, list} for path in ("", "GeoMatchParams", "Participants/*")
    }
    assert enumerations == {"Status", "NumberSelectionBehavior", "GeoMatchLevel", "Capabilities/*"}
    assert len({each.id for each in evolutions}) == len(evolutions)


def test_unknown_parts_have_pointers():
    """A property is reported by its pointer, a constant with its value, in the instance's order."""
    instance = {"Status": "Gone", "Participants": [{}, {"Rank": 1}], "Capabilities": ["SMS", "Fax"], "Labels": {"a": 1}}
    assert unknown_parts(SESSION.root, instance) == (
        "/Status is 'Gone'",
        "/Participants/1/Rank",
        "/Capabilities/1 is 'Fax'",
        "/Labels",
    )
    assert unknown_parts(SESSION.root, {"Status": "Open", "GeoMatchParams": {"Country": "", "AreaCode": ""}}) == ()


@pytest.mark.parametrize(
    ("schema", "instance", "unknown"),
    [
        (CLOSED, {"a": "x", "b": "q", "c": "x"}, ("/a is 'Suspended'", "/DisplayName")),
        (CLOSED, {"b": {"deep": 1}}, ("/DisplayName",)),
        ({"type": "object", "additionalProperties": False}, {}, ()),
        ({"type": "array", "items": {"enum": ["x"]}}, ["x", "x"], ("/0 is 'Suspended'", "/1 is 'Suspended'")),
    ],
)
def test_an_instance_evolves_where_the_schema_is_open(schema, instance, unknown):
    """Only evolutions that violate at most an enumeration are applied."""
    evolved = Contract(schema).evolve(instance)
    assert unknown_parts(Contract(schema).root, evolved) == unknown
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert {error.kind.name for error in validator.iter_errors(evolved)} <= {"enum"}


def test_a_mutually_recursive_schema_has_a_bounded_number_of_evolutions():
    """In the meta-schema paths branch at each level: the evolutions of the outer locations are kept."""
    evolutions = Contract({"$ref": "https://json-schema.org/draft/2020-12/schema"}).evolutions
    assert len(evolutions) == MAX_EVOLUTIONS
    assert [len(each.path) for each in evolutions] == sorted(len(each.path) for each in evolutions)
