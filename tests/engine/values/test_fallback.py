"""Values of last resort: the search for one valid value is bounded, however large the values become."""

import jsonschema_rs
import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.errors import NoValueFoundError
from chime_fixtures.engine.values import Builder, builder

TREE = {"type": "object", "required": ["v"], "properties": {"v": {"type": "null"}}}
BRANCHING = {
    "two lists": {"a": {"type": "array", "items": {"$ref": "#"}, "minItems": 2},
                  "b": {"type": "array", "items": {"$ref": "#"}, "minItems": 2}},
    "three properties": {name: {"$ref": "#"} for name in "abc"},
    "a list": {"a": {"type": "array", "items": {"$ref": "#"}, "minItems": 4}},
}  # fmt: skip


@pytest.mark.parametrize("properties", BRANCHING.values(), ids=BRANCHING)
def test_deep_values_are_limited(monkeypatch, properties):
    """Deep values of a branching schema are exponentially large; those with too many choices are abandoned."""
    monkeypatch.setattr(builder, "MAX_FALLBACK_CHOICES", 300)
    contract = Contract({**TREE, "properties": TREE["properties"] | properties})
    judged = []
    values = Builder(contract.root, lambda value: judged.append(len(str(value))))
    with pytest.raises(NoValueFoundError, match="300 choices for a value"):
        values.require_value()
    assert max(judged) < 30_000


def test_all_choices_are_limited(monkeypatch):
    """Values that are not deep may be large, too, and each takes time."""
    monkeypatch.setattr(builder, "MAX_ALL_FALLBACK_CHOICES", 2000)
    contract = Contract({"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 100})
    judged = []
    values = Builder(contract.root, judged.append)
    with pytest.raises(NoValueFoundError, match="2000 choices for values"):
        values.require_value()
    assert len(judged) < 30


def test_values_of_a_deep_schema_stay_small():
    """Beside the deepest part others may be as deep; values keep to few choices and are valid."""
    levels = 16
    schema = {
        "$ref": "#/$defs/level0",
        "$defs": {
            f"level{level}": {
                "type": "object",
                "required": ["deep"],
                "properties": {
                    "deep": {"$ref": f"#/$defs/level{level + 1}"},
                    "list": {"type": "array", "items": {"$ref": f"#/$defs/level{level + 1}"}, "minItems": 3},
                },
            }
            for level in range(levels)
        }
        | {f"level{levels}": {"type": "integer"}},
    }
    contract = Contract(schema)
    judge = jsonschema_rs.Draft202012Validator(schema)
    values = [generate(contract, seed=0, index=index) for index in range(10)]
    assert all(map(judge.is_valid, values))
    assert max(len(str(value)) for value in values) < 100_000
    assert any("list" in value for value in values)
