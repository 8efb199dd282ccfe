"""The pipeline against files and drawn sessions. PIPELINE=pipeline_broken runs them against the twin with a mistake."""

import importlib
import json
import os
import subprocess
import sys

import pytest
from chime_fixtures import ProxySessionFactory, proxy_session_lists, proxy_sessions
from hypothesis import given

pipeline = importlib.import_module(os.environ.get("PIPELINE", "pipeline"))
MEMBERS = ["ProxySessionId", "CreatedTimestamp", "UpdatedTimestamp"]


def lines(sessions):
    """Sessions as JSON lines."""
    return [json.dumps(session).encode() for session in sessions]


@given(proxy_sessions(required=MEMBERS))
def test_every_valid_session_is_used(session):
    """No valid session is rejected, and each is reported on one day."""
    rejected = []
    (row,) = pipeline.report(pipeline.records(lines([session]), rejected))
    assert (rejected, row[1], row[2]) == ([], 1, int("EndedTimestamp" in session))


@given(proxy_session_lists())
def test_each_session_is_counted_once(sessions):
    """Each usable session counts once, however many snapshots there are."""
    rows = pipeline.report(pipeline.records(lines(sessions), []))
    usable = {session["ProxySessionId"] for session in sessions if session.keys() >= set(MEMBERS)}
    assert sum(row[1] for row in rows) == len(usable)


def test_the_newest_snapshot_counts():
    """An old snapshot behind the newest one changes nothing."""
    opened, called, closed = ProxySessionFactory(seed=3).lifecycle()
    for order in ([opened, called, closed], [closed, called, opened], [called, closed, opened]):
        ((_, count, ended, minutes),) = pipeline.report(order)
        assert (count, ended) == (1, 1)
        assert minutes > 0


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A sample file of 400 lines, some malformed, and the numbers of those."""
    folder = tmp_path_factory.mktemp("sample") / "lines"
    command = ["sample", "--count", "400", "--format", "ndjson", "--malformed-share", "0.05", "-d", str(folder)]
    subprocess.run([sys.executable, "-m", "chime_fixtures", *command], check=True)
    (labels,) = folder.glob("*labels.ndjson")
    (part,) = set(folder.glob("*.ndjson")) - {labels}
    return part, [json.loads(line) for line in labels.read_text().splitlines()]


def test_malformed_lines_do_not_stop_it(sample):
    """The report has the other records, and each rejected line is one that the labels name."""
    part, labels = sample
    rejected = []
    rows = pipeline.report(pipeline.records(part.read_bytes().split(b"\n")[:-1], rejected))
    assert set(rejected) <= {label["line"] for label in labels}
    assert sum(row[1] for row in rows) > 350
