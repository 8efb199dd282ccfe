"""Third-party clients, each in its own environment; `install`, beside this file, installs them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chime_fixtures.stub import ChimeStub

collect_ignore = ["consumer.py"]


@pytest.fixture
def installed():
    """Returns the path of a file of an installed client; skips the test if it is absent."""
    folder = os.environ.get("CHIME_CLIENTS")

    def path_of(name):
        if folder is None:
            pytest.skip("CHIME_CLIENTS is not set; run tests/clients/install and set it to the folder")
        path = Path(folder, name)
        if not path.exists():
            pytest.skip(f"{path} is not installed; run tests/clients/install")
        return path

    return path_of


@pytest.fixture
def served():
    """A stub, its server, and environment variables that direct clients to that server only."""
    stub = ChimeStub(seed=5, signatures="verify")
    with stub.serve() as server:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
        isolated = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_PAGER": ""}
        yield stub, server, {**inherited, **server.env, **isolated, "NO_PROXY": "127.0.0.1"}
    problems, _ = stub.drain()
    assert problems == ()
