import typing

import pytest

from chime_fixtures import types
from chime_fixtures.contract import Contract
from chime_fixtures.contract.nodes import Constants, Objects


@pytest.mark.parametrize("name", ["ProxySession", "Participant", "GeoMatchParams"])
def test_each_shape_has_the_members_of_the_schema(name):
    """Members and required members are those of the schema, in its order."""
    root = Contract.load("ProxySession").root.shape(Objects)
    shape = {
        "ProxySession": root,
        "Participant": root.members["Participants"].shapes[0].items.shape(Objects),
        "GeoMatchParams": root.members["GeoMatchParams"].shape(Objects),
    }[name]
    described = getattr(types, name)
    assert list(described.__annotations__) == list(shape.members)
    assert described.__required_keys__ == set(shape.required)


@pytest.mark.parametrize("name", ["Status", "NumberSelectionBehavior", "GeoMatchLevel"])
def test_each_literal_has_the_constants_of_the_schema(name):
    """The constants of a literal are those of the enumeration, in its order."""
    node = Contract.load("ProxySession").root.shape(Objects).members[name]
    literal = getattr(types, {"Status": "ProxySessionStatus"}.get(name, name))
    assert typing.get_args(literal) == node.shape(Constants).values


def test_capabilities_are_those_of_the_schema():
    """What a capability may be is what the schema's list may hold."""
    items = Contract.load("ProxySession").root.shape(Objects).members["Capabilities"].shapes[0].items
    assert typing.get_args(types.Capability) == items.shape(Constants).values
