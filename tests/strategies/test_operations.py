import json

import botocore.parsers
import botocore.session
import pytest
from hypothesis import find
from hypothesis.errors import InvalidArgument

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.operations import operation_named, operations
from chime_fixtures.chime.representations import as_boto3, parsed_as_boto3
from chime_fixtures.strategies import (
    invalid_operation_requests,
    invalid_operation_responses,
    operation_request_violations,
    operation_requests,
    operation_response_violations,
    operation_responses,
)
from tests.support.drawing import drawn, validator_of
from tests.support.sizes import IS_NIGHTLY, sample

NAMES = [operation.name for operation in operations()]


@pytest.fixture(scope="module")
def model():
    return botocore.session.Session().get_service_model("chime-sdk-voice")


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(NAMES, 4))
def test_bodies_of_each_operation_are_valid(name):
    """Jsonschema-rs accepts every body of an operation; without a body, the value is None."""
    operation = operation_named(name)
    for strategy, contract in ((operation_requests, operation.request), (operation_responses, operation.response)):
        values = drawn(strategy(name), 30)
        if contract is None:
            assert set(values) == {None}
        else:
            assert all(map(validator_of(contract).is_valid, values))


@pytest.mark.parametrize("name", sample(NAMES, 4))
def test_arguments_are_those_of_the_client(name, model):
    """In boto3's form a request has the members of botocore's model, and the same required ones."""
    shape = model.operation_model(name).input_shape
    contract = operation_named(name).arguments
    assert (set(contract.schema["properties"]), set(contract.schema["required"])) == (
        set(shape.members),
        set(shape.required_members),
    )
    values = drawn(operation_requests(name, form="boto3"), 30)
    assert all(map(validator_of(contract).is_valid, values))


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(NAMES, 4))
def test_invalid_arguments_have_one_error(name):
    """Every operation has invalid arguments, with one error at the keyword of the label."""
    validator = validator_of(operation_named(name).arguments)
    for violation in drawn(operation_request_violations(name, form="boto3"), 30):
        (error,) = validator.iter_errors(violation.instance)
        assert str(error.schema_path[-1]) == violation.keyword
    assert all(
        len(list(validator.iter_errors(value))) == 1
        for value in drawn(invalid_operation_requests(name, form="boto3"), 20)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("plain", "records", "form"),
    [
        (invalid_operation_requests, operation_request_violations, "request"),
        (invalid_operation_responses, operation_response_violations, "response"),
    ],
)
def test_invalid_bodies_have_one_error(plain, records, form):
    """Plain instances and labelled ones have one error, at the keyword of the label."""
    for operation in sample([each for each in operations() if getattr(each, form) is not None], 3):
        contract = getattr(operation, form)
        validator = validator_of(contract)
        assert all(len(list(validator.iter_errors(value))) == 1 for value in drawn(plain(operation.name), 10))
        for violation in drawn(records(operation.name, keyword="type"), 10):
            (error,) = validator.iter_errors(violation.instance)
            assert (str(error.schema_path[-1]), violation.keyword) == ("type", "type")


@pytest.mark.slow
def test_responses_in_boto3s_form_have_metadata_and_datetimes():
    """A page in boto3's form has datetimes with a time zone where the body has text, and botocore's metadata."""
    pages = drawn(operation_responses("ListProxySessions", form="boto3"), 200 if IS_NIGHTLY else 60)
    page = next(page for page in pages if any("EndedTimestamp" in session for session in page.get("ProxySessions", ())))
    ended = [session["EndedTimestamp"] for session in page["ProxySessions"] if "EndedTimestamp" in session]
    assert all(stamp.tzinfo is not None for stamp in ended)
    assert page["ResponseMetadata"]["HTTPStatusCode"] == 200
    (deleted, *_) = drawn(operation_responses("DeleteProxySession", form="boto3"), 1)
    assert list(deleted) == ["ResponseMetadata"]


def test_an_invalid_timestamp_stays_text_in_boto3s_form():
    """The invalid timestamp is unchanged, while the other timestamps become datetimes."""
    violation = find(
        operation_response_violations("GetProxySession", keyword="format", form="boto3"),
        lambda each: "CreatedTimestamp" in each.instance["ProxySession"] and "Ended" in each.pointer,
    )
    assert isinstance(violation.value, str)
    assert violation.instance["ProxySession"]["CreatedTimestamp"].tzinfo is not None
    assert "ResponseMetadata" in violation.instance


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (operation_requests("GetProxySesion"), "name='GetProxySesion': .*did you mean 'GetProxySession'"),
        (operation_responses("GetProxySession", form="json"), "form must be 'wire' or 'boto3', not 'json'"),
        (invalid_operation_requests("GetProxySession"), "GetProxySession has no request body; use form='boto3'"),
        (invalid_operation_responses("DeleteProxySession"), "DeleteProxySession has no response body"),
        (
            operation_request_violations("UpdateProxySession", pointer="/Name"),
            "no violation of UpdateProxySession.request has pointer='/Name'",
        ),
    ],
)
def test_an_invalid_argument_is_an_error_at_the_first_draw(strategy, message):
    """The message names the argument, or the body that the operation lacks."""
    with pytest.raises(InvalidArgument, match=message):
        drawn(strategy, 1)


@pytest.mark.slow
def test_contested_violations_can_be_excluded():
    """With contested=False the validators agree on each violation."""
    name = "CreateProxySession"
    assert any(
        each.contested
        for each in drawn(operation_request_violations(name, keyword="pattern"), 300 if IS_NIGHTLY else 100)
    )
    assert not any(each.contested for each in drawn(operation_request_violations(name, contested=False), 60))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["GetProxySession", "ListProxySessions", "GetVoiceConnectorProxy"])
def test_botos_form_is_what_botocore_parses(model, name):
    """Botocore's own parser makes the same of a body as boto3's form: no unknown member, at any depth."""
    shape = model.operation_model(name).output_shape
    contract = load_contract(f"{name}.response")
    unknown = 0
    for body in drawn(operation_responses(name), 200 if IS_NIGHTLY else 80):
        answer = {"body": json.dumps(body).encode(), "headers": {}, "status_code": 200}
        read = botocore.parsers.create_parser("rest-json").parse(answer, shape)
        del read["ResponseMetadata"]
        expected = parsed_as_boto3(contract, body)
        assert read == expected
        unknown += expected != as_boto3(contract, body)
    assert unknown > (5 if IS_NIGHTLY else 1)
