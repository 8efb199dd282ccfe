"""Write the pictures of docs/images: the explorer of a proxy session, and the coverage report of a small suite.

Run from the checkout, with Debian's packages chromium and chromium-driver: ``python docs/screenshots.py``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
IMAGES = TOP / "docs" / "images"
SIZE = (1180, 800)
"""Width and height in pixels."""

SUITE = """
import pytest
from chime_fixtures import load_contract

IDS = {"VoiceConnectorId": "abc", "ProxySessionId": "s"}


@pytest.mark.chime_cases(only=["Name.*", "Status.enum*", "ExpiryMinutes.minimum*", "Participants.type*"])
def test_parser_rejects(invalid_proxy_session):
    assert not load_contract("ProxySession").is_valid(invalid_proxy_session)


@pytest.mark.chime_cases(only=["Name.*", "Status.*", "Participants.0.*"])
def test_parser_accepts(proxy_session_edge):
    assert load_contract("ProxySession").is_valid(proxy_session_edge.instance)


@pytest.mark.chime_cases(only=["Name.maxLength", "Name.maxLength.twice", "Status.enum"])
def test_client_receives(chime_stub, chime_client, proxy_session_violation):
    chime_stub.answer("GetProxySession", proxy_session_violation)
    assert chime_client.get_proxy_session(**IDS)["ProxySession"]


@pytest.mark.chime_cases(only=["Name.*", "Status.*"])
def test_client_lists(chime_stub, chime_client, proxy_session_edge):
    chime_stub.add_session({**proxy_session_edge.instance, "VoiceConnectorId": "abc"})
    assert chime_client.list_proxy_sessions(VoiceConnectorId="abc")["ProxySessions"]
"""


def main() -> None:
    """Make both pages, and save what a reader sees of them."""
    sys.path.insert(0, str(TOP))
    from chime_fixtures.chime.contracts import load_contract
    from chime_fixtures.contract_coverage.page import render_page
    from tests.support.browser import ABSENT, browser

    if ABSENT:
        sys.exit(ABSENT)
    with tempfile.TemporaryDirectory() as name, browser() as chromium:
        folder = Path(name)
        explorer = folder / "explorer.html"
        explorer.write_text(render_page(load_contract("ProxySession")), encoding="utf-8")
        chromium.view(size=SIZE)
        chromium.open(f"{explorer.as_uri()}#/Participants/*/PhoneNumber")
        chromium.disclose("#detail > .constraint:nth-of-type(2)")
        chromium.disclose("#detail .case:first-child")
        chromium.save(IMAGES / "explorer.png")
        (folder / "test_sessions.py").write_text(SUITE, encoding="utf-8")
        options = ("--chime-cov", "--chime-cov-report=html:report", "--chime-cov-report=term", "-q")
        subprocess.run([sys.executable, "-m", "pytest", *options], cwd=folder, check=True)
        chromium.view(size=SIZE, dark=True)
        chromium.open(f"{(folder / 'report' / 'index.html').as_uri()}#/Name")
        chromium.disclose("#detail > .constraint:nth-of-type(2)")
        chromium.save(IMAGES / "coverage.png")


if __name__ == "__main__":
    main()
