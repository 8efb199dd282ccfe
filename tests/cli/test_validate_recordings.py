"""Recordings in `validate`: which files are read, the lines, and the exit code."""

import gzip
import json

import pytest
import yaml
from click.testing import CliRunner

from chime_fixtures.cli import cli
from tests.support.recordings import HOST, NAMES, as_har, cassette

SUMMARY = "9 exchanges in 1 recording: 0 errors, 0 warnings, 0 notes\n"


def run(*arguments, stdin=None):
    """Runs `validate`."""
    result = CliRunner().invoke(cli, ["validate", *map(str, arguments)], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def drifted():
    """A recording with an error, a warning and a note, and with two exchanges that are not judged."""
    recording = cassette()
    interactions = recording["interactions"]
    interactions[NAMES.index("CreateProxySession")]["request"]["body"] = '{"Capabilities": ["FAX"], "Colour": 1}'
    foreign = cassette()["interactions"][:2]
    foreign[0]["request"]["uri"] = "https://example.test/voice-connectors/a/proxy-sessions"
    foreign[1]["request"]["uri"] = f"{HOST}/"
    interactions[:0] = foreign
    return recording


FORMS = {
    "c.yaml": lambda recording: yaml.safe_dump(recording).encode(),
    "c.yml": lambda recording: b"---\n# recorded\n" + yaml.safe_dump(recording).encode(),
    "c.json": lambda recording: json.dumps(recording, indent=4).encode(),
    "version-first.json": lambda recording: json.dumps(dict(reversed(recording.items()))).encode(),
    "c.har": lambda recording: b"\xef\xbb\xbf" + json.dumps(as_har(recording)).encode(),
    "c.yaml.gz": lambda recording: gzip.compress(yaml.safe_dump(recording).encode()),
    "c.har.gz": lambda recording: gzip.compress(json.dumps(as_har(recording)).encode()),
}


@pytest.mark.parametrize("name", FORMS)
def test_each_form_of_a_recording_is_read(name, tmp_path, drifted):
    """A cassette or HAR file is recognised by its content, alone, in a folder and on standard input."""
    path = tmp_path / name
    path.write_bytes(FORMS[name](cassette()))
    for place in (path, tmp_path):
        result = run(place)
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", SUMMARY)
    content = FORMS[name](drifted)
    path.write_bytes(content)
    result = run(path)
    assert result.exit_code == 1
    assert result.stderr == "9 exchanges in 1 recording: 1 error, 1 warning, 1 note, 2 other exchanges\n"
    lines = [line.partition(": exchange 5: ")[2] for line in result.stdout.splitlines()]
    assert lines == [
        'warning: CreateProxySession request: (root): "ParticipantPhoneNumbers" is required [required]',
        'error: CreateProxySession request: /Capabilities/0: "FAX" is not one of "Voice", "SMS" [enum]',
        "note: CreateProxySession request: /Colour: unknown member [unknown-member]",
    ]
    if not name.endswith(".gz"):
        streamed = run("-", stdin=content)
        assert streamed.stdout == result.stdout.replace(str(path), "-")
        assert streamed.stderr == result.stderr


def test_an_exchange_in_yaml_has_its_line(tmp_path, drifted):
    """The line of an exchange is the one at which it begins."""
    path = tmp_path / "c.yaml"
    path.write_bytes(FORMS["c.yaml"](drifted))
    line = int(run(path).stdout.removeprefix(f"{path}:").partition(":")[0])
    begins = [number for number, text in enumerate(path.read_text().splitlines(), 1) if text.startswith("- request:")]
    assert line == begins[4]


def test_a_report_in_json(tmp_path, drifted):
    """Each line has the tier, the place in the file and the location in the message."""
    path = tmp_path / "c.json"
    path.write_bytes(FORMS["c.json"](drifted))
    found = [json.loads(line) for line in run("--report", "json", path).stdout.splitlines()]
    assert [each["verdict"] for each in found] == ["warning", "error", "note"]
    assert found[1] == {
        "verdict": "error",
        "file": str(path),
        "exchange": 5,
        "line": None,
        "operation": "CreateProxySession",
        "part": "request",
        "instanceLocation": "/Capabilities/0",
        "keyword": "enum",
        "error": '/Capabilities/0: "FAX" is not one of "Voice", "SMS"',
    }


@pytest.mark.parametrize(
    ("setting", "code", "counts"),
    [
        ("error", 1, "1 error, 0 warnings, 0 notes"),
        ("warn", 0, "0 errors, 1 warning, 0 notes"),
        ("ignore", 0, "0 errors, 0 warnings, 0 notes"),
        (None, 0, "0 errors, 0 warnings, 1 note"),
    ],
)
def test_unknown_members_have_the_tier_of_the_option(tmp_path, setting, code, counts):
    """Notes and warnings do not change the exit code; --unknown-members raises or drops notes."""
    recording = cassette()
    recording["interactions"][0]["request"]["uri"] += "?colour=red"
    path = tmp_path / "c.json"
    path.write_bytes(FORMS["c.json"](recording))
    result = run(*([] if setting is None else ["--unknown-members", setting]), path)
    assert (result.exit_code, counts in result.stderr) == (code, True)


def test_an_imitator_has_a_base_url(tmp_path):
    """Exchanges with other hosts are counted, and those below --base-url are judged."""
    path = tmp_path / "c.json"
    path.write_bytes(FORMS["c.json"](cassette()).replace(HOST.encode(), b"http://localhost:4566/chime"))
    others = "0 exchanges in 1 recording: 0 errors, 0 warnings, 0 notes, 9 other exchanges\n"
    assert run(path).stderr == others
    assert run("--base-url", "http://localhost:4566/chime", path).stderr == SUMMARY


def test_a_folder_has_records_and_recordings(tmp_path):
    """Both are read; other files in YAML are not, and each file is read once."""
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    (tmp_path / "session.json").write_text('{"Status": "open"}')
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "c.json").write_bytes(FORMS["c.json"](cassette()))
    result = run(tmp_path)
    assert result.exit_code == 1
    assert result.stderr == SUMMARY + "1 record, 1 invalid, 0 unreadable\n"


@pytest.mark.parametrize("options", [["--contract", "Proxy"], ["--operation", "GetProxySession"]])
def test_options_of_a_contract_are_for_records(tmp_path, options):
    """The contract of an exchange is that of its operation."""
    path = tmp_path / "c.har"
    path.write_bytes(FORMS["c.har"](cassette()))
    result = run(*options, path)
    assert result.exit_code == 2
    assert "has recordings, whose operations have contracts of their own; leave out --contract" in result.stderr


NOT_A_RECORDING = "is not a recording: a VCR cassette has interactions, and a HAR file has log.entries"
ENTRY = {"request": {"method": "GET", "url": HOST}, "response": {"status": 200, "content": {}}}
DAMAGED = [
    ("a.yaml", "services: {}\n", NOT_A_RECORDING),
    ("a.yaml", "", NOT_A_RECORDING),
    ("a.yaml", "- 1\n", NOT_A_RECORDING),
    ("a.har", '{"log": {"pages": []}}', NOT_A_RECORDING),
    ("a.har", "[]", NOT_A_RECORDING),
    ("a.yaml", "interactions: []\nversion: 2\n", "is a cassette of version 2; only version 1 is supported; record it"),
    ("a.yaml", "interactions:\n- request: {\n", "is not valid YAML: "),
    ("a.yaml", "interactions:\n- request: {method: GET, uri: x}\n", ":2: exchange 1: has no response; the file may be"),
    ("a.yaml", "interactions:\n- request: !!python/object:os.x {}\n  response: {}\n", ":2: tag !!python/object:os.x is"),
    ("a.yaml", "interactions:\n- request: {method: GET}\n  response: {}\n", "exchange 1: has no method or no uri"),
    ("a.yaml", "interactions:\n- request: {method: G, uri: x, body: !!binary '&'}\n  response: {}\n", "status.code"),
    ("a.yaml", "interactions:\n- request: {method: G, uri: x, body: !!binary a}\n  response: {}\n", "is not valid base64"),
    ("a.json", '{"interactions": [{"request": {"method": "G"', ":1: is not valid JSON: "),
    ("a.json", '{"interactions": [5]}', "exchange 1: has no request; the file may be cut"),
    ("a.json", '{"interactions": ' + "[" * 100_000, "is not valid JSON: "),
    ("a.har", json.dumps({"log": {"entries": [{**ENTRY, "response": None}]}}), "exchange 1: has no request or no resp"),
    ("a.har", json.dumps({"log": {"entries": [{**ENTRY, "request": {}}]}}), "exchange 1: has no method, no url or no"),
    ("a.har", "{\"log\": {\"entries\": [\xff", "is not UTF-8 at byte 21; save it as UTF-8"),
    ("a.har.gz", "not gzip", "cannot be"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "reason"), DAMAGED)
def test_a_damaged_or_foreign_file_is_one_line(tmp_path, name, content, reason):
    """It is unreadable: one error line, and exit code 2."""
    path = tmp_path / name
    path.write_bytes(content.encode("latin-1"))
    result = run(path)
    assert (result.exit_code, result.stdout) == (2, "")
    error, summary = result.stderr.splitlines()
    assert error.startswith(f"chime-fixtures: error: {path}")
    assert reason in error
    assert summary == "0 exchanges in 0 recordings: 0 errors, 0 warnings, 0 notes, 1 unreadable"
    report = json.loads(run("--report", "json", path).stdout)
    assert (report["verdict"], reason.strip(": ") in f"{report['location']}: {report['error']}") == ("unreadable", True)
