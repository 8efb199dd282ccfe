"""Recorded exchanges are judged: 50 seeded drifts, each with the tier that the table says."""

import json

import pytest

from chime_fixtures.recordings.har import parse_har
from chime_fixtures.recordings.judging import Judge
from chime_fixtures.recordings.vcr_cassettes import parse_json_cassette
from tests.support.recordings import HOST, NAMES, as_har, cassette

ERROR, WARNING, NOTE = "error", "warning", "note"
MISSING = object()
CREATE, UPDATE, LIST, PUT = "CreateProxySession", "UpdateProxySession", "ListProxySessions", "PutVoiceConnectorProxy"
GET, GET_PROXY = "GetProxySession", "GetVoiceConnectorProxy"
DELETE, DELETE_PROXY = "DeleteProxySession", "DeleteVoiceConnectorProxy"

BODY_DRIFTS = [
    # Requests: exchange, part, location, new value, then tier, location and keyword of the finding.
    (CREATE, "request", "/ParticipantPhoneNumbers", MISSING, WARNING, "", "required"),
    (CREATE, "request", "/Capabilities", MISSING, WARNING, "", "required"),
    (CREATE, "request", "/GeoMatchParams/Country", MISSING, WARNING, "/GeoMatchParams", "required"),
    (UPDATE, "request", "/Capabilities", MISSING, WARNING, "", "required"),
    (PUT, "request", "/DefaultSessionExpiryMinutes", MISSING, WARNING, "", "required"),
    (PUT, "request", "/PhoneNumberPoolCountries", MISSING, WARNING, "", "required"),
    (CREATE, "request", "/ParticipantPhoneNumbers/0", "206-555-0100 x", ERROR, "/ParticipantPhoneNumbers/0", "pattern"),
    (CREATE, "request", "/ParticipantPhoneNumbers/1", 14015550101, ERROR, "/ParticipantPhoneNumbers/1", "type"),
    (CREATE, "request", "/ParticipantPhoneNumbers", ["+12065550100"], ERROR, "/ParticipantPhoneNumbers", "minItems"),
    (CREATE, "request", "/ParticipantPhoneNumbers", ["+12065550100"] * 3, ERROR, "/ParticipantPhoneNumbers", "maxItems"),
    (CREATE, "request", "/Capabilities/0", "FAX", ERROR, "/Capabilities/0", "enum"),
    (CREATE, "request", "/Capabilities", "Voice", ERROR, "/Capabilities", "type"),
    (CREATE, "request", "/Name", "Order #1", ERROR, "/Name", "pattern"),
    (CREATE, "request", "/Name", None, ERROR, "/Name", "type"),
    (CREATE, "request", "/ExpiryMinutes", 0, ERROR, "/ExpiryMinutes", "minimum"),
    (CREATE, "request", "/ExpiryMinutes", "60", ERROR, "/ExpiryMinutes", "type"),
    (CREATE, "request", "/GeoMatchParams/AreaCode", "2066", ERROR, "/GeoMatchParams/AreaCode", "pattern"),
    (CREATE, "request", "/GeoMatchLevel", "City", ERROR, "/GeoMatchLevel", "enum"),
    (PUT, "request", "/PhoneNumberPoolCountries", [], ERROR, "/PhoneNumberPoolCountries", "minItems"),
    (PUT, "request", "/Disabled", "false", ERROR, "/Disabled", "type"),
    (CREATE, "request", "/Colour", "red", NOTE, "/Colour", "unknown-member"),
    (UPDATE, "request", "/Name", "Order 2", NOTE, "/Name", "unknown-member"),
    (CREATE, "request", "/GeoMatchParams/City", "Seattle", NOTE, "/GeoMatchParams/City", "unknown-member"),
    (PUT, "request", "/PhoneNumberCountries", ["US"], NOTE, "/PhoneNumberCountries", "unknown-member"),
    # Responses.
    (CREATE, "response", "/ProxySession/Status", "open", ERROR, "/ProxySession/Status", "enum"),
    (CREATE, "response", "/ProxySession", [], ERROR, "/ProxySession", "type"),
    (GET, "response", "/ProxySession/ExpiryMinutes", 60.5, ERROR, "/ProxySession/ExpiryMinutes", "type"),
    (GET, "response", "/ProxySession/CreatedTimestamp", 1586967060, ERROR, "/ProxySession/CreatedTimestamp", "type"),
    (GET, "response", "/ProxySession/UpdatedTimestamp", "today", ERROR, "/ProxySession/UpdatedTimestamp", "format"),
    (GET, "response", "/ProxySession/Name", "n" * 129, ERROR, "/ProxySession/Name", "maxLength"),
    (UPDATE, "response", "/ProxySession/Capabilities", None, ERROR, "/ProxySession/Capabilities", "type"),
    (LIST, "response", "/ProxySessions", {}, ERROR, "/ProxySessions", "type"),
    (LIST, "response", "/ProxySessions/0/GeoMatchLevel", "City", ERROR, "/ProxySessions/0/GeoMatchLevel", "enum"),
    (LIST, "response", "/NextToken", 7, ERROR, "/NextToken", "type"),
    (GET_PROXY, "response", "/Proxy/DefaultSessionExpiryMinutes", "15", ERROR, "/Proxy/DefaultSessionExpiryMinutes", "type"),
    (CREATE, "response", "/ProxySession/Color", "red", NOTE, "/ProxySession/Color", "unknown-member"),
    (LIST, "response", "/ProxySessions/0/status", "Open", NOTE, "/ProxySessions/0/status", "unknown-member"),
    (GET_PROXY, "response", "/Proxy/Region", "us", NOTE, "/Proxy/Region", "unknown-member"),
    ("error", "response", "/Message", 5, ERROR, "/Message", "type"),
    ("error", "response", "/Detail", "x", NOTE, "/Detail", "unknown-member"),
]  # fmt: skip


def message(part, **members):
    """A drift of the members of a request or response outside its body."""
    return lambda interaction: interaction[part].update(members)


def url(old, new):
    """A drift of the path or query."""

    def change(interaction):
        request = interaction["request"]
        assert old in request["uri"]
        request["uri"] = request["uri"].replace(old, new, 1)

    return change


def header(name, value):
    """A drift of a header field of the response; None removes it."""

    def change(interaction):
        headers = interaction["response"]["headers"]
        del headers[name]
        headers.update({} if value is None else {name: [value]})

    return change


MESSAGE_DRIFTS = [
    (CREATE, message("response", status={"code": 200}), "response", ERROR, "", "status"),
    (GET, message("response", status={"code": 418}), "response", ERROR, "", "status"),
    (UPDATE, message("response", body={"string": "<html>"}), "response", ERROR, "", "json"),
    (LIST, message("response", body={"string": ""}), "response", WARNING, "", "body"),
    (CREATE, message("request", body=None), "request", WARNING, "", "body"),
    (CREATE, message("request", body="{"), "request", ERROR, "", "json"),
    (DELETE, message("response", body={"string": '{"a":1}'}), "response", NOTE, "", "unknown-member"),
    (LIST, url("status=Open", "status=open"), "request", ERROR, "/Status", "enum"),
    (LIST, url("max-results=10", "max-results=101"), "request", ERROR, "/MaxResults", "maximum"),
    (LIST, url("max-results=10", "max-result=10"), "request", NOTE, "/max-result", "unknown-member"),
    (LIST, url("max-results=10", "status=Open"), "request", ERROR, "", "query"),
    (GET_PROXY, url("proxy", "proxi"), "request", ERROR, "", "route"),
    (DELETE_PROXY, message("request", method="PATCH"), "request", ERROR, "", "route"),
    ("error", header("x-amzn-ErrorType", None), "response", WARNING, "", "error-name"),
    ("error", header("x-amzn-ErrorType", "NoSuchException"), "response", ERROR, "", "error-name"),
    ("error", message("response", status={"code": 400}), "response", ERROR, "", "error-name"),
]  # fmt: skip


def with_drift(exchange, change):
    """The recording with one exchange changed, and the number of that exchange."""
    recording, index = cassette(), NAMES.index(exchange)
    change(recording["interactions"][index])
    return recording, index + 1


def body_drift(part, pointer, value):
    """The change of a member of a body."""

    def change(interaction):
        message = interaction[part]
        body = json.loads(message["body"] if part == "request" else message["body"]["string"])
        *path, last = pointer.split("/")[1:]
        place = body
        for name in path:
            place = place[int(name) if isinstance(place, list) else name]
        if value is MISSING:
            del place[last]
        else:
            place[int(last) if isinstance(place, list) else last] = value
        message["body"] = json.dumps(body) if part == "request" else {"string": json.dumps(body)}

    return change


SEEDED = [
    *((name, body_drift(part, where, new), part, *found) for name, part, where, new, *found in BODY_DRIFTS),
    *MESSAGE_DRIFTS,
]


def findings(recording):
    """The findings of the recording as a cassette, which are those of the same exchanges as a HAR file."""
    judge = Judge()
    found = [each for read in parse_json_cassette(recording, "c.json") for each in judge.judge(read) or ()]
    in_har = [each for read in parse_har(as_har(recording), "c.json") for each in judge.judge(read) or ()]
    assert [each.as_dict() for each in in_har] == [each.as_dict() for each in found]
    return found


def test_a_recording_without_drift_has_no_findings():
    """The responses of the stub satisfy the contract of each of the eight operations."""
    assert findings(cassette()) == []
    assert len(SEEDED) >= 50


@pytest.mark.parametrize(("name", "change", "part", "tier", "pointer", "keyword"), SEEDED)
def test_a_seeded_drift_is_found_in_its_tier(name, change, part, tier, pointer, keyword):
    """One drift is one finding: at its exchange, in its part and tier, with its location and keyword."""
    recording, number = with_drift(name, change)
    found = [(each.exchange.number, each.part, each.tier, each.pointer, each.keyword) for each in findings(recording)]
    assert found == [(number, part, tier, pointer, keyword)]


def test_exchanges_with_others_are_not_judged():
    """Another host, and another operation of Chime, have no findings; an imitator has, with its URL."""
    recording = cassette()
    for each in recording["interactions"]:
        each["request"]["uri"] = each["request"]["uri"].replace(HOST, "https://api.example.test/v1")
    exchanges = parse_json_cassette(recording, "c.json")
    assert [Judge().judge(each) for each in exchanges] == [None] * len(NAMES)
    assert [Judge("https://api.example.test/v1").judge(each) for each in exchanges] == [[]] * len(NAMES)
    recording["interactions"][0]["request"].update(method="GET", uri=f"{HOST}/voice-connectors")
    assert Judge().judge(parse_json_cassette(recording, "c.json")[0]) is None


SECRETS = [
    "+12065550199",
    "+12065550199x",
    "tel:1.206.555.0199",
    "2026-01-01 2065550199",
    "(206) 555-0199",
    "206-555-0199",
    "+44 20 7946 0999",
    "AKIASECRET",
]


@pytest.mark.parametrize("number", SECRETS[:-1])
def test_findings_contain_no_telephone_number_and_no_secret(number):
    """A number in any place of an exchange is replaced; so are tokens, and the signature of a presigned request."""
    recording = cassette()
    create = recording["interactions"][NAMES.index(CREATE)]
    body_drift("request", "/Name", f"{number}!")(create)
    body_drift("request", "/ParticipantPhoneNumbers", [number])(create)
    body_drift("request", f"/{number}", 1)(create)
    body_drift("response", "/ProxySession/Participants/0/PhoneNumber", int("".join(filter(str.isdigit, number))))(
        create
    )
    body_drift("response", "/NextToken", ["AKIASECRET"])(recording["interactions"][NAMES.index(LIST)])
    url("proxy", f"proxi?X-Amz-Signature=AKIASECRET&x={number}")(recording["interactions"][0])
    url("status=", f"{number}=1&status=")(recording["interactions"][NAMES.index(LIST)])
    found = findings(recording)
    assert len(found) >= 7
    text = "".join(f"{each} {json.dumps(each.as_dict())}" for each in found)
    assert [secret for secret in [*SECRETS, number] if secret in text] == []


@pytest.mark.parametrize(
    ("part", "pointer", "value", "remedy"),
    [
        ("request", "/ParticipantPhoneNumbers/0", "REDACTED", "such as +12065550100"),
        ("request", "/ParticipantPhoneNumbers/0", "+1206*******", "such as +12065550100"),
        ("response", "/ProxySession/Status", "<filtered>", "such as Open"),
        ("response", "/ProxySession/CreatedTimestamp", "[REDACTED TIME]", "such as 2026-01-01T00:00:00.000Z"),
        ("request", "/Name", "***", "let the filter write a valid one"),
    ],
)
def test_a_redacted_value_has_a_remedy(part, pointer, value, remedy):
    """A value that a filter wrote is an error if it is invalid, with a value that the contract accepts."""
    recording, _ = with_drift(CREATE, body_drift(part, pointer, value))
    (found,) = findings(recording)
    assert found.tier == ERROR
    assert found.text.endswith(remedy)


def test_redacted_ids_and_a_missing_signature_are_valid():
    """An id may be any text, and header fields of requests are not judged."""
    recording = cassette()
    for each in recording["interactions"]:
        each["request"]["headers"] = {}
        each["request"]["uri"] = each["request"]["uri"].replace("abcdef1ghij2klmno3pqr4", "REDACTED")
    assert findings(recording) == []


@pytest.mark.parametrize("text", ["2026-01-01T10:00:00.000Z", "2026-13", "s-123456", "Order 1"])
def test_what_is_not_a_telephone_number_is_shown(text):
    """Dates and short numbers stay in the message."""
    recording, _ = with_drift(CREATE, body_drift("request", "/Name", f"{text}#"))
    assert f'"{text}#"' in findings(recording)[0].text


def test_findings_are_one_line_of_utf_8():
    """Control characters and unpaired surrogates of a file are escaped."""
    recording = cassette()
    url("proxy", "proxi\ud800\n")(recording["interactions"][1])
    (found,) = findings(recording)
    assert (str(found).encode().count(b"\n"), "proxi\\ud800\\u000a" in found.text) == (0, True)
