import gzip
import hashlib
import subprocess
import sys

import orjson
import pytest

from tests.support.command_line import run_command
from tests.support.pseudo_terminal import run_on_terminal

COMMAND = [sys.executable, "-m", "chime_fixtures", "sample"]


def run(tmp_path, *arguments):
    return run_command("sample", *arguments, cwd=tmp_path)


def test_one_file_of_any_size_is_written(tmp_path):
    """The extension names the format; the summary ends with the seed; standard output has the same bytes."""
    done = run(tmp_path, "--count", "5k", "--seed", "3", "-o", "a.ndjson", "--locale", "ja_JP", "--state", "Open")
    assert (done.returncode, done.stderr) == (0, b"wrote 5,000 records to a.ndjson; repeat with --seed 3\n")
    content = (tmp_path / "a.ndjson").read_bytes()
    assert {orjson.loads(line)["Status"] for line in content.splitlines()} == {"Open"}
    again = run(
        tmp_path, "--count", "5_000", "--seed", "3", "--format", "ndjson", "--locale", "ja_JP", "--state", "Open"
    )
    assert hashlib.sha256(again.stdout).digest() == hashlib.sha256(content).digest()


def test_the_extension_names_the_compression(tmp_path):
    """`--format` can be combined with the extension of a compression."""
    assert run(tmp_path, "--format", "jsonl", "-o", "a.NDJSON.GZ").returncode == 0
    assert len(gzip.decompress((tmp_path / "a.NDJSON.GZ").read_bytes()).splitlines()) == 10


def test_a_custom_schema_in_parts(tmp_path):
    """The manifest of a custom schema has its title; a shard writes its parts only; faults have labels."""
    (tmp_path / "s.json").write_text(
        '{"title": "Order", "type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}}'
    )
    common = [
        "--schema",
        "s.json",
        "--count",
        "300",
        "-d",
        "out",
        "--format",
        "ndjson",
        "--part-size",
        "50",
        "--invalid-share",
        "0.1",
    ]
    assert run(tmp_path, *common, "--shard", "2/3").returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").glob("part-*")) == [
        "part-000001.ndjson",
        "part-000004.ndjson",
    ]
    assert run(tmp_path, *common, "--resume").returncode == 0
    assert len(list((tmp_path / "out").glob("part-*"))) == 6
    assert orjson.loads((tmp_path / "out" / "_manifest.json").read_bytes())["contract"] == "Order"
    assert b'"keyword":' in (tmp_path / "out" / "_labels.ndjson").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--count", "1.5"], "is not a whole number"),
        (["--count", "1e13"], "is not in the range"),
        (["--count", "inf"], "is not a whole number"),
        (["--count", "1e99999999999"], "is not in the range"),
        (["--count", "1e-99999999999"], "is not a whole number"),
        (["--since", "yesterday"], "is not an ISO 8601 timestamp"),
        (["--since", "2026-02-01", "--until", "2026-01-01"], "must be before"),
        (["--since", "9999-11-30"], "pass until too"),
        (["--until", "0001-01-01"], "pass since too"),
        (["--since", "0001-01-01T00:00:00+14:00"], "before the year 1"),
        (["--connector", ""], "/VoiceConnectorId: "),
        (["--connector", "x" * 300, "-d", "x", "--format", "ndjson"], "[maxLength]"),
        (["--invalid-share", "2", "-d", "x", "--format", "ndjson"], "is not in the range 0 to 1"),
        (["--invalid-share", "x", "-d", "x", "--format", "ndjson"], "is not a share"),
        (["--invalid-share", "1e-9999999", "-d", "x", "--format", "ndjson"], "has too many digits for a share"),
        (["--malformed-share", "1e-99999999", "-d", "x", "--format", "ndjson"], "has too many digits for a share"),
        (["--shard", "4/3", "-d", "x", "--format", "ndjson"], "is not a shard"),
        (["--workers", "2"], "--workers requires --output-dir"),
        (["--malformed-share", "0.1", "-d", "x", "--format", "csv"], "other formats do not have lines"),
        (["--part-size", "0", "-d", "x", "--format", "ndjson"], "at least 1 record"),
        (["--engine", "dask"], "--engine requires --output-dir"),
        (["--scheduler", "tcp://x", "-d", "x", "--format", "ndjson"], "requires --engine dask"),
        (["--raw"], "No such option"),
        (["--timestamps", "native", "-o", "a.csv"], "--timestamps native requires --format parquet"),
        (
            ["--invalid-share", "0.6", "--malformed-share", "0.6", "-d", "x", "--format", "ndjson"],
            "add up to at most 1; lower",
        ),
        (
            ["--contract", "CreateProxySession.request", "--state", "Open"],
            "--state requires proxy sessions, but the contract is",
        ),
        (["--locale", "xx"], "no names for the locale"),
        (["--state", "Paused"], "has no state 'Paused'"),
        (["--state", "Paused", "-d", "x", "--format", "ndjson"], "has no state 'Paused'"),
        (["--state", "Paused", "-d", "x"], "has no state 'Paused'"),
        (["--format", "xml"], "unknown format 'xml'"),
        (["--format", "ndjson", "-o", "a.parquet"], "ends in .parquet, but the format is ndjson"),
        (["-o", "a.gz"], "without a format"),
        (["--edges", "--format", "csv"], "supports json and ndjson, not csv"),
        (["-o", "a.ndjson", "-d", "x"], "cannot be combined; pass one"),
        (["-d", "nosuch://user:secret@host/x", "--format", "ndjson"], "cannot be used"),
    ],
)
def test_wrong_usage_is_one_short_error(tmp_path, arguments, reason):
    """Exit code 2, a line that names the remedy, no traceback, no password, and nothing written."""
    done = run(tmp_path, *arguments)
    text = done.stderr.decode()
    assert (done.returncode, reason in text, "Traceback" in text, "secret" in text) == (2, True, False, False), text
    assert not list(tmp_path.glob("*.ndjson"))


@pytest.mark.slow
def test_a_closed_pipe_is_not_an_error(tmp_path):
    """A pipe that is closed early gives exit code 0 and no message."""
    command = [*COMMAND, "--count", "1e9", "--format", "ndjson"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout.readline().startswith(b'{"VoiceConnectorId":')
        process.stdout.close()
        assert (process.stderr.read(), process.wait(30)) == (b"", 0)


@pytest.mark.slow
def test_progress_is_shown_on_a_terminal(tmp_path):
    """On a terminal there is a bar with rate and remaining time, and the summary alone at the end."""
    code, seen = run_on_terminal(
        [*COMMAND, "--count", "20k", "--part-size", "1k", "--format", "ndjson", "-d", tmp_path / "out"],
        columns=120,
        stdout=False,
    )
    assert code == 0
    assert b"100%" in seen
    assert seen.rstrip().endswith(b"repeat with --seed 0")


def test_the_manifest_of_single_files_has_options_and_versions(tmp_path):
    """Options and versions are in the manifest; violations do not depend on options."""
    assert run(tmp_path, "--count", "1", "--locale", "de_DE", "-d", "valid").returncode == 0
    assert run(tmp_path, "--count", "1", "--invalid", "-d", "invalid").returncode == 0
    valid, invalid = (orjson.loads((tmp_path / name / "_manifest.json").read_bytes()) for name in ("valid", "invalid"))
    assert valid["options"]["locales"] == ["de_DE"]
    assert {"pool", "plan", "generator", "seed", "schema_sha256"} <= valid.keys() & invalid.keys()
    assert "options" not in invalid


@pytest.mark.parametrize("arguments", [["-d", "out"], ["-d", "out", "--format", "ndjson"], ["-o", "a.json"]])
def test_counts_agree_with_their_nouns(tmp_path, arguments):
    """One record is "1 record"."""
    done = run(tmp_path, "--count", "1", *arguments)
    assert done.stderr.startswith((b"wrote 1 record to ", b"wrote 1 record in 1 part to ")), done.stderr
