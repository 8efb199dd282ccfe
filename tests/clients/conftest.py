"""Clients that nobody here wrote, each in an environment of its own; see `install` beside this file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chime_fixtures.stub import ChimeStub

collect_ignore = ["consumer.py"]


@pytest.fixture
def part():
    """Finds something of an installed client; skips the test where it is not there."""
    folder = os.environ.get("CHIME_CLIENTS")

    def find(path):
        if folder is None:
            pytest.skip("CHIME_CLIENTS names no folder: see tests/clients/install")
        found = Path(folder, path)
        if not found.exists():
            pytest.skip(f"{found} was not installed: see tests/clients/install")
        return found

    return find


@pytest.fixture
def served():
    """A server in this process, its stub, and an environment that leads clients there and nowhere else."""
    stub = ChimeStub(seed=5, signatures="verify")
    with stub.serve() as server:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
        closed = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_PAGER": ""}
        yield stub, server, {**kept, **server.env, **closed, "NO_PROXY": "127.0.0.1"}
    problems, _ = stub.service.settle()
    assert problems == ()
