"""Examples of strategies, and validators for them."""

import jsonschema_rs
from hypothesis import Phase, given, seed, settings


def drawn(strategy, count, number=0):
    """Examples as a test gets them, with every health check active."""
    values = []

    @seed(number)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate])
    @given(strategy)
    def collect(value):
        values.append(value)

    collect()
    return values


def validator_of(contract):
    """The validator jsonschema-rs of a contract, with its formats."""
    registry = jsonschema_rs.Registry(list(contract.document.by_uri.items()))
    return jsonschema_rs.Draft202012Validator(contract.document.entry_schema, registry=registry, validate_formats=True)
