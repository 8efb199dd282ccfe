"""Each undocumented rule, under each of its settings."""

from __future__ import annotations

import dataclasses
import re

import pytest

from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.service import Policies

CAPABILITIES = {"Capabilities": []}
PROXY = {"DefaultSessionExpiryMinutes": 15, "PhoneNumberPoolCountries": ["US"]}
PUT = "/programmable-numbers/proxy"


def path(session):
    """Where a session is."""
    return f"/proxy-sessions/{session['ProxySessionId']}"


def test_each_has_every_setting():
    """`each` gives the defaults first, and then every other setting of every rule, one at a time, named."""
    every = Policies.each()
    assert every[0] == Policies()
    changed = [
        [field.name for field in dataclasses.fields(Policies) if getattr(one, field.name) != field.default]
        for one in every
    ]
    assert {name for names in changed for name in names} == {field.name for field in dataclasses.fields(Policies)}
    assert [len(names) for names in changed] == [0, *[1] * (len(every) - 1)]
    assert len({str(one) for one in every}) == len(every)
    assert str(Policies(delete_leaves="closed")) == "delete_leaves=closed"


@pytest.mark.parametrize("policies", Policies.each(), ids=str)
def test_a_policy_can_be_read(policies):
    """What a setting is called is what it is read from."""
    assert Policies.read([] if policies == Policies() else str(policies).split(",")) == policies


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"delete_leaves": "close"}, "'delete_leaves=close'; did you mean 'delete_leaves=closed'"),
        ({"update_restarts_clock": "yes"}, "'update_restarts_clock=yes'; did you mean 'update_restarts_clock=True'"),
        ({"page_size": 0}, "'page_size=0'; did you mean 'page_size=1'"),
        ({"default_minutes": None}, "'default_minutes=None'"),
    ],
)
def test_settings_that_there_are_not(wrong, message):
    """A setting that a rule does not have is refused with the one that was meant, however it is written."""
    ((name, setting),) = wrong.items()
    with pytest.raises(InvalidOptionError, match=re.escape(message)):
        Policies(**wrong)
    with pytest.raises(InvalidOptionError, match=re.escape(message)):
        Policies.read([f"{name}={setting}"])


@pytest.mark.parametrize("policies", Policies.each(), ids=str)
def test_a_plain_life_under_each(asked, policies):
    """A consumer that puts a proxy first and only creates, reads and deletes can't tell the settings apart."""
    ask = asked(**dataclasses.asdict(policies))
    ask.service.add_connector("abc")
    assert ask("PUT", PUT, PROXY)[0] == 200
    session = ask.create()
    assert ask("GET", path(session)) == (200, {"ProxySession": session})
    assert ask("GET", "/proxy-sessions")[1]["ProxySessions"] == [session]
    assert ask("DELETE", path(session))[0] == 204


def test_unknown_connectors(asked):
    """A connector that nobody added exists, or is a 404 for every operation."""
    assert asked(unknown_connectors="exist")("GET", "/proxy-sessions")[0] == 200
    ask = asked(unknown_connectors="not-found")
    assert ask("GET", "/proxy-sessions")[0] == ask("PUT", PUT, PROXY)[0] == ask.refused()[0] == 404
    ask.service.add_connector("abc")
    assert ask("GET", "/proxy-sessions")[0] == 200


def test_create_without_proxy(asked):
    """A create before PutVoiceConnectorProxy works, or is a 400 that says what comes first."""
    assert asked(create_without_proxy="allow").create()["ExpiryMinutes"] == 60
    ask = asked(create_without_proxy="refuse")
    status, code, message = ask.refused()
    assert (status, code, "PutVoiceConnectorProxy comes first" in message) == (400, "BadRequest", True)
    ask("PUT", PUT, PROXY)
    assert ask.create()["ExpiryMinutes"] == 15


def test_create_when_disabled(asked):
    """A disabled proxy stops new sessions with a 403, or does not."""
    for setting, status in (("refuse", 403), ("allow", 201)):
        ask = asked(create_when_disabled=setting)
        ask("PUT", PUT, {**PROXY, "Disabled": True})
        people = {"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}
        assert ask("POST", "/proxy-sessions", people)[0] == status


def test_default_minutes(asked):
    """A session whose request and connector name no minutes has the default ones."""
    assert asked(default_minutes=7).create()["ExpiryMinutes"] == 7


def test_longest_minutes(asked):
    """Twelve hours are the longest life of a session, at creation and update, unless that is switched off."""
    ask = asked()
    assert ask.refused(ExpiryMinutes=721)[:2] == (400, "BadRequest")
    session = ask.create(ExpiryMinutes=720)
    assert ask("POST", path(session), {"Capabilities": [], "ExpiryMinutes": 721})[0] == 400
    assert asked(longest_minutes=None).create(ExpiryMinutes=2**31)["ExpiryMinutes"] == 2**31


def test_number_selection(asked):
    """Without a wish, the same participants get their number again, or they don't."""
    for setting, same in (("PreferSticky", True), ("AvoidSticky", False)):
        ask = asked(number_selection=setting)
        first = ask.create()["Participants"][0]["ProxyPhoneNumber"]
        ask.clock.advance(minutes=60)
        assert (ask.create()["Participants"][0]["ProxyPhoneNumber"] == first) is same


def test_no_local_number(asked):
    """A place without numbers is a 500, or any number does."""
    nowhere = {"GeoMatchParams": {"Country": "DK", "AreaCode": "000"}}
    assert asked(no_local_number="refuse").refused(**nowhere)[:2] == (500, "ServiceFailure")
    assert asked(no_local_number="fall-back").create(**nowhere)["Participants"][0]["ProxyPhoneNumber"].startswith("+")


def test_answer_order(asked):
    """Participants and capabilities come back reversed, or as they were sent."""
    for setting, step in (("reversed", -1), ("as-sent", 1)):
        session = asked(answer_order=setting).create()
        assert session["Capabilities"] == ["Voice", "SMS"][::step]
        assert [each["PhoneNumber"] for each in session["Participants"]] == ["+12065550100", "+14015550101"][::step]


def test_update_restarts_clock(asked):
    """After an update the minutes count from the creation, or from the update."""
    for setting, status in ((False, "Closed"), (True, "Open")):
        ask = asked(update_restarts_clock=setting)
        session = ask.create()
        ask.clock.advance(minutes=30)
        ask("POST", path(session), CAPABILITIES)
        ask.clock.advance(minutes=30)
        assert ask("GET", path(session))[1]["ProxySession"]["Status"] == status


@pytest.mark.parametrize(
    ("setting", "status", "after"),
    [("refuse", 400, "Closed"), ("not-found", 404, "Closed"), ("amend", 201, "Closed"), ("reopen", 201, "Open")],
)
def test_update_of_closed(asked, setting, status, after):
    """An update of a closed session is a 400, a 404, a change of what is closed, or opens it again for its minutes."""
    ask = asked(update_of_closed=setting)
    session = ask.create()
    ask.clock.advance(minutes=90)
    assert ask("POST", path(session), CAPABILITIES)[0] == status
    now = ask("GET", path(session))[1]["ProxySession"]
    assert (now["Status"], "EndedTimestamp" in now) == (after, after == "Closed")
    assert (now["Capabilities"] == []) is (status == 201)
    ask.clock.advance(minutes=60)
    assert ask("GET", path(session))[1]["ProxySession"]["Status"] == "Closed"


def test_delete_leaves(asked):
    """A deleted session is gone, or is listed as closed from that instant on."""
    ask = asked(delete_leaves="nothing")
    session = ask.create()
    assert ask("DELETE", path(session)) == (204, None)
    assert ask("GET", path(session))[0] == 404
    ask = asked(delete_leaves="closed")
    session = ask.create()
    ask.clock.advance(minutes=1)
    assert ask("DELETE", path(session)) == (204, None)
    at = "2026-01-01T00:01:00.000Z"
    closed = {**session, "Status": "Closed", "UpdatedTimestamp": at, "EndedTimestamp": at}
    assert ask("GET", "/proxy-sessions?status=Closed") == (200, {"ProxySessions": [closed]})


def test_deleting_what_has_expired(asked):
    """A session that expired before it was deleted keeps the instant at which it ended."""
    ask = asked(delete_leaves="closed")
    session = ask.create()
    ask.clock.advance(minutes=90)
    assert ask("DELETE", path(session))[0] == 204
    assert ask("GET", path(session))[1]["ProxySession"]["EndedTimestamp"] == "2026-01-01T01:00:00.000Z"


@pytest.mark.parametrize("leaves", ["nothing", "closed"])
def test_second_delete(asked, leaves):
    """A second deletion is a 404, or a 204 again; that of a session which never was is always a 404."""
    for setting, status in (("not-found", 404), ("no-content", 204)):
        ask = asked(second_delete=setting, delete_leaves=leaves)
        session = ask.create()
        assert ask("DELETE", path(session))[0] == 204
        assert ask("DELETE", path(session))[0] == status
        assert ask("DELETE", "/proxy-sessions/never")[0] == 404


def test_expiry_leaves(asked):
    """An expired session is listed as closed, or is gone."""
    for setting, status in (("closed", 200), ("nothing", 404)):
        ask = asked(expiry_leaves=setting)
        session = ask.create()
        ask.clock.advance(minutes=60)
        assert ask("GET", path(session))[0] == status


def test_second_proxy_delete(asked):
    """The deletion of a proxy configuration that is not there is a 404, or a 204."""
    for setting, status in (("not-found", 404), ("no-content", 204)):
        assert asked(second_proxy_delete=setting)("DELETE", PUT)[0] == status


def test_proxy_delete_sessions(asked):
    """The deletion of the proxy configuration leaves open sessions, or closes them."""
    for setting, status in (("keep", "Open"), ("close", "Closed")):
        ask = asked(proxy_delete_sessions=setting)
        ask("PUT", PUT, PROXY)
        ended = ask.create(ExpiryMinutes=1)
        ask.clock.advance(minutes=2)
        session = ask.create()
        ask("DELETE", PUT)
        assert ask("GET", path(ended))[1]["ProxySession"]["EndedTimestamp"] == "2026-01-01T00:01:00.000Z"
        assert ask("GET", path(session))[1]["ProxySession"]["Status"] == status


def test_list_order(asked):
    """Sessions are listed from the oldest or from the newest on, across pages."""
    for setting, step in (("oldest-first", 1), ("newest-first", -1)):
        ask = asked(list_order=setting)
        made = [ask.create() for _ in range(3)]
        page = ask("GET", "/proxy-sessions?max-results=2")[1]
        rest = ask("GET", f"/proxy-sessions?next-token={page['NextToken']}")[1]
        assert page["ProxySessions"] + rest["ProxySessions"] == made[::step]


def test_page_size(asked):
    """Without a wish a page holds as many sessions as the policy says, by default the most that may be asked for."""
    for setting, length in ((None, 100), (3, 3)):
        ask = asked(page_size=setting)
        for n in range(101):
            ask.create(ParticipantPhoneNumbers=[f"+1206{n:03d}", "+12"])
        assert len(ask("GET", "/proxy-sessions")[1]["ProxySessions"]) == length


def test_last_page_token(asked):
    """The last page has no token, or a null one."""
    assert asked(last_page_token="absent")("GET", "/proxy-sessions")[1] == {"ProxySessions": []}
    assert asked(last_page_token="null")("GET", "/proxy-sessions")[1] == {"ProxySessions": [], "NextToken": None}


def test_foreign_token(asked):
    """A token that was never given is a 400, or asks for the first page; one that was given is followed all the same."""
    assert asked(foreign_token="refuse")("GET", "/proxy-sessions?next-token=abc")[0] == 400
    ask = asked(foreign_token="first-page")
    made = [ask.create() for _ in range(2)]
    page = ask("GET", "/proxy-sessions?max-results=1&next-token=abc")[1]
    assert page["ProxySessions"] == made[:1]
    assert ask("GET", f"/proxy-sessions?next-token={page['NextToken']}")[1] == {"ProxySessions": made[1:]}
    assert ask("GET", f"/proxy-sessions?status=Open&next-token={page['NextToken']}")[1] == {"ProxySessions": made}


def test_null_members(asked):
    """A member sent as null breaks the contract, or counts as absent."""
    assert asked(null_members="refuse").refused(Name=None)[0] == 400
    assert "Name" not in asked(null_members="absent").create(Name=None)
    assert asked(null_members="absent").refused(Capabilities=None)[0] == 400


def test_unknown_query(asked):
    """A query parameter that the operation does not have is a 400 with a hint, or is ignored."""
    status, answer = asked(unknown_query="refuse")("GET", "/proxy-sessions?maxresults=3")
    assert (status, "did you mean 'max-results'" in answer["Message"]) == (400, True)
    assert asked(unknown_query="ignore")("GET", "/proxy-sessions?maxresults=3")[0] == 200
    assert asked(unknown_query="refuse")("GET", "/proxy-sessions?X-Amz-Signature=abc")[0] == 200
