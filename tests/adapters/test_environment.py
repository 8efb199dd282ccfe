"""The variables of AWS, as they are inside a stub and after it."""

from __future__ import annotations

import os

import pytest

from chime_fixtures.stub import ChimeStub


def aws():
    """Every variable of AWS."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


def test_dummy_keys_inside(monkeypatch):
    """Inside a stub there are dummy keys, a region, no profile, no token, and no metadata service."""
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


def test_a_region_of_ones_own_stays(monkeypatch):
    """A region that is set is kept."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with ChimeStub():
        assert os.environ["AWS_DEFAULT_REGION"] == "eu-central-1"
    assert os.environ["AWS_DEFAULT_REGION"] == "eu-central-1"


@pytest.mark.parametrize("first", [0, 1])
def test_the_last_one_restores(monkeypatch, first):
    """Of several stubs the last one that is left restores, whichever that is."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    before = dict(os.environ)
    stubs = [ChimeStub().__enter__(), ChimeStub().__enter__()]
    stubs[first].__exit__(None, None, None)
    assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
    stubs[1 - first].__exit__(None, None, None)
    assert dict(os.environ) == before


def test_restored_after_an_error():
    """An error in the body, or two of them nested, leaves the variables as they were."""
    before = dict(os.environ)
    with pytest.raises(RuntimeError, match="body"), ChimeStub(), ChimeStub():
        raise RuntimeError("the body failed")
    assert dict(os.environ) == before


def test_the_default_session_of_boto3(monkeypatch):
    """The session that boto3 makes for itself in a stub does not take its keys out of it, and serves the next stub."""
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
