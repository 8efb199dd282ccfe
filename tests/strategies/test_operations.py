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
from tests.support.drawing import drawn, judge_of

NAMES = [operation.name for operation in operations()]


@pytest.fixture(scope="module")
def model():
    return botocore.session.Session().get_service_model("chime-sdk-voice")


@pytest.mark.parametrize("name", NAMES)
def test_bodies_of_each_operation_are_valid(name):
    """What is drawn for an operation is accepted by the judge of its body; without a body, there is None."""
    operation = operation_named(name)
    for strategy, contract in ((operation_requests, operation.request), (operation_responses, operation.response)):
        values = drawn(strategy(name), 30)
        if contract is None:
            assert set(values) == {None}
        else:
            assert all(map(judge_of(contract).is_valid, values))


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_those_of_the_client(name, model):
    """In the form of boto3 a request has the members that botocore's model has, required ones included."""
    shape = model.operation_model(name).input_shape
    contract = operation_named(name).arguments
    assert (set(contract.schema["properties"]), set(contract.schema["required"])) == (
        set(shape.members),
        set(shape.required_members),
    )
    values = drawn(operation_requests(name, form="boto3"), 30)
    assert all(map(judge_of(contract).is_valid, values))


@pytest.mark.parametrize("name", NAMES)
def test_broken_arguments_have_one_fault_in_each_operation(name):
    """Every operation has arguments to break, and the judge finds one error, where the label says."""
    judge = judge_of(operation_named(name).arguments)
    for violation in drawn(operation_request_violations(name, form="boto3"), 30):
        (error,) = judge.iter_errors(violation.instance)
        assert str(error.schema_path[-1]) == violation.keyword
    assert all(
        len(list(judge.iter_errors(value))) == 1 for value in drawn(invalid_operation_requests(name, form="boto3"), 20)
    )


@pytest.mark.parametrize(
    ("plain", "records", "form"),
    [
        (invalid_operation_requests, operation_request_violations, "request"),
        (invalid_operation_responses, operation_response_violations, "response"),
    ],
)
def test_broken_bodies_have_one_fault(plain, records, form):
    """Of a body the plain instance and the record's are broken once, and a record says how."""
    for operation in operations():
        contract = getattr(operation, form)
        if contract is None:
            continue
        judge = judge_of(contract)
        assert all(len(list(judge.iter_errors(value))) == 1 for value in drawn(plain(operation.name), 10))
        for violation in drawn(records(operation.name, keyword="type"), 10):
            (error,) = judge.iter_errors(violation.instance)
            assert (str(error.schema_path[-1]), violation.keyword) == ("type", "type")


def test_what_boto3_returns_has_metadata_and_datetimes():
    """A page in the form of boto3 has datetimes with a zone, where the body has text, and botocore's metadata."""
    pages = drawn(operation_responses("ListProxySessions", form="boto3"), 200)
    page = next(page for page in pages if any("EndedTimestamp" in session for session in page.get("ProxySessions", ())))
    ended = [session["EndedTimestamp"] for session in page["ProxySessions"] if "EndedTimestamp" in session]
    assert all(stamp.tzinfo is not None for stamp in ended)
    assert page["ResponseMetadata"]["HTTPStatusCode"] == 200
    (deleted, *_) = drawn(operation_responses("DeleteProxySession", form="boto3"), 1)
    assert list(deleted) == ["ResponseMetadata"]


def test_a_broken_timestamp_stays_text_in_the_form_of_boto3():
    """The fault is kept as it is, while the timestamps beside it become datetimes."""
    violation = find(
        operation_response_violations("GetProxySession", keyword="format", form="boto3"),
        lambda found: "CreatedTimestamp" in found.instance["ProxySession"] and "Ended" in found.pointer,
    )
    assert isinstance(violation.value, str)
    assert violation.instance["ProxySession"]["CreatedTimestamp"].tzinfo is not None
    assert "ResponseMetadata" in violation.instance


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (operation_requests("GetProxySesion"), "name='GetProxySesion': .*did you mean 'GetProxySession'"),
        (operation_responses("GetProxySession", form="json"), "form='json' is none of 'wire', 'boto3'"),
        (invalid_operation_requests("GetProxySession"), "name='GetProxySession': it is sent no body; form='boto3'"),
        (invalid_operation_responses("DeleteProxySession"), "name='DeleteProxySession': it answers with no body"),
        (
            operation_request_violations("UpdateProxySession", pointer="/Name"),
            "no violation of UpdateProxySession.request has pointer='/Name'",
        ),
    ],
)
def test_a_wrong_argument_is_told_when_a_value_is_drawn(strategy, message):
    """A strategy can be made of anything; at the first draw its wrong argument is named."""
    with pytest.raises(InvalidArgument, match=message):
        drawn(strategy, 1)


def test_no_contested_violation_comes_where_none_is_wanted():
    """With contested=False each fault is one on which the engines agree."""
    name = "CreateProxySession"
    assert any(each.contested for each in drawn(operation_request_violations(name, keyword="pattern"), 300))
    assert not any(each.contested for each in drawn(operation_request_violations(name, contested=False), 60))


@pytest.mark.parametrize("name", ["GetProxySession", "ListProxySessions", "GetVoiceConnectorProxy"])
def test_what_boto3_returns_is_what_botocore_reads(model, name):
    """What botocore's own parser makes of a body is what the form of boto3 has: no unknown member, at any depth."""
    shape = model.operation_model(name).output_shape
    contract = load_contract(f"{name}.response")
    unknown = 0
    for body in drawn(operation_responses(name), 200):
        answer = {"body": json.dumps(body).encode(), "headers": {}, "status_code": 200}
        read = botocore.parsers.create_parser("rest-json").parse(answer, shape)
        del read["ResponseMetadata"]
        expected = parsed_as_boto3(contract, body)
        assert read == expected
        unknown += expected != as_boto3(contract, body)
    assert unknown > 5
