"""Records of something else, the bodies of operations, and unknown members in `validate`."""

import json

import pytest
from click.testing import CliRunner

from chime_fixtures.chime.operations import operations
from chime_fixtures.chime.unknown_members import MemberNames
from chime_fixtures.cli import cli
from chime_fixtures.engine.contract import Contract, generate

SESSION = {"Name": "x", "Status": "Open"}


def run(*arguments, records=()):
    """Runs `validate` on NDJSON from standard input."""
    lines = "".join(json.dumps(record) + "\n" for record in records)
    result = CliRunner().invoke(cli, ["validate", *arguments, "-"], input=lines)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


CREATE = "pass --operation CreateProxySession --part response (the first of 3 with these members)"
FOREIGN = [
    ({"ProxySession": SESSION}, f"it looks like another contract: {CREATE}"),
    ({"ProxySessions": [SESSION]}, "another contract: pass --operation ListProxySessions --part response"),
    ({"ProxySessions": [], "NextToken": "a"}, "another contract: pass --operation ListProxySessions --part response"),
    ({"Code": "NotFound", "Message": "x"}, "another contract: pass --contract Error.response"),
    ({"Proxy": {"Disabled": True}}, "pass --operation GetVoiceConnectorProxy --part response"),
    ({"ProxySession": SESSION, "ResponseMetadata": {}}, f"a response of boto3: remove ResponseMetadata, and {CREATE}"),
    ({"ResponseMetadata": {}, "Meeting": {}}, "it looks like a response of boto3 to another operation"),
    ({"name": "x", "expiryMinutes": 5}, "names are spelt differently, as 'name' instead of 'Name'; rename them"),
    ({"voice_connector_id": "x"}, "as 'voice_connector_id' instead of 'VoiceConnectorId'; rename them"),
    ({"STATUS": "Open"}, "as 'STATUS' instead of 'Status'; rename them"),
    ({"data": {"items": [SESSION]}}, "/data/items/0 is a value that has them, as 'Name', 'Status'; validate that"),
    ({"Item": {"Name": {"S": "x"}}}, "/Item is a value that has them, as 'Name'; validate that value"),
    ({"statusCode": 200, "body": json.dumps(SESSION)}, "/body is text with JSON that has them, as 'Name', 'Status'"),
    ({"body": "{"}, "its members are 'body'"),
    ({"a": 1, "b": [], "c": {}, "d": [[]]}, "its members are 'a', 'b', 'c' and 1 more"),
]


@pytest.mark.parametrize(("record", "likeness"), FOREIGN)
def test_a_record_of_something_else_is_a_warning(record, likeness):
    """A record without any member of the contract is valid, and a warning says what it looks like."""
    result = run(records=[SESSION, record])
    warning, summary = result.stderr.splitlines()
    assert warning.startswith("chime-fixtures: warning: -:2: has no member of ProxySession; ")
    assert likeness in warning
    assert (result.exit_code, result.stdout) == (0, "")
    assert summary == "2 records, 0 invalid, 0 unreadable, 1 warning"
    (found,) = map(json.loads, run("--report", "json", records=[SESSION, record]).stdout.splitlines())
    assert (found["verdict"], found["record"], likeness in found["error"]) == ("warning", 2, True)


@pytest.mark.parametrize("record", [SESSION, {}, {"Name": "x", "other": 1}, {"Participants": []}])
def test_a_record_with_a_known_member_is_not_a_warning(record):
    """One member of the contract suffices, and so does none at all."""
    assert run(records=[record]).stderr == "1 record, 0 invalid, 0 unreadable\n"


def test_equal_warnings_are_written_once():
    """A text has the first of equal warnings, a JSON report has each; the summary counts them."""
    records = [{"other": index} for index in range(1000)]
    result = run(records=records)
    assert result.stderr.splitlines() == [
        "chime-fixtures: warning: -:1: has no member of ProxySession; its members are 'other'",
        "1,000 records, 0 invalid, 0 unreadable, 1,000 warnings",
    ]
    assert len(run("--report", "json", records=records).stdout.splitlines()) == 1000


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"properties": {"a": {}}, "patternProperties": {"^x-": {}}},
        {"properties": {"a": {}}, "additionalProperties": {"type": "integer"}},
        {"type": "array"},
        {"additionalProperties": {"$ref": "#/$defs/n"}, "$defs": {"n": {"minimum": 3}}, "properties": {"a": {}}},
    ],
)
def test_a_contract_of_any_names_has_no_foreign_records(schema):
    """No member is unknown if the schema decides about other names, by a pattern or a schema."""
    names = MemberNames(Contract(schema))
    assert not names.has_none_in({"x-other": 1})
    assert list(names.unknown({"x-other": 1})) == []


@pytest.mark.parametrize("schema", [
    {"properties": {"a": {}}},
    {"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]},
    {"$ref": "#/$defs/x", "$defs": {"x": {"properties": {"a": {}}}}},
    {"oneOf": [{"properties": {"a": {}}, "required": ["a"]}, {"properties": {"b": {}}, "required": ["b"]}]},
])  # fmt: skip
def test_members_are_those_of_all_subschemas(schema):
    """Members below allOf, oneOf and $ref are known."""
    names = MemberNames(Contract(schema))
    assert (names.has_none_in({"a": 1, "c": 1}), names.has_none_in({"c": 1})) == (False, True)
    assert [each.pointer for each in names.unknown({"a": 1, "c": 1})] == ["/c"]


NESTED = {
    "Name": "x",
    "Participants": [{}, {"PhoneNumbr": "x"}],
    "GeoMatchParams": {"Country": "US", "AreaCode": "206", "a/b": 1},
}


@pytest.mark.parametrize(("setting", "code"), [("error", 1), ("warn", 0), ("ignore", 0), (None, 0)])
def test_unknown_members_are_errors_warnings_or_ignored(setting, code):
    """At any depth; by default only a record without any known member is a warning."""
    options = [] if setting is None else ["--unknown-members", setting]
    result = run(*options, records=[NESTED, SESSION])
    assert result.exit_code == code
    lines = [
        "-:1: /Participants/1/PhoneNumbr: unknown member; did you mean 'PhoneNumber'?",
        "-:1: /GeoMatchParams/a~1b: unknown member",
    ]
    if setting == "error":
        assert result.stdout.splitlines() == [f"{line} [--unknown-members]" for line in lines]
        assert result.stderr == "2 records, 1 invalid, 0 unreadable\n"
        found = [json.loads(line) for line in run("--report", "json", *options, records=[NESTED]).stdout.splitlines()]
        assert [(each["verdict"], each["instanceLocation"]) for each in found] == [
            ("invalid", "/Participants/1/PhoneNumbr"),
            ("invalid", "/GeoMatchParams/a~1b"),
        ]
    elif setting == "warn":
        *warnings, summary = result.stderr.splitlines()
        assert warnings == [f"chime-fixtures: warning: {line}" for line in lines]
        assert summary == "2 records, 0 invalid, 0 unreadable, 2 warnings"
    else:
        assert result.output == "2 records, 0 invalid, 0 unreadable\n"
    foreign = run(*options, records=[{"a": 1}])
    assert ("has no member" in foreign.stderr) == (setting != "ignore")


def test_a_forbidden_member_is_reported_once():
    """A violation is the report of a member that the schema forbids."""
    names = MemberNames(Contract({"properties": {"a": {}}, "additionalProperties": False}))
    assert list(names.unknown({"b": 1})) == []


BODIES = [
    (operation.name, part, contract)
    for operation in operations()
    for part, contract in (("request", operation.request), ("response", operation.response))
    if contract is not None
]


@pytest.mark.parametrize(("operation", "part", "contract"), BODIES)
def test_bodies_of_operations_are_validated(operation, part, contract):
    """`--operation` and `--part` select the contract; a wrong body is invalid."""
    bodies = [generate(contract, index=index) for index in range(5)]
    options = ["--operation", operation, "--part", part]
    assert run(*options, records=bodies).exit_code == 0
    assert run(*options, records=["text"]).exit_code == 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (
            ["--operation", "ListProxySession"],
            "unknown operation 'ListProxySession'; did you mean 'ListProxySessions'?",
        ),
        (["--operation", "CreateProxySession"], "has a request and a response body; pass --part"),
        (["--operation", "ListProxySessions", "--part", "request"], "has no request body; it has a response body"),
        (["--operation", "DeleteProxySession"], "has no request or response body; it has no body"),
        (["--part", "request"], "--part requires --operation"),
        (["--operation", "GetProxySession", "--contract", "ProxySession"], "cannot be combined with --contract or"),
        (["--operation", "GetProxySession", "--schema", "a.json"], "cannot be combined with --contract or --schema"),
        (["--unknown-members", "no"], "is not one of 'error', 'warn', 'ignore'"),
    ],
)
def test_wrong_options_are_errors(options, reason):
    """Each has one line with the remedy."""
    try:
        text = run(*options).stderr
    except LookupError as error:
        text = str(error)
    assert reason in text


def test_the_only_body_is_the_default_part():
    """An operation with one body needs no `--part`."""
    assert run("--operation", "ListProxySessions", records=[{"ProxySessions": [{"Status": "x"}]}]).exit_code == 1
