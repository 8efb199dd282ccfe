"""The name of an error in a response."""

import json

import pytest
from botocore.parsers import RestJSONParser

from chime_fixtures.chime.error_names import error_name

RESPONSES = [
    ("NotFoundException", {"Code": "NotFound", "Message": "gone"}),
    ("NotFoundException:http://internal.amazon.com/coral/com.amazonaws.chime/", {}),
    ("com.amazonaws.chime#NotFoundException", {}),
    ("com.amazonaws.chime#NotFoundException:http://internal.amazon.com/", {}),
    (None, {"__type": "com.amazonaws.chime#NotFoundException"}),
    (None, {"__type": "NotFoundException", "Code": "NotFound"}),
    (None, {"code": "NotFoundException", "Code": "NotFound"}),
]


@pytest.mark.parametrize(("header", "body"), RESPONSES)
def test_the_name_is_that_of_botocore(header, body):
    """Botocore reads the same name from the header field, or else from the body."""
    headers = {} if header is None else {"x-amzn-errortype": header}
    response = {"status_code": 404, "headers": headers, "body": json.dumps(body).encode()}
    assert error_name(header, body) == RestJSONParser().parse(response, None)["Error"]["Code"]


@pytest.mark.parametrize("body", [None, [], "NotFoundException", {"code": 404}, {"__type": ""}])
def test_no_name(body):
    """A body without a text at one of the members has no name."""
    assert error_name(None, body) == error_name("", body) == ""
