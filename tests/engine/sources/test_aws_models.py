import json
import random
import re
import sys
from functools import cache

import jsonschema
import jsonschema_rs
import pytest
from botocore.loaders import Loader
from hypothesis import HealthCheck, given, settings

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.errors import (
    InvalidDocumentError,
    MissingExtraError,
    SchemaNotFoundError,
    UnsatisfiableSchemaError,
    UnsupportedSchemaError,
)
from chime_fixtures.engine.sources.aws_models import contract_from_botocore, schema_from_service_model, whole_match
from chime_fixtures.engine.strategies import from_schema
from tests.support.schemas import session_contract
from tests.support.sizes import IS_NIGHTLY, sample

CHIME = ["chime", *(f"chime-sdk-{name}" for name in ("identity", "media-pipelines", "meetings", "messaging", "voice"))]
OTHERS = ["cloudformation", "dynamodb", "ec2", "iam", "kms", "lambda", "s3", "sns", "sqs", "stepfunctions"]
MAX_SHAPES = 10_000
"""More structure shapes than any service has."""


@cache
def model(service):
    return Loader().load_service_model(service, "service-2")


def structures(service, maximum):
    """The structure shapes of a service: all, or a sample of at most `maximum` with a fixed seed."""
    names = sorted(name for name, shape in model(service)["shapes"].items() if shape["type"] == "structure")
    return names if len(names) <= maximum else random.Random(service).sample(names, maximum)


def supported(service, name):
    """The contract of a shape; None if it is unsupported or unsatisfiable."""
    try:
        return Contract(schema_from_service_model(model(service), name), name=f"{service}.{name}")
    except UnsupportedSchemaError as error:
        assert all(problem.keyword and problem.reason for problem in error.problems)
    except UnsatisfiableSchemaError as error:
        assert error.clash
    return None


@pytest.mark.slow
@pytest.mark.parametrize("service", sample([*reversed(CHIME), *OTHERS], 8))
def test_each_structure_is_supported_or_rejected_by_name(service):
    """The schema of each shape satisfies the meta-schema; at most 40 % are unsupported, each with its problems."""
    names = structures(service, MAX_SHAPES if service == "chime-sdk-voice" or IS_NIGHTLY else 20)
    for name in names:
        assert jsonschema_rs.meta.is_valid(schema_from_service_model(model(service), name))
    unsupported = [name for name in names if supported(service, name) is None]
    assert len(unsupported) <= len(names) * 0.4, unsupported


def is_small(schema):
    """True if no string or array of the schema has a maximum above 2,000."""
    return all(int(limit) <= 2000 for limit in re.findall(r'"max(?:Length|Items)": (\d+)', json.dumps(schema)))


def verdicts(schema, values):
    """The verdicts of both validators on each value; None for the second if Python can't compile a pattern."""
    first = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    second = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    for value in values:
        try:
            yield first.is_valid(value), second.is_valid(value)
        except re.error:
            yield first.is_valid(value), None


@pytest.mark.slow
@pytest.mark.parametrize("service", sample([*reversed(CHIME), *OTHERS], 8))
def test_values_are_valid_and_violations_are_not(service):
    """Both validators accept each generated value, and reject each violation that is not contested."""
    names = structures(service, 24 if IS_NIGHTLY else 4)
    small = (name for name in names if is_small(schema_from_service_model(model(service), name)))
    contracts = [contract for name in small if (contract := supported(service, name))]
    assert contracts
    for contract in contracts:
        values = [generate(contract, seed=3, index=index) for index in range(5)]
        assert [each for each in verdicts(contract.schema, values) if each not in {(True, True), (True, None)}] == []
        violations = enumerate_violations(contract)[::7]
        rejected = verdicts(contract.schema, [each.instance for each in violations])
        for violation, (first, second) in zip(violations, rejected, strict=True):
            assert (first, second in {False, None} or bool(violation.contested)) == (False, True), violation.id


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(from_schema(contract_from_botocore("iam", "CreateUserRequest")))
def test_a_shape_has_a_strategy(request):
    """`from_schema` accepts the contract of a shape."""
    assert 1 <= len(request["UserName"]) <= 64


@pytest.mark.parametrize(
    ("published", "searched"),
    [
        ("[a-z]+", "^(?:[a-z]+)$"),
        (".*\\S.*", "\\S"),
        ("^[a-z]+$", "^[a-z]+$"),
        ("^$|^[0-9]{3,3}$", "^$|^[0-9]{3,3}$"),
        ("^a$|b", "^(?:^a$|b)$"),
        ("^[|]$|^(a|b)$", "^[|]$|^(a|b)$"),
        ("^a\\$", "^(?:^a\\$)$"),
        ("^a\\\\$", "^a\\\\$"),
        (".*", "^(?:.*)$"),
        (".*.*", "^(?:.*.*)$"),
        (".*?x.*", "^(?:.*?x.*)$"),
        (".*\\.*", "^(?:.*\\.*)$"),
        (".*\\\\.*", "\\\\"),
        (".*a|b.*", "a|b"),
        ("arn:.*", "^(?:arn:.*)$"),
    ],
)
def test_a_pattern_matches_the_whole_value(published, searched):
    """A published pattern matches the whole value, unless it is written as a search."""
    assert whole_match(published) == searched


def test_an_inferred_pattern_rule_is_annotated():
    """`x-pattern-rule` is "inferred" for services whose Smithy models were not compared."""
    for service, shape, is_inferred in [("chime-sdk-voice", "E164PhoneNumber", False), ("lambda", "Arn", True)]:
        schema = schema_from_service_model(model(service), shape)
        assert schema["x-published-pattern"] == model(service)["shapes"][shape]["pattern"]
        assert schema["x-pattern-rule"].startswith("inferred") is is_inferred


MODEL = {
    "metadata": {"serviceId": "Shop", "protocol": "rest-json"},
    "shapes": {
        "Order": {
            "type": "structure",
            "required": ["Id"],
            "members": {
                "Id": {"shape": "Id", "location": "uri", "locationName": "orderId"},
                "Lines": {"shape": "Lines"},
                "Labels": {"shape": "Labels"},
                "Parent": {"shape": "Order"},
                "Choice": {"shape": "Choice"},
                "Raw": {"shape": "Raw"},
                "At": {"shape": "Time"},
                "Since": {"shape": "Time", "location": "header"},
                "Until": {"shape": "Time", "timestampFormat": "iso8601"},
                "Any": {"shape": "Id", "jsonvalue": True},
                "More": {"shape": "More"},
                "Old": {"shape": "Flag", "deprecated": True},
            },
        },
        "Id": {"type": "string", "min": 1, "max": 9, "sensitive": True},
        "Lines": {"type": "list", "member": {"shape": "Count"}, "max": 3, "sparse": True},
        "Count": {"type": "long", "min": 0},
        "Labels": {"type": "map", "key": {"shape": "Colour"}, "value": {"shape": "Ratio"}, "max": 2},
        "Colour": {"type": "string", "enum": ["red", "blue"]},
        "Ratio": {"type": "double", "max": 1},
        "Choice": {"type": "structure", "union": True, "members": {"A": {"shape": "Flag"}, "B": {"shape": "Flag"}}},
        "Flag": {"type": "boolean"},
        "Raw": {"type": "blob", "max": 5},
        "Time": {"type": "timestamp"},
        "More": {"type": "structure", "members": {}, "document": True},
    },
}


def test_each_trait_of_a_model_has_its_keyword():
    """A schema has the members, bounds, enums, unions, sparse lists and timestamps of a model."""
    schema = schema_from_service_model(MODEL, "Order")
    seconds = {"type": "number", "minimum": -62135596800, "maximum": 253402300799}
    since = schema["properties"].pop("Since")
    assert re.search(since["pattern"], "Tue, 29 Feb 2028 16:10:59 GMT")
    assert not re.search(since["pattern"], "Mon, 29 Feb 2027 16:10:59 GMT")
    assert schema == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Order",
        "x-source": "service model Shop",
        "type": "object",
        "required": ["Id"],
        "properties": {
            "Id": {"$ref": "#/$defs/Id", "x-location": "uri", "x-location-name": "orderId"},
            "Lines": {"$ref": "#/$defs/Lines"},
            "Labels": {"$ref": "#/$defs/Labels"},
            "Parent": {"$ref": "#"},
            "Choice": {"$ref": "#/$defs/Choice"},
            "Raw": {"$ref": "#/$defs/Raw"},
            "At": seconds,
            "Until": {"type": "string", "format": "date-time"},
            "Any": {},
            "More": {"$ref": "#/$defs/More"},
            "Old": {"$ref": "#/$defs/Flag", "deprecated": True},
        },
        "$defs": {
            "Id": {"type": "string", "minLength": 1, "maxLength": 9, "x-sensitive": True},
            "Lines": {
                "type": "array",
                "items": {"anyOf": [{"$ref": "#/$defs/Count"}, {"type": "null"}]},
                "maxItems": 3,
            },
            "Labels": {
                "type": "object",
                "additionalProperties": {"$ref": "#/$defs/Ratio"},
                "propertyNames": {"$ref": "#/$defs/Colour"},
                "maxProperties": 2,
            },
            "Choice": {
                "type": "object",
                "properties": {"A": {"$ref": "#/$defs/Flag"}, "B": {"$ref": "#/$defs/Flag"}},
                "minProperties": 1,
                "maxProperties": 1,
            },
            "Raw": {"type": "string", "contentEncoding": "base64", "x-max-bytes": 5},
            "More": {},
            "Flag": {"type": "boolean"},
            "Count": {"type": "integer", "minimum": 0},
            "Ratio": {"type": "number", "maximum": 1},
            "Colour": {"type": "string", "enum": ["red", "blue"]},
        },
    }


def test_the_protocol_determines_the_format_of_timestamps():
    """Timestamps are strings in queries and XML, and seconds in JSON."""
    for protocol, written in [("query", "string"), ("ec2", "string"), ("rest-xml", "string"), ("json", "number")]:
        schema = schema_from_service_model({**MODEL, "metadata": {"protocol": protocol}}, "Time")
        assert schema["type"] == written


def test_the_bundled_contract_has_the_members_of_the_model():
    """The members of a proxy session are those of the installed model."""
    contract = contract_from_botocore("chime-sdk-voice", "ProxySession")
    assert contract.schema["properties"].keys() == session_contract().schema["properties"].keys()
    assert contract.name == "chime-sdk-voice.ProxySession"


def test_errors_name_the_service_shape_or_library(monkeypatch):
    """An unknown service, shape or version, an incomplete model, and a missing botocore each have an error."""
    with pytest.raises(SchemaNotFoundError, match="did you mean 'chime-sdk-voice'"):
        contract_from_botocore("chime-sdk-voise", "ProxySession")
    with pytest.raises(SchemaNotFoundError, match="did you mean 'ProxySession'"):
        contract_from_botocore("chime-sdk-voice", "ProxySesion")
    with pytest.raises(SchemaNotFoundError, match="chime-sdk-voice"):
        contract_from_botocore("chime-sdk-voice", "ProxySession", api_version="1999-01-01")
    with pytest.raises(SchemaNotFoundError):
        schema_from_service_model({}, "Order")
    incomplete = {"shapes": {"Order": {"type": "structure", "members": {"Id": {"shape": "Gone"}}}}}
    with pytest.raises(InvalidDocumentError, match="is not a botocore service model: .Gone. is missing"):
        schema_from_service_model(incomplete, "Order")
    monkeypatch.setitem(sys.modules, "botocore.loaders", None)
    with pytest.raises(MissingExtraError, match=r"chime-fixtures\[boto3\]"):
        contract_from_botocore("chime-sdk-voice", "ProxySession")
