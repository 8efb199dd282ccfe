"""The engine on the official suites of drafts 4, 6, 7 and 2019-09, by the validators of the same draft."""

import functools
import re

import jsonschema
import jsonschema_rs
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import specification_with

from chime_fixtures.engine.contract import enumerate_edges, enumerate_violations, generate
from chime_fixtures.engine.errors import NoValueFoundError, UnsatisfiableSchemaError, UnsupportedSchemaError
from chime_fixtures.engine.schema.options import dialect_named
from tests.support.conformance.cases import cases
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sizes import sample

pytestmark = [pytest.mark.slow, MAY_DECLARE_UNREACHED]

MIN_RECALL = 0.98
"""The share of the keywords known to be violable alone that our violations violate."""
SIZES = {"draft2019-09": 428, "draft7": 311, "draft6": 275, "draft4": 198}
UNKNOWN = re.compile(
    r"is not a keyword of|keyword of another dialect|format: 'unknown' is not supported|an unknown dialect"
)


class OutsideValidators:
    """Both validators of a case, of its draft, with its documents and with formats."""

    def __init__(self, case):
        dialect = dialect_named(case.draft)
        # jsonschema-rs reads a document without `$schema` by draft 2020-12.
        declaring = [
            (uri, {"$schema": dialect.uri, **document} if isinstance(document, dict) else document)
            for uri, document in case.resources.items()
        ]
        registry = jsonschema_rs.Registry(declaring) if declaring else None
        first = getattr(jsonschema_rs, dialect.validator)
        self.first = first(case.schema, validate_formats=True, offline=True, registry=registry)
        second = getattr(jsonschema, dialect.validator)
        specification = specification_with(dialect.uri)
        documents = [
            (uri, Resource.from_contents(document, default_specification=specification))
            for uri, document in case.resources.items()
        ]
        resources = {"registry": Registry().with_resources(documents)} if documents else {}
        self.second = second(case.schema, format_checker=second.FORMAT_CHECKER, **resources)

    def accept(self, instance):
        """True if both accept the instance; one that can't judge it has no vote."""
        try:
            return self.first.is_valid(instance) and self.second.is_valid(instance)
        except (re.error, RecursionError):
            return self.first.is_valid(instance)

    def rejects_at(self, instance):
        """The keywords that jsonschema-rs reports; two paths to one keyword count once."""
        return {(*error.instance_path, "|", *error.schema_path) for error in self.first.iter_errors(instance)}

    def second_rejects(self, instance):
        """True if jsonschema rejects the instance; None if it can't judge it."""
        try:
            return not self.second.is_valid(instance)
        except (re.error, RecursionError):
            return None


@functools.cache
def outcome(case):
    """(True if supported, keywords violable alone, those that our violations violate) of a case, after all checks."""
    validators = OutsideValidators(case)
    try:
        contract = case.contract()
        instances = [generate(contract, seed=1, index=index) for index in range(5)]
        instances += [edge.instance for edge in enumerate_edges(contract)]
        violations = enumerate_violations(contract)
    except UnsatisfiableSchemaError:
        assert not any(validators.accept(instance) for instance, _ in case.tests), case.name
        return True, set(), set()
    except (UnsupportedSchemaError, NoValueFoundError) as error:
        assert UNKNOWN.search(str(error)), f"{case.name}: {error}"
        return False, set(), set()
    assert [instance for instance in instances if not validators.accept(instance)] == [], case.name
    violated = set()
    for violation in violations:
        errors = validators.rejects_at(violation.instance)
        assert len(errors) == 1, (case.name, violation.id, errors)
        rejected = validators.second_rejects(violation.instance)
        assert rejected is None or rejected is not bool(violation.contested), (case.name, violation.id)
        violated |= {keyword_path(error) for error in errors}
    alone = [validators.rejects_at(instance) for instance, valid in case.tests if not valid]
    return True, {keyword_path(error) for errors in alone if len(errors) == 1 for error in errors}, violated


def keyword_path(error):
    """The path to a keyword, without that to the instance."""
    return error[error.index("|") + 1 :]


@MAY_DECLARE_UNREACHED
@pytest.mark.parametrize("draft", SIZES)
def test_values_and_violations_are_those_of_the_draft(draft):
    """Each value is valid, each violation has one error, most keywords are violated, the rest is refused by name."""
    assert len(cases(draft)) == SIZES[draft]
    outcomes = [outcome(case) for case in sample(cases(draft), 25)]
    assert sum(supported for supported, _, _ in outcomes) >= 0.95 * len(outcomes)
    violable = sum(len(alone) for _, alone, _ in outcomes)
    assert sum(len(alone & violated) for _, alone, violated in outcomes) >= MIN_RECALL * violable
