import pytest

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.errors import UnknownOperationError
from chime_fixtures.chime.operations import ErrorShape, operation_named, operations


def test_there_are_eight_operations():
    """Those of proxy sessions and of a connector's proxy, each with its method and status."""
    assert {(each.name, each.method, each.success_status) for each in operations()} == {
        ("CreateProxySession", "POST", 201),
        ("GetProxySession", "GET", 200),
        ("ListProxySessions", "GET", 200),
        ("UpdateProxySession", "POST", 201),
        ("DeleteProxySession", "DELETE", 204),
        ("PutVoiceConnectorProxy", "PUT", 200),
        ("GetVoiceConnectorProxy", "GET", 200),
        ("DeleteVoiceConnectorProxy", "DELETE", 204),
    }


def test_bodies_have_contracts():
    """A request or response without a body has no contract."""
    delete = operation_named("DeleteProxySession")
    assert (delete.request, delete.response) == (None, None)
    assert operation_named("CreateProxySession").request is load_contract("CreateProxySession.request")
    assert operation_named("ListProxySessions").response is load_contract("ListProxySessions.response")


def test_parameters_have_contracts():
    """The page size must be between the bounds of the OpenAPI document."""
    size = next(each for each in operation_named("ListProxySessions").parameters if each.name == "max-results")
    assert [size.contract.is_valid(number) for number in (0, 1, 100, 101)] == [False, True, True, False]


def test_an_unknown_operation_is_an_error():
    """The message has the nearest name."""
    with pytest.raises(UnknownOperationError, match="did you mean 'GetProxySession'"):
        operation_named("GetProxySesion")


def test_errors_are_shapes_with_a_status_and_a_code():
    """The code in the body differs from the name of the shape; only one operation has a second 403."""
    usual = [
        ErrorShape("BadRequestException", 400, "BadRequest"),
        ErrorShape("UnauthorizedClientException", 401, "Unauthorized"),
        ErrorShape("ForbiddenException", 403, "Forbidden"),
        ErrorShape("NotFoundException", 404, "NotFound"),
        ErrorShape("ThrottledClientException", 429, "Throttled"),
        ErrorShape("ServiceFailureException", 500, "ServiceFailure"),
        ErrorShape("ServiceUnavailableException", 503, "ServiceUnavailable"),
    ]
    denied = ErrorShape("AccessDeniedException", 403, "AccessDenied")
    for operation in operations():
        expected = [*usual[:3], denied, *usual[3:]] if operation.name == "PutVoiceConnectorProxy" else usual
        assert list(operation.errors) == expected
