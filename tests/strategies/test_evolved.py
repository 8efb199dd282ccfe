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
JUDGE = jsonschema_rs.Draft202012Validator(SESSION.schema, validate_formats=True)


def constants(session):
    """The places of the constants that the judge refuses."""
    errors = list(JUDGE.iter_errors(session))
    assert {error.kind.name for error in errors} <= {"enum"}
    return {"/".join(map(str, ["", *error.instance_path])) for error in errors}


def test_nothing_but_what_is_new_is_refused():
    """Each session of tomorrow has something new, and the judge refuses the new constants alone."""
    for session in drawn(evolved_proxy_sessions(), 500 if IS_NIGHTLY else 150):
        news = unknown_parts(SESSION.root, session)
        assert news
        assert constants(session) == {new.partition(" is ")[0] for new in news if " is " in new}


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
@pytest.mark.parametrize(("predicate", "smallest"), sample(SMALLEST, 2))
def test_one_new_thing_alone_is_left(predicate, smallest):
    """A reader that fails on something new shrinks to that alone."""
    assert find(evolved_proxy_sessions(), predicate) == smallest


def test_boto3_hands_out_new_constants_and_datetimes():
    """In the form of boto3 something new is a constant, since botocore drops members that it does not know."""
    sessions = drawn(evolved_proxy_sessions(form="boto3"), 100)
    assert all(session.keys() <= KNOWN.keys() for session in sessions)
    stamps = [session["CreatedTimestamp"] for session in sessions if "CreatedTimestamp" in session]
    assert stamps
    assert all(isinstance(stamp, dt.datetime) for stamp in stamps)
    assert all(any(" is " in new for new in unknown_parts(SESSION.root, session)) for session in sessions)


def test_what_is_new_is_in_the_report():
    """A failing test says in one line what is new."""

    @settings(database=None, phases=[Phase.generate, Phase.shrink])
    @given(evolved_proxy_sessions())
    def reader(session):
        assert session.get("Status", "Open") in ("Open", "InProgress", "Closed")

    with pytest.raises(AssertionError) as failed:
        reader()
    assert "new: /Status is 'Suspended'" in failed.value.__notes__


def test_a_form_that_is_none_is_told_when_a_value_is_drawn():
    """The error names the argument and what it may be."""
    with pytest.raises(InvalidArgument, match=r"form='json' is none of 'wire', 'boto3'"):
        drawn(evolved_proxy_sessions(form="json"), 1)
