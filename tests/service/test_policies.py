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
    """The path of a session."""
    return f"/proxy-sessions/{session['ProxySessionId']}"


def test_each():
    """`each` returns the defaults, then every other setting of every rule, one at a time."""
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
def test_read(policies):
    """A policy is read from its own text."""
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
def test_unknown_settings(wrong, message):
    """An unknown setting is refused with a suggestion, as an argument and as text."""
    ((name, setting),) = wrong.items()
    with pytest.raises(InvalidOptionError, match=re.escape(message)):
        Policies(**wrong)
    with pytest.raises(InvalidOptionError, match=re.escape(message)):
        Policies.read([f"{name}={setting}"])


@pytest.mark.parametrize("policies", Policies.each(), ids=str)
def test_plain_use_under_each_policy(api_with, policies):
    """A consumer that puts a proxy and then creates, gets, lists and deletes sees the same under each policy."""
    api = api_with(**dataclasses.asdict(policies))
    api.service.add_connector("abc")
    assert api("PUT", PUT, PROXY)[0] == 200
    session = api.create()
    assert api("GET", path(session)) == (200, {"ProxySession": session})
    assert api("GET", "/proxy-sessions")[1]["ProxySessions"] == [session]
    assert api("DELETE", path(session))[0] == 204


def test_unknown_connectors(api_with):
    """A connector that was not added exists, or is a 404 for every operation."""
    assert api_with(unknown_connectors="exist")("GET", "/proxy-sessions")[0] == 200
    api = api_with(unknown_connectors="not-found")
    assert api("GET", "/proxy-sessions")[0] == api("PUT", PUT, PROXY)[0] == api.create_error()[0] == 404
    api.service.add_connector("abc")
    assert api("GET", "/proxy-sessions")[0] == 200


def test_create_without_proxy(api_with):
    """CreateProxySession before PutVoiceConnectorProxy is a 201, or a 400 that names the operation to call first."""
    assert api_with(create_without_proxy="allow").create()["ExpiryMinutes"] == 60
    api = api_with(create_without_proxy="refuse")
    status, code, message = api.create_error()
    assert (status, code, "call PutVoiceConnectorProxy first" in message) == (400, "BadRequest", True)
    api("PUT", PUT, PROXY)
    assert api.create()["ExpiryMinutes"] == 15


def test_create_when_disabled(api_with):
    """CreateProxySession with a disabled proxy is a 403, or a 201."""
    for setting, status in (("refuse", 403), ("allow", 201)):
        api = api_with(create_when_disabled=setting)
        api("PUT", PUT, {**PROXY, "Disabled": True})
        body = {"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}
        assert api("POST", "/proxy-sessions", body)[0] == status


def test_default_minutes(api_with):
    """A session has the default minutes if neither the request nor the connector has any."""
    assert api_with(default_minutes=7).create()["ExpiryMinutes"] == 7


def test_max_minutes(api_with):
    """The maximum of minutes applies to creation and update; None means no maximum."""
    api = api_with()
    assert api.create_error(ExpiryMinutes=721)[:2] == (400, "BadRequest")
    session = api.create(ExpiryMinutes=720)
    assert api("POST", path(session), {"Capabilities": [], "ExpiryMinutes": 721})[0] == 400
    assert api_with(max_minutes=None).create(ExpiryMinutes=2**31)["ExpiryMinutes"] == 2**31


def test_number_selection(api_with):
    """Without NumberSelectionBehavior, the same participants get their previous number, or another one."""
    for setting, same in (("PreferSticky", True), ("AvoidSticky", False)):
        api = api_with(number_selection=setting)
        first = api.create()["Participants"][0]["ProxyPhoneNumber"]
        api.clock.advance(minutes=60)
        assert (api.create()["Participants"][0]["ProxyPhoneNumber"] == first) is same


def test_no_local_number(api_with):
    """A place without numbers is a 500, or any number is chosen."""
    nowhere = {"GeoMatchParams": {"Country": "DK", "AreaCode": "000"}}
    assert api_with(no_local_number="refuse").create_error(**nowhere)[:2] == (500, "ServiceFailure")
    assert (
        api_with(no_local_number="fall-back").create(**nowhere)["Participants"][0]["ProxyPhoneNumber"].startswith("+")
    )


def test_answer_order(api_with):
    """Participants and capabilities are returned in reverse, or as they were sent."""
    for setting, step in (("reversed", -1), ("as-sent", 1)):
        session = api_with(answer_order=setting).create()
        assert session["Capabilities"] == ["Voice", "SMS"][::step]
        assert [each["PhoneNumber"] for each in session["Participants"]] == ["+12065550100", "+14015550101"][::step]


def test_update_restarts_clock(api_with):
    """The minutes count from the creation, or from the last update."""
    for setting, status in ((False, "Closed"), (True, "Open")):
        api = api_with(update_restarts_clock=setting)
        session = api.create()
        api.clock.advance(minutes=30)
        api("POST", path(session), CAPABILITIES)
        api.clock.advance(minutes=30)
        assert api("GET", path(session))[1]["ProxySession"]["Status"] == status


@pytest.mark.parametrize(
    ("setting", "status", "after"),
    [("refuse", 400, "Closed"), ("not-found", 404, "Closed"), ("amend", 201, "Closed"), ("reopen", 201, "Open")],
)
def test_update_of_closed(api_with, setting, status, after):
    """An update of a closed session is a 400, a 404, changes it only, or reopens it for its minutes."""
    api = api_with(update_of_closed=setting)
    session = api.create()
    api.clock.advance(minutes=90)
    assert api("POST", path(session), CAPABILITIES)[0] == status
    now = api("GET", path(session))[1]["ProxySession"]
    assert (now["Status"], "EndedTimestamp" in now) == (after, after == "Closed")
    assert (now["Capabilities"] == []) is (status == 201)
    api.clock.advance(minutes=60)
    assert api("GET", path(session))[1]["ProxySession"]["Status"] == "Closed"


def test_delete_leaves(api_with):
    """A deleted session is removed, or listed as closed since that instant."""
    api = api_with(delete_leaves="nothing")
    session = api.create()
    assert api("DELETE", path(session)) == (204, None)
    assert api("GET", path(session))[0] == 404
    api = api_with(delete_leaves="closed")
    session = api.create()
    api.clock.advance(minutes=1)
    assert api("DELETE", path(session)) == (204, None)
    at = "2026-01-01T00:01:00.000Z"
    closed = {**session, "Status": "Closed", "UpdatedTimestamp": at, "EndedTimestamp": at}
    assert api("GET", "/proxy-sessions?status=Closed") == (200, {"ProxySessions": [closed]})


def test_delete_of_expired(api_with):
    """A session that expired before it was deleted keeps the instant at which it ended."""
    api = api_with(delete_leaves="closed")
    session = api.create()
    api.clock.advance(minutes=90)
    assert api("DELETE", path(session))[0] == 204
    assert api("GET", path(session))[1]["ProxySession"]["EndedTimestamp"] == "2026-01-01T01:00:00.000Z"


@pytest.mark.parametrize("leaves", ["nothing", "closed"])
def test_second_delete(api_with, leaves):
    """A second deletion is a 404, or a 204; the deletion of a session that never existed is a 404."""
    for setting, status in (("not-found", 404), ("no-content", 204)):
        api = api_with(second_delete=setting, delete_leaves=leaves)
        session = api.create()
        assert api("DELETE", path(session))[0] == 204
        assert api("DELETE", path(session))[0] == status
        assert api("DELETE", "/proxy-sessions/never")[0] == 404


def test_expiry_leaves(api_with):
    """An expired session is listed as closed, or removed."""
    for setting, status in (("closed", 200), ("nothing", 404)):
        api = api_with(expiry_leaves=setting)
        session = api.create()
        api.clock.advance(minutes=60)
        assert api("GET", path(session))[0] == status


def test_second_proxy_delete(api_with):
    """The deletion of a missing proxy configuration is a 404, or a 204."""
    for setting, status in (("not-found", 404), ("no-content", 204)):
        assert api_with(second_proxy_delete=setting)("DELETE", PUT)[0] == status


def test_proxy_delete_sessions(api_with):
    """The deletion of the proxy configuration leaves sessions open, or closes them."""
    for setting, status in (("keep", "Open"), ("close", "Closed")):
        api = api_with(proxy_delete_sessions=setting)
        api("PUT", PUT, PROXY)
        ended = api.create(ExpiryMinutes=1)
        api.clock.advance(minutes=2)
        session = api.create()
        api("DELETE", PUT)
        assert api("GET", path(ended))[1]["ProxySession"]["EndedTimestamp"] == "2026-01-01T00:01:00.000Z"
        assert api("GET", path(session))[1]["ProxySession"]["Status"] == status


def test_list_order(api_with):
    """Sessions are listed from the oldest or from the newest on, on all pages."""
    for setting, step in (("oldest-first", 1), ("newest-first", -1)):
        api = api_with(list_order=setting)
        made = [api.create() for _ in range(3)]
        page = api("GET", "/proxy-sessions?max-results=2")[1]
        rest = api("GET", f"/proxy-sessions?next-token={page['NextToken']}")[1]
        assert page["ProxySessions"] + rest["ProxySessions"] == made[::step]


def test_page_size(api_with):
    """Without MaxResults, a page has the policy's number of sessions, by default the maximum of MaxResults."""
    for setting, length in ((None, 100), (3, 3)):
        api = api_with(page_size=setting)
        for n in range(101):
            api.create(ParticipantPhoneNumbers=[f"+1206{n:03d}", "+12"])
        assert len(api("GET", "/proxy-sessions")[1]["ProxySessions"]) == length


def test_page_fill(api_with):
    """A page has all sessions that it could have, or half of them and a token; the pages together have every session."""
    for setting, lengths in (("full", {0: [0], 1: [1], 2: [2], 7: [5, 2]}), ("half", {0: [0], 1: [1], 2: [1, 1]})):
        for count, expected in {**lengths, **({7: [3, 2, 1, 1]} if setting == "half" else {})}.items():
            api = api_with(page_fill=setting)
            made, token, pages = [api.create() for _ in range(count)], "", []
            while token is not None:
                page = api("GET", f"/proxy-sessions?max-results=5{token}")[1]
                pages.append(page["ProxySessions"])
                token = f"&next-token={page['NextToken']}" if "NextToken" in page else None
            assert [len(page) for page in pages] == expected
            assert [session for page in pages for session in page] == made


def test_last_page_token(api_with):
    """The last page has no token, or a null one."""
    assert api_with(last_page_token="absent")("GET", "/proxy-sessions")[1] == {"ProxySessions": []}
    assert api_with(last_page_token="null")("GET", "/proxy-sessions")[1] == {"ProxySessions": [], "NextToken": None}


def test_foreign_token(api_with):
    """A token of another listing is a 400, or returns the first page; the listing's own tokens work as usual."""
    assert api_with(foreign_token="refuse")("GET", "/proxy-sessions?next-token=abc")[0] == 400
    api = api_with(foreign_token="first-page")
    made = [api.create() for _ in range(2)]
    page = api("GET", "/proxy-sessions?max-results=1&next-token=abc")[1]
    assert page["ProxySessions"] == made[:1]
    assert api("GET", f"/proxy-sessions?next-token={page['NextToken']}")[1] == {"ProxySessions": made[1:]}
    assert api("GET", f"/proxy-sessions?status=Open&next-token={page['NextToken']}")[1] == {"ProxySessions": made}


def test_null_members(api_with):
    """A null member is a violation, or counts as absent."""
    assert api_with(null_members="refuse").create_error(Name=None)[0] == 400
    assert "Name" not in api_with(null_members="absent").create(Name=None)
    assert api_with(null_members="absent").create_error(Capabilities=None)[0] == 400


def test_unknown_query(api_with):
    """An unknown query parameter is a 400 with a suggestion, or is ignored."""
    status, response = api_with(unknown_query="refuse")("GET", "/proxy-sessions?maxresults=3")
    assert (status, "did you mean 'max-results'" in response["Message"]) == (400, True)
    assert api_with(unknown_query="ignore")("GET", "/proxy-sessions?maxresults=3")[0] == 200
    assert api_with(unknown_query="refuse")("GET", "/proxy-sessions?X-Amz-Signature=abc")[0] == 200
