import functools
import json
import re
import signal
import subprocess
import sys

import jsonschema_rs
import pytest
from click.testing import CliRunner

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.cli import cli
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.errors import InvalidDocumentError
from tests.support.command_line import run_command
from tests.support.pseudo_terminal import run_on_terminal

SCHEMA = load_contract("ProxySession").schema
COMMAND = [sys.executable, "-m", "chime_fixtures"]
NAMED = {"type": "object", "properties": {"Name": {"type": "string", "maxLength": 128, "pattern": "^[a-z]*$"}}}


@pytest.fixture
def run(tmp_path):
    """Runs the command line in an empty folder."""
    return functools.partial(run_command, cwd=tmp_path)


def test_samples_are_valid_and_repeat(run):
    """Standard output has a list of valid sessions, and the same seed has the same bytes, also in another process."""
    first = run("sample", "--count", 5, "--seed", 3)
    second = subprocess.run([*COMMAND, "sample", "--count", "5", "--seed", "3"], capture_output=True, check=True)
    sessions = json.loads(first.stdout)
    validator = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)
    assert (len(sessions), all(map(validator.is_valid, sessions)), first.stdout) == (5, True, second.stdout)
    assert run("sample", "--count", 5).stdout != first.stdout


@pytest.mark.slow
def test_each_violation_is_written_once_with_its_label(run, tmp_path):
    """There is one file for each violation, and a manifest with the constraint that each one violates."""
    assert run("sample", "--invalid", "-d", "out").returncode == 0
    manifest = json.loads((tmp_path / "out" / "_manifest.json").read_text())
    catalogue = enumerate_violations(SCHEMA)
    assert [each["id"] for each in manifest["records"]] == [violation.id for violation in catalogue]
    assert len(list((tmp_path / "out").iterdir())) == len(catalogue) + 2
    for violation, entry in zip(catalogue, manifest["records"], strict=True):
        assert json.loads((tmp_path / "out" / entry["file"]).read_text()) == violation.instance
        assert (entry["instanceLocation"], entry["keyword"]) == (violation.pointer, violation.keyword)
    validated = run("validate", "out")
    assert (validated.returncode, validated.stderr.decode()) == (
        1,
        f"{len(catalogue)} records, {len(catalogue)} invalid, 0 unreadable\n",
    )


def test_edges_and_counts(run, tmp_path):
    """Edges are valid; a count above the number of violations repeats them; a smaller one starts at the seed."""
    assert run("sample", "--edges", "--format", "ndjson", "-o", "edges.ndjson").returncode == 0
    assert run("validate", "edges.ndjson").returncode == 0
    size = len(enumerate_violations(SCHEMA))
    assert run("sample", "--invalid", "--count", size + 2, "-d", "many").returncode == 0
    assert len(list((tmp_path / "many").glob("*.2.json"))) == 2
    one, other = run("sample", "--invalid", "--count", 1), run("sample", "--invalid", "--count", 1, "--seed", 9)
    assert one.stdout != other.stdout


def test_validate_reports_file_line_and_violation(run, tmp_path):
    """Each violation is one line with file, record and summary, or one JSON object."""
    (tmp_path / "a.ndjson").write_text('{"Name": "ok"}\n{"Status": "Paused", "ExpiryMinutes": 0}\n')
    done = run("validate", "a.ndjson")
    assert (done.returncode, done.stdout.decode()) == (
        1,
        'a.ndjson:2: /Status: "Paused" is not one of "Open", "InProgress", "Closed" [enum]\n'
        "a.ndjson:2: /ExpiryMinutes: 0 is less than the minimum of 1 [minimum]\n",
    )
    reported = run("validate", "--report", "json", "-", stdin=b'{"Name": 3}\n{"Name": \n{}')
    first, second = map(json.loads, reported.stdout.splitlines())
    assert (first["verdict"], first["file"], first["record"], first["instanceLocation"], first["keyword"]) == (
        *("invalid", "-", 1, "/Name", "type"),
    )
    assert second == {
        "verdict": "unreadable",
        "location": "-:2",
        "error": "is not valid JSON: expected value at column 10",
    }
    assert (reported.returncode, reported.stderr) == (2, b"2 records, 1 invalid, 1 unreadable\n")


def test_validate_reports_contested_records(run):
    """With `--contested`, records are reported on which the two validators differ, valid or not."""
    leap, tail = (
        b'{"CreatedTimestamp": "2016-12-31T23:59:60Z"}',
        b'{"GeoMatchParams": {"Country": "US\\n", "AreaCode": ""}}',
    )
    lines = b"\n".join([leap, tail, b"{}"])
    reported = run("validate", "--contested", "-", stdin=lines)
    valid, invalid = reported.stdout.decode().splitlines()
    assert (reported.returncode, valid) == (1, "-:1: valid, contested by jsonschema")
    assert invalid.startswith("-:2: /GeoMatchParams/Country: ")
    assert invalid.endswith(" [pattern] (contested by jsonschema)")
    assert run("validate", "-", stdin=lines).stdout.decode().count("contested") == 0
    as_json = [
        json.loads(line)
        for line in run("validate", "--contested", "--report", "json", "-", stdin=lines).stdout.splitlines()
    ]
    assert [(each["verdict"], each["valid"], each["contested"]) for each in as_json] == [
        ("contested", True, ["jsonschema"]),
        ("invalid", False, ["jsonschema"]),
    ]


@pytest.mark.parametrize(
    ("contract", "valid", "invalid"),
    [
        ("ProxySession", {"Name": "x"}, {"Name": 1}),
        (
            "CreateProxySession.request",
            {"ParticipantPhoneNumbers": ["+12065550100", "+12065550101"], "Capabilities": []},
            {},
        ),
        ("ListProxySessions.response", {"ProxySessions": [{}]}, {"ProxySessions": [{"Status": "x"}]}),
        ("/components/schemas/Proxy", {"Disabled": True}, {"Disabled": 0}),
    ],
)
def test_validate_accepts_any_bundled_contract(run, contract, valid, invalid):
    """`--contract` accepts every name that `load_contract` accepts."""
    done = run("validate", "--contract", contract, "-", stdin=json.dumps([valid, invalid]).encode())
    assert (done.returncode, done.stderr) == (1, b"2 records, 1 invalid, 0 unreadable\n")
    assert done.stdout.startswith(b"-:2: ")


def test_an_unreadable_file_does_not_end_validation(run, tmp_path):
    """A path that cannot be read is reported, and the files after it are validated."""
    (tmp_path / "a.json").write_text('{"Name": 1}')
    done = run("validate", "nope.json", "a.json")
    assert (done.returncode, done.stdout.decode().count("a.json:1: /Name")) == (2, 1)
    assert done.stderr.decode() == (
        "chime-fixtures: error: nope.json: does not exist\n1 record, 1 invalid, 1 unreadable\n"
    )


def test_a_report_stays_short(run):
    """A long property name is cut in the report."""
    done = run("validate", "-", stdin=b'{"%s": 1, "Name": "%s"}' % (b"x" * 100_000, b"y" * 1_000_000))
    assert (done.returncode, len(done.stdout) < 3000) == (1, True)


def test_progress_is_shown_on_a_terminal_only(tmp_path, monkeypatch, capfdbinary):
    """A terminal gets the number of bytes read and in total; a pipe gets none."""
    from chime_fixtures.cli.console import ByteProgress, total_size

    (tmp_path / "a.json").write_text("[" + " " * 998 + "]")
    assert (total_size((str(tmp_path),)), total_size(("-",))) == (1000, None)
    monkeypatch.setenv("TERM", "xterm")
    for is_terminal, shown in [(True, b"0.5/1.0 kB"), (False, b"")]:
        monkeypatch.setattr(sys.stderr, "isatty", lambda answer=is_terminal: answer)
        with ByteProgress(1000, delay=0) as bar:
            bar.advance(500)
            bar.write(b"found\n")
        out, errors = capfdbinary.readouterr()
        assert (out, shown in errors, bool(errors)) == (b"found\n", True, is_terminal)


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "reason"),
    [
        (["validate", "nope.json"], b"", 2, "nope.json: does not exist"),
        (["validate", "-"], b'{"a":1,"a":2}', 2, '-: contains the duplicate member "a"'),
        (["validate", "-"], b"[" * 1_000_000, 2, "nested deeper than 201 levels"),
        (["validate", "-"], b'"\x1b[31m', 2, "is not valid JSON"),
        (["validate", "--contract", "ProxySesion", "-"], b"{}", 2, "did you mean 'ProxySession'?"),
        (["validate", "--schema", "nope.json", "-"], b"{}", 2, "nope.json: cannot be read"),
        (["sample", "-o", "a", "-d", "b"], b"", 2, "cannot be combined; pass one"),
        (["sample", "--count", "-1"], b"", 2, "-1 is not in the range"),
        (["sample", "-o", "/dev/full"], b"", 2, "/dev/full: cannot be written: No space left on device"),
        (["sample", "-d", "/dev/null/x"], b"", 2, "cannot be created"),
        (["schema", "Nope"], b"", 2, "unknown schema 'Nope'"),
        (["smaple"], b"", 2, "No such command"),
    ],
)
def test_bad_input_is_one_short_error(run, arguments, stdin, code, reason):
    """The exit code is 2, and one line names the input, without traceback or control characters."""
    done = run(*arguments, stdin=stdin)
    text = done.stderr.decode()
    assert (done.returncode, reason in text) == (code, True), text
    assert "Traceback" not in text
    assert "\x1b" not in text


def test_a_custom_schema_is_supported_or_rejected(run, tmp_path):
    """Every command accepts `--schema FILE#/pointer`; an unsupported schema is an error with every location."""
    schema = {
        "$defs": {
            "order": {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
        }
    }
    (tmp_path / "s.json").write_text(json.dumps(schema))
    drawn = json.loads(run("sample", "--schema", "s.json#/$defs/order", "--count", 4).stdout)
    assert [type(each["n"]) for each in drawn] == [int] * 4
    listed = run("violations", "--schema", "s.json#/$defs/order").stdout.decode()
    assert "n.minimum\t/n: 0 is less than the minimum of 1 [minimum]\n" in listed
    (tmp_path / "bad.json").write_text('{"pattern": "(a)\\\\1", "properties": {"a": {"minLenght": 1}}}')
    done = run("sample", "--schema", "bad.json")
    assert (done.returncode, done.stdout) == (2, b"")
    assert "/pattern: pattern: " in done.stderr.decode()
    assert "/properties/a/minLenght: minLenght: is not a keyword" in done.stderr.decode()


def test_a_schema_in_several_files_with_custom_formats(run, tmp_path):
    """`--resource`, `--format-pattern` and `--annotation` complete a schema."""
    order = {"properties": {"id": {"$ref": "ids.json#/$defs/order"}, "secret": {"format": "password"}}, "unit": "piece"}
    (tmp_path / "order.json").write_text(json.dumps({**order, "required": ["id"], "type": "object"}))
    (tmp_path / "ids.json").write_text(json.dumps({"$defs": {"order": {"type": "string", "format": "order-id"}}}))
    options = ["--schema", "order.json", "--resource", "ids.json", "--annotation", "unit"]
    formats = ["--format-pattern", "order-id=^ord_[a-z]{3}$", "--format-pattern", "password="]
    drawn = json.loads(run("sample", "--count", 5, *options, *formats).stdout)
    assert all(re.fullmatch("ord_[a-z]{3}", each["id"]) for each in drawn)
    warned = run("sample", *options)
    assert warned.returncode == 0
    assert (
        "warning: schema: ignored as unknown in draft 2020-12: format order-id at /$defs/order/format\n"
        in warned.stderr.decode()
    )
    rejected = run("sample", *options, "--strict-schema")
    assert (rejected.returncode, rejected.stderr.decode().count("/format: format: ")) == (2, 1)
    assert "is not NAME=REGEX" in run("sample", *options, "--format-pattern", "order-id").stderr.decode()


def test_a_model_and_a_folder_of_resources(tmp_path, monkeypatch):
    """`--schema` takes a model of a module in the working directory, and `--resource` a folder."""
    (tmp_path / "shop_models_of_cli.py").write_text(
        "import dataclasses\n@dataclasses.dataclass\nclass Order:\n    id: int\nSCHEMA = {'const': 1}\n"
    )
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "id.yaml").write_text("type: integer\nmaximum: 3")
    (tmp_path / "main.yml").write_text("$ref: common/id.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])

    def run(*arguments, text=""):
        return CliRunner().invoke(cli, arguments, input=text)

    assert json.loads(run("sample", "--schema", "shop_models_of_cli:SCHEMA", "--count", "2").stdout) == [1, 1]
    assert "required.id\t" in run("violations", "--schema", "shop_models_of_cli:Order").stdout
    assert run("validate", "--schema", "main.yml", "--resource", "common", "-", text="4").exit_code == 1
    for name, message in (
        ("shop_models_of_cli:Oder", "has no attribute 'Oder'; did you mean 'Order'?"),
        ("shop_of_nobody:Order", "no module is named 'shop_of_nobody'"),
    ):
        with pytest.raises(InvalidDocumentError, match=re.escape(message)):
            raise run("validate", "--schema", name, "-", text="4").exception


def test_a_draft_is_chosen(run, tmp_path):
    """`--dialect` decides for a schema without `$schema`; without it the form of a keyword does, with a warning."""
    (tmp_path / "pair.json").write_text(json.dumps({"type": "array", "items": [{"const": 1}], "minItems": 1}))
    options = ["sample", "--count", 3, "--schema", "pair.json"]
    warned = run(*options)
    assert warned.stderr.decode().count("is read as draft 2019-09 because of a list of items") == 1
    chosen = run(*options, "--dialect", "7")
    assert all(pair[0] == 1 for pair in json.loads(chosen.stdout))
    assert b"warning" not in chosen.stderr
    assert "dialect must be auto, 2020-12" in run(*options, "--dialect", "three").stderr.decode()


def test_violations_are_listed_as_text_and_as_json(run):
    """Both list the same ids; the JSON also has the implied constraints."""
    listed = json.loads(run("violations", "--report", "json", "--pointer", "/Name").stdout)
    lines = run("violations", "--pointer", "/Name").stdout.decode().splitlines()
    assert all(line.startswith(each["id"]) for each, line in zip(listed["violations"], lines, strict=False))
    assert len(listed["implied"]) == 1


@pytest.mark.slow
def test_violations_are_a_table_on_a_terminal(tmp_path):
    """A terminal gets the violations as a table."""
    (tmp_path / "s.json").write_text(json.dumps(NAMED))
    command = [*COMMAND, "violations", "--schema", "s.json", "--pointer", "/Name"]
    code, seen = run_on_terminal(command, columns=200, cwd=tmp_path)
    assert (code, b"Name.maxLength" in seen, "contested by" in seen.decode()) == (0, True, True)


def test_schema_prints_the_contract(run):
    """The session's schema is the default; others have names."""
    assert json.loads(run("schema").stdout) == SCHEMA
    assert "properties" in json.loads(run("schema", "CreateProxySession.request").stdout)


@pytest.mark.slow
def test_a_closed_pipe_is_not_an_error(tmp_path):
    """Output into `head` that is larger than a pipe holds ends with exit code 0 and an empty standard error."""
    (tmp_path / "s.json").write_text(json.dumps(NAMED))
    sample = '"$0" -m chime_fixtures sample --schema s.json --invalid --count 10000 --format ndjson'
    done = subprocess.run(
        ["bash", "-c", f"{sample} | head -n 1 | wc -l", sys.executable],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == (b"1", b"")


# A shell ignores SIGINT in its background jobs, and their children inherit that.
READING = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from chime_fixtures.cli import main
from chime_fixtures.sampling.reader import Reader
real = Reader.stream
Reader.stream = lambda *given, **named: (print("ready", flush=True), real(*given, **named))[1]
sys.argv = ["chime-fixtures", "validate", "-"]
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_has_its_exit_code(tmp_path, number, code):
    """A signal while it reads ends with the documented code, without traceback or files."""
    process = subprocess.Popen(
        [sys.executable, "-c", READING],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    # The first bytes show that the stream is not a recording.
    process.stdin.write(b"\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, b"Traceback" in errors, list(tmp_path.iterdir())) == (code, False, [])
