"""Samples in S3: s3fs as the client, moto's server as the service."""

import hashlib
import os
import socket
import subprocess
import time

import boto3
import pytest

pytestmark = pytest.mark.clients

SIZES = ["--format", "ndjson", "--part-size", "20_000"]


def _is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def store(installed, tmp_path):
    """Runs `sample` with S3 on this machine, and reads the bucket."""
    python = installed("s3/bin/python")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    environment = {
        **inherited,
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_ENDPOINT_URL": url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "TMPDIR": str(tmp_path),
    }

    credentials = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nothing", "region_name": "us-east-1"}
    bucket = boto3.client("s3", endpoint_url=url, **credentials)

    class Store:
        @staticmethod
        def start(*arguments, **variables):
            command = [python, "-m", "chime_fixtures", "sample", *SIZES, *arguments]
            return subprocess.Popen(
                command, stderr=subprocess.PIPE, text=True, env={**environment, **variables}, start_new_session=True
            )

        @classmethod
        def run(cls, *arguments, **variables):
            process = cls.start(*arguments, **variables)
            try:
                _, errors = process.communicate(timeout=120)
            finally:
                process.kill()
            return process.returncode, errors

        @staticmethod
        def names():
            try:
                return [each["Key"] for each in bucket.list_objects_v2(Bucket="bucket").get("Contents", ())]
            except bucket.exceptions.NoSuchBucket:
                return []

        @staticmethod
        def read(name):
            return bucket.get_object(Bucket="bucket", Key=name)["Body"].read()

    try:
        limit = time.monotonic() + 60
        while not _is_listening(port) and time.monotonic() < limit:
            time.sleep(0.1)
        yield Store
    finally:
        server.terminate()
        server.wait()


def test_a_killed_run_is_resumed_in_s3(store, tmp_path):
    """A run that was killed and resumed has the same bytes as a folder, and leaves no temporary files."""
    arguments = ["--count", "400_000", "--workers", "2", "--invalid-share", "0.01", "--resume"]
    process = store.start(*arguments, "-d", "s3://bucket/sample")
    limit = time.monotonic() + 60
    while len(store.names()) < 4 and time.monotonic() < limit:
        time.sleep(0.02)
    os.killpg(process.pid, 9)
    process.communicate()
    assert 4 <= len(store.names()) < 21
    code, errors = store.run(*arguments, "-d", "s3://bucket/sample")
    assert (code, "repeat with --seed 0" in errors) == (0, True), errors
    folder = tmp_path / "sample"
    assert store.run(*arguments, "-d", str(folder))[0] == 0
    expected = {f"sample/{path.name}": hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}
    assert {name: hashlib.sha256(store.read(name)).digest() for name in store.names()} == expected
    assert not list(tmp_path.glob(".*"))
    code, errors = store.run(*arguments, "--seed", "1", "-d", "s3://bucket/sample")
    assert (code, "another sample, which differs in seed" in errors) == (2, True), errors


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1"}, "Could not connect to the endpoint"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_EC2_METADATA_DISABLED": "true"}, "Unable to locate credentials"),
    ],
)
def test_a_failing_store(store, changed, reason):
    """A store that fails is exit code 2 and one line with the URL."""
    code, errors = store.run("--count", "10", "-d", "s3://bucket/sample", **changed)
    assert (code, errors.count("\n")) == (2, 1), errors
    assert f"error: s3://bucket/sample: cannot be used: {reason}" in errors
