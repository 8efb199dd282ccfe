import datetime as dt

import jsonschema_rs
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.errors import InvalidArgument

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.cases.evolutions import unknown_parts
from chime_fixtures.strategies import evolved_proxy_sessions
from tests.support.drawing import drawn
from tests.support.sizes import IS_NIGHTLY, sample

SESSION = load_contract("ProxySession")
KNOWN = SESSION.schema["properties"]
VALIDATOR = jsonschema_rs.Draft202012Validator(SESSION.schema, validate_formats=True)


def constants(session):
    """The locations of the enum values that jsonschema-rs rejects."""
    errors = list(VALIDATOR.iter_errors(session))
    assert {error.kind.name for error in errors} <= {"enum"}
    return {"/".join(map(str, ["", *error.instance_path])) for error in errors}


@pytest.mark.slow
def test_only_unknown_enum_values_are_invalid():
    """Each evolved session has something unknown, and jsonschema-rs rejects the unknown enum values alone."""
    for session in drawn(evolved_proxy_sessions(), 500 if IS_NIGHTLY else 150):
        unknown = unknown_parts(SESSION.root, session)
        assert unknown
        assert constants(session) == {each.partition(" is ")[0] for each in unknown if " is " in each}


SMALLEST = [
    (lambda session: True, {"RecordingEnabled": False}),
    (lambda session: isinstance(session.get("Labels"), dict), {"Labels": {"Tier": "Gold"}}),
    (lambda session: "Video" in session.get("Capabilities", []), {"Capabilities": ["Video"]}),
    (
        lambda session: (
            "History" in session.get("GeoMatchParams", {})
            and not session["GeoMatchParams"]["Country"] + session["GeoMatchParams"]["AreaCode"]
        ),
        {"GeoMatchParams": {"Country": "", "AreaCode": "", "History": ["Opened", {"Revision": 2}]}},
    ),
    (
        lambda session: session.get("Status", "Open") not in SESSION.schema["$defs"]["ProxySessionStatus"]["enum"],
        {"Status": "Suspended"},
    ),
    (
        lambda session: any("DeletedTimestamp" in each for each in session.get("Participants", [])),
        {"Participants": [{"DeletedTimestamp": None}]},
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("predicate", "smallest"), sample(SMALLEST, 1))
def test_a_failure_shrinks_to_one_unknown_value(predicate, smallest):
    """A reader that fails on an unknown member or enum value shrinks to that alone."""
    assert find(evolved_proxy_sessions(), predicate) == smallest


@pytest.mark.slow
def test_boto3s_form_has_unknown_enum_values_and_datetimes():
    """Botocore drops unknown members, so that in boto3's form only enum values are unknown."""
    sessions = drawn(evolved_proxy_sessions(form="boto3"), 100)
    assert all(session.keys() <= KNOWN.keys() for session in sessions)
    stamps = [session["CreatedTimestamp"] for session in sessions if "CreatedTimestamp" in session]
    assert stamps
    assert all(isinstance(stamp, dt.datetime) for stamp in stamps)
    assert all(any(" is " in each for each in unknown_parts(SESSION.root, session)) for session in sessions)


@pytest.mark.slow
def test_unknown_values_are_in_the_report():
    """A failing test prints what is unknown in one line."""

    @settings(database=None, phases=[Phase.generate, Phase.shrink])
    @given(evolved_proxy_sessions())
    def reader(session):
        assert session.get("Status", "Open") in ("Open", "InProgress", "Closed")

    with pytest.raises(AssertionError) as failed:
        reader()
    assert "unknown: /Status is 'Suspended'" in failed.value.__notes__


def test_an_unknown_form_is_an_error_at_the_first_draw():
    """The message names the argument and its values."""
    with pytest.raises(InvalidArgument, match="form must be 'wire' or 'boto3', not 'json'"):
        drawn(evolved_proxy_sessions(form="json"), 1)
