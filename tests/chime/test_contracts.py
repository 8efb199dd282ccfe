import pytest

from chime_fixtures.chime.contracts import load_contract

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
    assert load_contract(name) is load_contract(name)
    assert load_contract(name).name == name
