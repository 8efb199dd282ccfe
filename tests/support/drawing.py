"""How the tests of the strategies draw, and who judges."""

import jsonschema_rs
from hypothesis import Phase, given, seed, settings


def drawn(strategy, count, number=0):
    """Examples as a test would see them, with every health check on."""
    values = []

    @seed(number)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate])
    @given(strategy)
    def collect(value):
        values.append(value)

    collect()
    return values


def judge_of(contract):
    """The outside judge of a contract, with its formats."""
    registry = jsonschema_rs.Registry(list(contract.documents.by_uri.items()))
    return jsonschema_rs.Draft202012Validator(contract.documents.entry_schema, registry=registry, validate_formats=True)
