"""Values of last resort: the search for one valid value is bounded, however large the values become."""

import pytest

from chime_fixtures.engine.contract import Contract
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
