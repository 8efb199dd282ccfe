"""The order of violations, of which a prefix has most kinds of mistakes."""

from chime_fixtures.engine.enumeration import enumerate_violations, iter_violations
from tests.support.schemas import session_contract

NUMBER = {"type": "string", "pattern": "^[1-9][0-9]{3,5}$"}


def test_each_kind_of_mistake_of_a_definition_comes_at_one_location_first():
    """Two locations of one definition share the kinds; those that both have are repeated at the end."""
    schema = {
        "$defs": {"number": NUMBER},
        "properties": {name: {"$ref": "#/$defs/number"} for name in ("a", "b")},
    }
    violations = [each for each in enumerate_violations(schema) if each.pointer]
    kinds = [(each.keyword, each.variant) for each in violations]
    distinct = len(set(kinds))
    assert len(kinds) == 2 * distinct
    assert len(set(kinds[:distinct])) == distinct
    assert {each.pointer for each in violations[:4]} == {"/a", "/b"}


def test_frequent_mistakes_come_first():
    """A value of another type and one character too many come before exotic ones; the schema's order decides the rest."""
    schema = {"properties": {"a": NUMBER, "b": {"type": "integer", "minimum": 1}}}
    ids = [each.id for each in enumerate_violations(schema)]
    assert ids[:4] == ["a.type.integer", "a.pattern.one-more", "b.type.as-text", "b.minimum"]
    assert ids.index("a.pattern.trailing-newline") < ids.index("a.pattern.two-lines")


def test_the_order_has_the_same_violations():
    """Every violation of the schema's order is there once."""
    assert sorted(each.id for each in enumerate_violations(session_contract())) == sorted(
        each.id for each in iter_violations(session_contract())
    )
    assert [each.id for each in enumerate_violations(session_contract(), pointer="/Status")][:2] == [
        "Status.enum",
        "Status.enum.lower-case",
    ]
