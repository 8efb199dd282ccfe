"""boto3 through the stub: modelled exceptions, clients made before the stub, faults as botocore's exceptions."""

from __future__ import annotations

import io

import boto3
import botocore.exceptions
import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.httpsession import URLLib3Session
from botocore.stub import Stubber

from chime_fixtures.adapters.botocore import create_client
from chime_fixtures.chime.errors import MissingOperationsError
from chime_fixtures.chime.operations import operations
from chime_fixtures.stub import ChimeStub

KEYS = {"VoiceConnectorId": "abc", "ProxySessionId": "s-1"}
SESSION = {"VoiceConnectorId": "abc", "ProxySessionId": "s-1", "Status": "Open"}
ARGUMENTS = {
    "CreateProxySession": {
        "VoiceConnectorId": "abc",
        "ParticipantPhoneNumbers": ["+12", "+13"],
        "Capabilities": ["SMS"],
    },
    "GetProxySession": KEYS,
    "ListProxySessions": {"VoiceConnectorId": "abc"},
    "UpdateProxySession": {**KEYS, "Capabilities": ["SMS"]},
    "DeleteProxySession": KEYS,
    "PutVoiceConnectorProxy": {
        "VoiceConnectorId": "abc",
        "DefaultSessionExpiryMinutes": 60,
        "PhoneNumberPoolCountries": ["US"],
    },
    "GetVoiceConnectorProxy": {"VoiceConnectorId": "abc"},
    "DeleteVoiceConnectorProxy": {"VoiceConnectorId": "abc"},
}
MODELLED = [(operation.name, error) for operation in operations() for error in operation.errors]


def client(**config):
    """A client without retries by default."""
    config.setdefault("retries", {"mode": "standard", "total_max_attempts": 1})
    return boto3.client("chime-sdk-voice", region_name="us-east-1", config=Config(**config))


def call(client, operation):
    """Call an operation with valid arguments."""
    method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).removeprefix("_")
    return getattr(client, method)(**ARGUMENTS[operation])


@pytest.mark.parametrize(("operation", "error"), MODELLED, ids=[f"{name}-{error.name}" for name, error in MODELLED])
def test_every_modelled_error_is_typed(chime_stub, operation, error):
    """Each modelled error of each operation raises its own exception, with its status, message and request id."""
    chime_stub.fail(f"error:{error.code}", operation=operation)
    with ChimeStub():
        service_client = client()
    with pytest.raises(service_client.exceptions.ClientError) as caught:
        call(service_client, operation)
    assert type(caught.value) is getattr(service_client.exceptions, error.name)
    assert caught.value.response["Error"]["Code"] == error.name
    assert caught.value.response["Error"]["Message"] == chime_stub.calls[-1].message
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == error.status
    assert caught.value.response["ResponseMetadata"]["RequestId"]


def test_a_client_made_before_the_stub(monkeypatch):
    """A client made before the stub is intercepted."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAORDINARY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ordinary")
    early = client()
    with ChimeStub() as stub:
        stub.add_session(SESSION)
        assert early.get_proxy_session(**KEYS)["ProxySession"] == SESSION
        assert "AKIAORDINARY" not in repr(stub.calls[0].headers)


def test_a_client_made_before_the_stub_without_keys(monkeypatch, tmp_path):
    """A client made without credentials is intercepted while the stub is active, and still has none after it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    session = boto3.Session()
    early = session.client("chime-sdk-voice", region_name="us-east-1")
    other = session.client("dynamodb", region_name="us-east-1")
    with ChimeStub() as stub:
        stub.add_session(SESSION)
        assert early.get_proxy_session(**KEYS)["ProxySession"]["Status"] == "Open"
        with pytest.raises(botocore.exceptions.NoCredentialsError):
            other.list_tables()
    with pytest.raises(botocore.exceptions.NoCredentialsError):
        early.get_proxy_session(**KEYS)


def test_a_client_made_inside_the_stub(monkeypatch, tmp_path):
    """Inside a stub a client requires neither keys nor a region, and ignores a profile and an endpoint variable."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_CHIME_SDK_VOICE", "https://elsewhere.invalid")
    with ChimeStub() as stub:
        stub.add_session(SESSION)
        assert boto3.Session().client("chime-sdk-voice").get_proxy_session(**KEYS)["ProxySession"] == SESSION


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("timeout", botocore.exceptions.ReadTimeoutError),
        ("hang", botocore.exceptions.ReadTimeoutError),
        ("connect-timeout", botocore.exceptions.ConnectTimeoutError),
        ("reset", botocore.exceptions.ConnectionClosedError),
        ("lost-answer", botocore.exceptions.ConnectionClosedError),
        ("refused", botocore.exceptions.EndpointConnectionError),
    ],
)
def test_transport_faults(chime_stub, fault, error):
    """A transport fault raises the exception that botocore itself would raise, with the endpoint."""
    chime_stub.fail(fault)
    with pytest.raises(error, match=r"https://voice-chime\.us-east-1\.amazonaws\.com"):
        call(client(), "ListProxySessions")
    assert [(each.status, each.fault) for each in chime_stub.calls] == [(None, fault)]


@pytest.mark.parametrize("fault", ["timeout", "reset", "refused", "error:ServiceUnavailable"])
def test_retryable_faults(chime_stub, fault):
    """Botocore retries a fault like the failure that it imitates, and the journal counts the attempts."""
    chime_stub.fail(fault)
    retrying = client(retries={"mode": "standard", "total_max_attempts": 3})
    assert call(retrying, "ListProxySessions")["ProxySessions"] == []
    assert [each.attempt for each in chime_stub.calls] == [1, 2]


def test_a_lost_answer_makes_a_duplicate(chime_stub):
    """If the response is lost after the commit, the SDK retries and creates a second session."""
    chime_stub.fail("lost-answer", operation="CreateProxySession")
    retrying = client(retries={"mode": "standard", "total_max_attempts": 3})
    returned = call(retrying, "CreateProxySession")["ProxySession"]["ProxySessionId"]
    assert [session["ProxySessionId"] == returned for session in chime_stub.sessions] == [False, True]
    assert [each.committed for each in chime_stub.calls] == [True, True]


@pytest.mark.parametrize(
    ("flaw", "outcome"),
    [("empty", {}), ("cut", {}), ("html", {}), ("short", {}), ("null", TypeError), ("list", AttributeError)],
)
def test_broken_bodies(chime_stub, flaw, outcome):
    """A malformed body of a success is an empty result or an error of botocore's parser, as from the network."""
    chime_stub.fail(f"body:{flaw}")
    if isinstance(outcome, dict):
        result = call(client(), "ListProxySessions")
        assert {name: result[name] for name in result if name != "ResponseMetadata"} == outcome
    else:
        with pytest.raises(outcome):
            call(client(), "ListProxySessions")


def test_other_services_are_not_intercepted(chime_stub):
    """A request for another service is sent by the original method."""
    sent = []
    original = URLLib3Session.send
    assert original.__module__ == "chime_fixtures.adapters.botocore"
    with Stubber(boto3.client("sts", region_name="us-east-1")) as other:
        other.add_response("get_caller_identity", {"Account": "1"})
        sent.append(other.client.get_caller_identity()["Account"])
    with pytest.raises(botocore.exceptions.EndpointConnectionError):
        boto3.client(
            "sts",
            region_name="us-east-1",
            endpoint_url="http://127.0.0.1:9",
            config=Config(retries={"total_max_attempts": 1, "mode": "standard"}),
        ).get_caller_identity()
    assert sent == ["1"]
    assert chime_stub.calls == ()


def test_regional_and_dual_stack_clients(chime_stub):
    """Clients of every region and of FIPS and dual-stack endpoints are intercepted."""
    for config in ({}, {"use_fips_endpoint": True}, {"use_dualstack_endpoint": True}):
        for region in ("eu-central-1", "cn-north-1"):
            boto3.client("chime-sdk-voice", region_name=region, config=Config(**config)).list_proxy_sessions(
                VoiceConnectorId="abc"
            )
    assert len(chime_stub.calls) == 6


def test_latency(chime_stub, monkeypatch):
    """The client sleeps for the latency, then returns the response."""
    delays = []
    monkeypatch.setattr("chime_fixtures.adapters.botocore.time.sleep", delays.append)
    chime_stub.fail("latency:2.5")
    assert call(client(), "ListProxySessions")["ProxySessions"] == []
    assert delays == [2.5]


@pytest.mark.parametrize("data", ['{"Capabilities": []}', b'{"Capabilities": []}', io.BytesIO(b'{"Capabilities": []}')])
def test_bodies_of_every_kind(chime_stub, data):
    """The body of a request may be text, bytes or a file."""
    chime_stub.add_session(SESSION)
    url = "https://voice-chime.us-east-1.amazonaws.com/voice-connectors/abc/proxy-sessions/s-1"
    response = URLLib3Session().send(AWSRequest("POST", url, data=data).prepare())
    assert response.status_code == 201
    assert chime_stub.sessions[0]["Capabilities"] == []


@pytest.mark.parametrize("missing", ["service", "operations"])
def test_an_sdk_without_the_operations(missing):
    """The error names the installed botocore and the last version known to have the operations."""

    class Session:
        def client(self, name, **_):
            if missing == "service":
                raise botocore.exceptions.UnknownServiceError(service_name=name, known_service_names="")
            return object()

    with pytest.raises(MissingOperationsError, match=r"^botocore \S+ has no operations on .* 'botocore<=1\.44\.8'"):
        create_client(Session())
    assert create_client(boto3.Session(region_name="us-east-1")).meta.service_model.service_name == "chime-sdk-voice"
