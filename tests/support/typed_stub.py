"""Uses of a stub for type checkers: each wrong one has the comment that silences its error, which must be needed."""

from typing import assert_type

from chime_fixtures import ChimeStub, Fault
from chime_fixtures.service import Call


def typical(stub: ChimeStub) -> None:
    """Typical uses, without an error."""
    stub.fail("throttle")
    stub.fail("body:cut", operation="GetProxySession", times=2)
    stub.fail(Fault.error("NotFound"), operation="GetProxySession")
    stub.fail(Fault.latency(0.2))
    stub.fail(Fault.violation("Name.maxLength"))
    stub.answer("ListProxySessions", [], times=1)
    assert_type(stub.calls_to("CreateProxySession"), tuple[Call, ...])
    assert_type(stub.assert_called_once("CreateProxySession", Name="Order 1"), Call)
    assert_type(stub.assert_called("CreateProxySession", times=2), tuple[Call, ...])
    stub.assert_not_called("DeleteProxySession")
    stub.passthrough("http://localhost:4566")


def wrong(stub: ChimeStub) -> None:
    """Misspelt names, each of which is an error."""
    stub.fail("throtle")  # type: ignore[arg-type]
    stub.fail("error:NotFund")  # type: ignore[arg-type]
    stub.fail("throttle", operation="GetProxySesion")  # type: ignore[arg-type]
    stub.fail(Fault.error("NotFund"))  # type: ignore[arg-type]
    stub.fail(Fault.latency("1"))  # type: ignore[arg-type]
    stub.answer("GetProxySesion", {})  # type: ignore[arg-type]
    stub.calls_to("GetProxySesion")  # type: ignore[arg-type]
    stub.assert_called_once("GetProxySesion")  # type: ignore[arg-type]
    stub.assert_called("GetProxySesion")  # type: ignore[arg-type]
    stub.assert_not_called("GetProxySesion")  # type: ignore[arg-type]


@ChimeStub(seed=1)
def decorated(number: int, stub: ChimeStub | None = None) -> int:
    """A decorated function has its type."""
    return number if stub is None else number + len(stub.calls)


assert_type(decorated(1), int)
