import pytest

from chime_fixtures.engine.contract import Contract

BUNDLED = [
    "ProxySession",
    "CreateProxySession.request",
    "CreateProxySession.response",
    "GetProxySession.response",
    "ListProxySessions.response",
    "UpdateProxySession.request",
    "UpdateProxySession.response",
    "PutVoiceConnectorProxy.request",
    "PutVoiceConnectorProxy.response",
    "GetVoiceConnectorProxy.response",
    "Error.response",
]


@pytest.mark.parametrize("name", BUNDLED)
def test_each_bundled_contract_is_compiled_once(name):
    """Loading a bundled contract by its name returns the same compiled contract each time."""
    assert Contract.load(name) is Contract.load(name)
    assert Contract.load(name).name == name
