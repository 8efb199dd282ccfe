"""The AWS environment variables inside a stub and after it."""

from __future__ import annotations

import os

import pytest

from chime_fixtures.stub import ChimeStub


def aws():
    """All AWS variables."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


def test_dummy_keys_inside(monkeypatch):
    """Inside a stub there are dummy keys, a region, no profile, no session token and no metadata service."""
    for name in aws():
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    with ChimeStub():
        assert aws() == {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    assert aws() == {"AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "real", "AWS_ACCESS_KEY_ID": "real"}


def test_the_region_is_kept(monkeypatch):
    """A region that is set is not replaced."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with ChimeStub():
        assert os.environ["AWS_DEFAULT_REGION"] == "eu-central-1"
    assert os.environ["AWS_DEFAULT_REGION"] == "eu-central-1"


@pytest.mark.parametrize("first", [0, 1])
def test_the_last_stub_restores_the_variables(monkeypatch, first):
    """The variables are restored when the last of several stubs is left, in any order."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    before = dict(os.environ)
    stubs = [ChimeStub().__enter__(), ChimeStub().__enter__()]
    stubs[first].__exit__(None, None, None)
    assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
    stubs[1 - first].__exit__(None, None, None)
    assert dict(os.environ) == before


def test_restored_after_an_error():
    """The variables are restored after an exception in the block, also in nested stubs."""
    before = dict(os.environ)
    with pytest.raises(RuntimeError, match="body"), ChimeStub(), ChimeStub():
        raise RuntimeError("the body failed")
    assert dict(os.environ) == before


def test_the_default_session_of_boto3(monkeypatch):
    """The default session that boto3 makes inside a stub is used by the next stub, but not outside."""
    import boto3

    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    made = []
    for _ in range(2):
        with ChimeStub():
            boto3.client("chime-sdk-voice")
            made.append(boto3.DEFAULT_SESSION)
        assert boto3.DEFAULT_SESSION is None
    assert made[0] is made[1]
    own = boto3.Session(aws_access_key_id="AKIAOWN", aws_secret_access_key="own")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", own)
    with ChimeStub():
        assert boto3.DEFAULT_SESSION is own
    assert boto3.DEFAULT_SESSION is own
