"""The stack of active stubs, the URLs that they claim, and the restored patches."""

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

from chime_fixtures.adapters.dispatch import CHIME_URLS, DISPATCHER, claimed_urls
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.stub import ChimeStub
from tests.support.sizes import IS_NIGHTLY, ONLY_NIGHTLY

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
    """Each host of the API is claimed, with any path and query."""
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
def test_similar_hosts(url):
    """A host that only resembles one of the API is not claimed."""
    assert re.match(CHIME_URLS, url) is None


@pytest.mark.parametrize("service", ["chime", "chime-sdk-voice"])
def test_every_endpoint_that_botocore_resolves(service):
    """Each endpoint that botocore resolves, for the present and the legacy client in any partition, is claimed."""
    loader = botocore.loaders.Loader()
    partitions = loader.load_data("partitions")
    provider = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
    regions = [region for partition in partitions["partitions"] for region in partition["regions"]]
    resolved = set()
    for region, fips, dual in itertools.product(regions, (False, True), (False, True)):
        with contextlib.suppress(EndpointProviderError):
            parameters = {"Region": region, "UseFIPS": fips, "UseDualStack": dual}
            resolved.add(provider.resolve_endpoint(**parameters).url)
    assert len(resolved) > len(partitions["partitions"])
    assert [url for url in resolved if re.match(CHIME_URLS, url) is None] == []


def test_the_base_url_of_an_imitator():
    """A base URL claims the URLs below it and no others; its path is not part of the target."""
    with ChimeStub(base_url="https://api.example.test/v1/") as stub:
        response = requests.get("https://api.example.test/v1/voice-connectors/abc/proxy-sessions")
        assert response.json() == {"ProxySessions": []}
        assert [call.path for call in stub.calls] == ["/voice-connectors/abc/proxy-sessions"]
    urls = claimed_urls("https://API.example.test/v1")
    for claimed in (
        "https://api.example.test/v1",
        "https://Api.Example.test:443/v1/x",
        "https://api.example.test./v1?a=b",
    ):
        assert urls.match(claimed)
    for other in (
        "api.example.test/v11/x",
        "api.example.test/V1/x",
        "api.example.test:8443/v1",
        "api.example.tests/v1",
    ):
        assert urls.match(f"https://{other}") is None
    assert claimed_urls("http://[::1]:8080").match("http://[::1]:8080/voice-connectors")


@pytest.mark.parametrize(
    "base", ["api.example.test/v1", "ftp://api.example.test", "https:///v1", "https://a.test/?x=y", ""]
)
def test_an_invalid_base_url(base):
    """A base that is not an HTTP URL, or has a query, is refused when the stub is made."""
    with pytest.raises(InvalidOptionError, match=r"base_url must be a URL like https://api\.example\.test/v1, not"):
        ChimeStub(base_url=base)


def test_the_innermost_stub_has_precedence():
    """The innermost of nested stubs handles the requests until it is left."""
    with ChimeStub() as outer:
        with ChimeStub() as inner:
            requests.get(URL)
        requests.get(URL)
        requests.get(URL)
    assert (len(outer.calls), len(inner.calls)) == (2, 1)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_stubs_left_in_any_order(order):
    """In whatever order stubs are left, the innermost active one handles the requests, and all patches are restored."""
    originals = URLLib3Session.send, HTTPAdapter.send, tuple(sys.meta_path)
    stubs = [ChimeStub() for _ in range(3)]
    for stub in stubs:
        stub.__enter__()
    active = list(stubs)
    for index in order:
        active.remove(stubs[index])
        stubs[index].__exit__(None, None, None)
        if active:
            before = len(active[-1].calls)
            requests.get(URL)
            assert len(active[-1].calls) == before + 1
    assert (URLLib3Session.send, HTTPAdapter.send, tuple(sys.meta_path)) == originals
    assert DISPATCHER.find_claim(URL) is None


@pytest.mark.slow
def test_many_pairs_of_stubs():
    """Of two stubs, left in either order, neither gets a request that the other one handles."""
    draw = random.Random(2)
    with requests.Session() as session:
        for turn in range(1000 if IS_NIGHTLY else 200):
            stubs, sent, active = [ChimeStub(seed=1), ChimeStub(seed=1)], ([], []), []

            def send(turn=turn, sent=sent, active=active):
                body = {
                    "ParticipantPhoneNumbers": ["+12", "+13"],
                    "Capabilities": [],
                    "Name": f"{turn} of {len(active)}",
                }
                assert session.post(URL, json=body).status_code == 201
                sent[active[-1]].append(body["Name"])

            for number, stub in enumerate(stubs):
                stub.__enter__()
                active.append(number)
                send()
            for number in draw.sample(range(2), 2):
                stubs[number].__exit__(None, None, None)
                active.remove(number)
                if active:
                    send()
            for stub, names in zip(stubs, sent, strict=True):
                assert (
                    [each["Name"] for each in stub.sessions] == [call.request["Name"] for call in stub.calls] == names
                )
    assert DISPATCHER.find_claim(URL) is None


def test_a_foreign_patch_is_kept(monkeypatch):
    """A patch that somebody made over ours is kept when the stub is left; our method below it is inactive."""
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
    """All patches are restored after an exception in the block."""
    originals = URLLib3Session.send, HTTPAdapter.send, tuple(sys.meta_path)
    with pytest.raises(KeyboardInterrupt), ChimeStub():
        raise KeyboardInterrupt
    assert (URLLib3Session.send, HTTPAdapter.send, tuple(sys.meta_path)) == originals


BOTOCORE = ["botocore.httpsession"]
REQUESTS = ["requests", "responses"]
"""The modules that are loaded when a program imports a client library inside a stub."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "imports",
    [
        pytest.param({"from botocore.awsrequest import AWSRequest": BOTOCORE, "import requests": REQUESTS}, id="both"),
        pytest.param({"import requests": REQUESTS}, id="requests", marks=ONLY_NIGHTLY),
        pytest.param({"import botocore.session": BOTOCORE}, id="botocore", marks=ONLY_NIGHTLY),
        pytest.param({"from botocore.awsrequest import AWSRequest": BOTOCORE}, id="awsrequest", marks=ONLY_NIGHTLY),
    ],
)
def test_libraries_are_imported_by_the_program_only(imports):
    """A stub imports no client library; one that is imported inside the stub is patched at once."""
    expected, seen = [], []
    for modules in ([], *imports.values()):
        seen += modules
        expected.append(sorted(seen))
    program = f"""
import sys
from chime_fixtures.stub import ChimeStub

def found():
    names = ("botocore.httpsession", "requests", "responses")
    found = [name for name in names if name in sys.modules]
    if "botocore.httpsession" in found:
        assert sys.modules["botocore.httpsession"].URLLib3Session.send.__module__.startswith("chime_fixtures")
    if "requests" in found:
        assert sys.modules["requests.adapters"].HTTPAdapter.send.__module__ == "responses"
    return found

with ChimeStub():
    result = [found()]
    for statement in {list(imports)}:
        exec(statement)
        result.append(found())
print(result)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (str(expected), "")


IMPORTED_AGAIN = """
import sys
import requests
from chime_fixtures import ChimeStub

with ChimeStub():
    assert "responses" in sys.modules
for name in [name for name in sys.modules if name.partition(".")[0] == "responses"]:
    del sys.modules[name]
del sys.modules["chime_fixtures.adapters.requests"]
with ChimeStub() as stub:
    url = f"https://voice-chime.us-east-1.amazonaws.com/voice-connectors/{stub.connector_id}/proxy-sessions"
    print(requests.get(url, timeout=1).json())
"""


@pytest.mark.slow
def test_a_patch_follows_a_module_that_was_imported_again():
    """A test run inside the process may remove modules when it ends; the next stub imports and patches them again."""
    done = subprocess.run([sys.executable, "-c", IMPORTED_AGAIN], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{'ProxySessions': []}\n", "")
