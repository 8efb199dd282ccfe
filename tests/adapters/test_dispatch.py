"""The stack of stubs, what they claim, and what is left of them."""

from __future__ import annotations

import contextlib
import itertools
import random
import re
import subprocess
import sys

import botocore.loaders
import pytest
import requests
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.httpsession import URLLib3Session
from requests.adapters import HTTPAdapter

from chime_fixtures.adapters.dispatch import CHIME_URLS, DISPATCHER, urls_of
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.stub import ChimeStub

URL = "https://voice-chime.us-east-1.amazonaws.com/voice-connectors/abc/proxy-sessions"


@pytest.mark.parametrize(
    "host",
    [
        "voice-chime.us-east-1.amazonaws.com",
        "VOICE-CHIME.eu-west-2.AMAZONAWS.com",
        "voice-chime-fips.us-west-2.amazonaws.com",
        "voice-chime.ap-southeast-2.api.aws",
        "voice-chime-fips.us-east-1.api.aws",
        "voice-chime.cn-north-1.amazonaws.com.cn",
        "chime.us-east-1.amazonaws.com",
        "service.chime.aws.amazon.com",
        "voice-chime.us-east-1.amazonaws.com:443",
        "voice-chime.us-east-1.amazonaws.com.",
        "someone@voice-chime.us-east-1.amazonaws.com",
    ],
)
@pytest.mark.parametrize("rest", ["", "/", "/voice-connectors?a=b", "?a=b"])
def test_hosts_of_the_api(host, rest):
    """Each host of the API is claimed, with whatever stands behind it."""
    assert re.match(CHIME_URLS, f"https://{host}{rest}")


@pytest.mark.parametrize(
    "url",
    [
        "https://dynamodb.us-east-1.amazonaws.com/",
        "https://voice-chime.us-east-1.amazonaws.com.example.test/",
        "https://example.test/?u=https://voice-chime.us-east-1.amazonaws.com/",
        "https://my-voice-chime.us-east-1.amazonaws.com/",
        "https://meetings-chime.us-east-1.amazonaws.com/",
        "ftp://voice-chime.us-east-1.amazonaws.com/",
        "https://example.test/@voice-chime.us-east-1.amazonaws.com/",
    ],
)
def test_hosts_that_are_not(url):
    """A host that only looks like one of the API's is not claimed."""
    assert re.match(CHIME_URLS, url) is None


@pytest.mark.parametrize("service", ["chime", "chime-sdk-voice"])
def test_every_endpoint_that_botocore_resolves(service):
    """Whatever endpoint botocore resolves for the new client and for the legacy one, in any partition, is claimed."""
    loader = botocore.loaders.Loader()
    partitions = loader.load_data("partitions")
    provider = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
    regions = [region for partition in partitions["partitions"] for region in partition["regions"]]
    resolved = set()
    for region, fips, dual in itertools.product(regions, (False, True), (False, True)):
        with contextlib.suppress(EndpointProviderError):
            wish = {"Region": region, "UseFIPS": fips, "UseDualStack": dual}
            resolved.add(provider.resolve_endpoint(**wish).url)
    assert len(resolved) > len(partitions["partitions"])
    assert [url for url in resolved if re.match(CHIME_URLS, url) is None] == []


def test_an_imitator_has_a_base():
    """A base URL claims what stands under it, and nothing beside it; its path is not part of the target."""
    with ChimeStub(base_url="https://api.example.test/v1/") as stub:
        answer = requests.get("https://api.example.test/v1/voice-connectors/abc/proxy-sessions")
        assert answer.json() == {"ProxySessions": []}
        assert [call.path for call in stub.calls] == ["/voice-connectors/abc/proxy-sessions"]
    urls = urls_of("https://API.example.test/v1")
    for taken in (
        "https://api.example.test/v1",
        "https://Api.Example.test:443/v1/x",
        "https://api.example.test./v1?a=b",
    ):
        assert urls.match(taken)
    for other in (
        "api.example.test/v11/x",
        "api.example.test/V1/x",
        "api.example.test:8443/v1",
        "api.example.tests/v1",
    ):
        assert urls.match(f"https://{other}") is None
    assert urls_of("http://[::1]:8080").match("http://[::1]:8080/voice-connectors")


@pytest.mark.parametrize(
    "base", ["api.example.test/v1", "ftp://api.example.test", "https:///v1", "https://a.test/?x=y", ""]
)
def test_what_is_no_base(base):
    """A base that no request could ever have is refused when the stub is made."""
    with pytest.raises(InvalidOptionError, match=r"base_url is to be like https://api\.example\.test/v1, not"):
        ChimeStub(base_url=base)


def test_the_innermost_stub_answers():
    """Of nested stubs the innermost answers, and the outer one again when it has been left."""
    with ChimeStub() as outer:
        with ChimeStub() as inner:
            requests.get(URL)
        requests.get(URL)
        requests.get(URL)
    assert (len(outer.calls), len(inner.calls)) == (2, 1)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_stubs_are_left_in_any_order(order):
    """In whatever order stubs are left, the innermost of those that remain answers, and nothing stays behind."""
    originals = URLLib3Session.send, HTTPAdapter.send, tuple(sys.meta_path)
    stubs = [ChimeStub() for _ in range(3)]
    for stub in stubs:
        stub.__enter__()
    inside = list(stubs)
    for index in order:
        inside.remove(stubs[index])
        stubs[index].__exit__(None, None, None)
        if inside:
            seen = len(inside[-1].calls)
            requests.get(URL)
            assert len(inside[-1].calls) == seen + 1
    assert (URLLib3Session.send, HTTPAdapter.send, tuple(sys.meta_path)) == originals
    assert DISPATCHER.find(URL) is None


def test_a_thousand_rounds_of_two_stubs():
    """Of two stubs, one in the other or left in the order of entering, neither ever sees what the other one is asked."""
    draw = random.Random(2)
    with requests.Session() as session:
        for turn in range(1000):
            stubs, asked, inside = [ChimeStub(seed=1), ChimeStub(seed=1)], ([], []), []

            def ask(turn=turn, asked=asked, inside=inside):
                body = {
                    "ParticipantPhoneNumbers": ["+12", "+13"],
                    "Capabilities": [],
                    "Name": f"{turn} of {len(inside)}",
                }
                assert session.post(URL, json=body).status_code == 201
                asked[inside[-1]].append(body["Name"])

            for number, stub in enumerate(stubs):
                stub.__enter__()
                inside.append(number)
                ask()
            for number in draw.sample(range(2), 2):
                stubs[number].__exit__(None, None, None)
                inside.remove(number)
                if inside:
                    ask()
            for stub, names in zip(stubs, asked, strict=True):
                assert (
                    [each["Name"] for each in stub.sessions] == [call.request["Name"] for call in stub.calls] == names
                )
    assert DISPATCHER.find(URL) is None


def test_a_foreign_patch_is_not_lost(monkeypatch):
    """A patch that somebody put over ours survives our leaving, and what lies under it answers for nobody any more."""
    original = URLLib3Session.send
    with ChimeStub():
        ours = URLLib3Session.send
        monkeypatch.setattr(URLLib3Session, "send", lambda self, request: "foreign")
    assert URLLib3Session.send(None, None) == "foreign"
    monkeypatch.undo()
    assert URLLib3Session.send is ours
    with ChimeStub():
        assert URLLib3Session.send is not ours
    URLLib3Session.send = original


def test_everything_is_restored_after_an_error():
    """An exception in the body leaves nothing patched."""
    originals = URLLib3Session.send, HTTPAdapter.send, tuple(sys.meta_path)
    with pytest.raises(KeyboardInterrupt), ChimeStub():
        raise KeyboardInterrupt
    assert (URLLib3Session.send, HTTPAdapter.send, tuple(sys.meta_path)) == originals


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("pass", "[]"),
        ("import requests", "['requests', 'responses']"),
        ("import botocore.session", "['botocore.httpsession']"),
        ("from botocore.awsrequest import AWSRequest", "['botocore.httpsession']"),
    ],
)
def test_no_library_is_imported_for_its_own_sake(statement, expected):
    """A stub imports no client library; one that is imported inside it is patched as soon as it is there."""
    program = f"""
import sys
from chime_fixtures.stub import ChimeStub
with ChimeStub():
    {statement}
    names = ("requests", "responses", "botocore.httpsession")
    found = [name for name in names if name in sys.modules]
    if "botocore.httpsession" in found:
        assert sys.modules["botocore.httpsession"].URLLib3Session.send.__module__.startswith("chime_fixtures")
    if "requests" in found:
        assert sys.modules["requests.adapters"].HTTPAdapter.send.__module__ == "responses"
print(found)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (expected, "")
