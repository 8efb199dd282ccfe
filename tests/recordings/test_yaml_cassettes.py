"""Cassettes in YAML: the memory that they take, their aliases and their errors."""

import gc

import pytest
import yaml

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.recordings import vcr_cassettes
from chime_fixtures.recordings.vcr_cassettes import parse_json_cassette, parse_yaml_cassette
from tests.support.recordings import cassette


def test_the_nodes_of_an_exchange_are_deleted(monkeypatch):
    """No more nodes exist for the last exchange than for the second one, so that the time is linear in the size."""
    counts, convert = [], vcr_cassettes._exchange

    def counting(*arguments):
        counts.append(sum(isinstance(each, yaml.Node) for each in gc.get_objects()))
        return convert(*arguments)

    monkeypatch.setattr(vcr_cassettes, "_exchange", counting)
    document = cassette()
    text = yaml.safe_dump({"interactions": document["interactions"][:1], "version": 1}, sort_keys=False)
    head, body, tail = text.partition("- ")[0], text.partition("\n")[2].partition("version:")[0], "version: 1\n"
    assert len(parse_yaml_cassette(head + body * 6 + tail, "a.yaml")) == 6
    assert counts[-1] <= counts[1]


@pytest.mark.parametrize("is_sorted", [True, False])
def test_yaml_and_json_have_the_same_exchanges(is_sorted):
    """The exchanges are those of the same cassette in JSON, in whatever order its members are; each has its line."""
    document = cassette()
    found = parse_yaml_cassette(yaml.safe_dump(document, sort_keys=is_sorted), "a")
    lines = [each.line for each in found]
    assert [each.response_body for each in found] == [each.response_body for each in parse_json_cassette(document, "a")]
    assert lines == sorted(set(lines))
    assert lines[0] == 2


def test_aliases():
    """An anchor of another exchange, or of another member, is known; a list of exchanges may be an alias."""
    text = """
common: &request {method: get, uri: "https://a/1"}
interactions:
- {request: *request, response: &response {status: {code: 200}, body: {string: abc}}}
- {request: *request, response: *response}
"""
    expected = [(1, "GET", "https://a/1", b"abc", 4), (2, "GET", "https://a/1", b"abc", 5)]
    found = parse_yaml_cassette(text, "a")
    assert [(each.number, each.method, each.url, each.response_body, each.line) for each in found] == expected
    moved = text.replace("interactions:", "all: &all") + "interactions: *all\n"
    assert parse_yaml_cassette(moved, "a") == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a: is not a recording"),
        ("[]", "a: is not a recording"),
        ("interactions: 1", "a: is not a recording"),
        ("interactions: []\n--- 1", "a:2: is not valid YAML: expected one document, but found another one"),
        ("interactions: [", "a:[12]: is not valid YAML: "),
        ("interactions: *x", "a:1: is not valid YAML: found undefined alias"),
        ("interactions: [1]\nversion: [", "a:[23]: is not valid YAML: "),
        ("interactions: [1]\nversion: 0", "a: is a cassette of version 0; only version 1 is supported"),
        ("interactions:\n- 1\nversion: 1", "a:2: exchange 1: has no request"),
        ("interactions:\n- !!set {a}\nversion: 1", "a:2: exchange 1: has no request"),
        ("a: \x07", "a: is not valid YAML: "),
        ("interactions: " + "[" * 3000, "a.*: is not valid YAML: (too deeply nested|exceeded maximum nesting depth)"),
    ],
)
def test_errors(text, message):
    """An error of YAML comes before one of the version, and that before one of an exchange."""
    with pytest.raises(InvalidDocumentError, match=f"^{message}"):
        parse_yaml_cassette(text, "a")
