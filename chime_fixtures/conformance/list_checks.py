"""Checks of ListProxySessions: pages, tokens, filters, order, and sessions that are created concurrently."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from chime_fixtures.conformance.probe import Probe
from chime_fixtures.conformance.records import Check, Observed, SkippedError, listed, require
from chime_fixtures.conformance.session_checks import is_equal

_SESSIONS = 5
"""Sessions that a check of pages creates: three pages of two."""
_PAGE = 2
_CONCURRENT_CREATIONS = 6
_STATUSES = ("Open", "InProgress", "Closed")


def _contains(probe: Probe) -> None:
    ids = probe.create_several(2)
    missing = set(ids) - set(probe.listed_ids())
    require(not missing, f"{len(missing)} of {len(ids)} new sessions are not listed")


def _same(probe: Probe) -> None:
    session_id, _ = probe.create(Name="Conformance 1")
    expected = probe.session(session_id)
    found = [each for each in probe.listed() if each.get("ProxySessionId") == session_id]
    require(len(found) == 1, f"the session is listed {len(found)} times")
    names = sorted(expected.keys() | found[0].keys())
    different = [name for name in names if not is_equal(expected.get(name), found[0].get(name))]
    require(not different, f"{listed(different)} differs from the response of GetProxySession")


def _max_results(probe: Probe) -> None:
    probe.create_several(_PAGE + 1)
    for size in (1, _PAGE):
        sessions, _ = probe.page(MaxResults=size)
        require(len(sessions) <= size, f"a page with MaxResults {size} has {len(sessions)} sessions")


def _token(probe: Probe) -> None:
    probe.create_several(_PAGE + 1)
    _, token = probe.page(MaxResults=_PAGE)
    require(token, "the first page of several has no NextToken")


def _pages(probe: Probe) -> None:
    ids = probe.create_several(_SESSIONS)
    probe.require_small_listing()
    found = probe.listed_ids(MaxResults=_PAGE)
    lost = [each for each in ids if each not in found]
    require(not lost, f"{len(lost)} of {len(ids)} sessions are on none of the pages")
    duplicate = [each for each in ids if found.count(each) > 1]
    require(not duplicate, f"{len(duplicate)} of {len(ids)} sessions are on more than one page")


def _pages_with_deletion(probe: Probe) -> None:
    ids = probe.create_several(_SESSIONS)
    probe.require_small_listing()
    found: list[Any] = []
    deleted = None
    for page in probe.pages(MaxResults=_PAGE):
        found += [each.get("ProxySessionId") for each in page]
        own = [each for each in found if each in ids]
        if deleted is None and own:
            # The session that the next page would begin after.
            deleted = own[-1]
            probe.delete(deleted)
    lost = [each for each in ids if each not in found]
    require(not lost, f"{len(lost)} of {len(ids)} sessions are skipped if one is deleted between two pages")


def _status_filter(probe: Probe) -> None:
    session_id, session = probe.create()
    for status in _STATUSES:
        sessions = probe.listed(Status=status)
        others = [each for each in sessions if not is_equal(each.get("Status"), status)]
        require(not others, f"the filter {status} lists {len(others)} sessions of another status")
        is_listed = any(each.get("ProxySessionId") == session_id for each in sessions)
        is_expected = is_equal(session.get("Status"), status)
        require(is_listed == is_expected, f"the filter {status} {'omits' if is_expected else 'lists'} an open session")


def _filtered_pages(probe: Probe) -> None:
    ids = probe.create_several(_PAGE + 1)
    probe.require_small_listing()
    found = probe.listed_ids(MaxResults=_PAGE, Status="Open")
    require(all(found.count(each) == 1 for each in ids), "the pages of a filter do not list each open session once")


def _repeatable(probe: Probe) -> None:
    ids = probe.create_several(_PAGE + 1)
    orders = [[each for each in probe.listed_ids() if each in ids] for _ in range(2)]
    require(orders[0] == orders[1], "two listings have different orders")


def _create_concurrent(probe: Probe) -> None:
    requests = [probe.creation() for _ in range(_CONCURRENT_CREATIONS)]
    with ThreadPoolExecutor(_CONCURRENT_CREATIONS) as pool:
        ids = list(pool.map(lambda arguments: probe.create(**arguments)[0], requests))
    require(len(set(ids)) == len(ids), f"{len(ids)} concurrent requests returned {len(set(ids))} different ids")
    missing = set(ids) - set(probe.listed_ids())
    require(not missing, f"{len(missing)} of {len(ids)} sessions that were created concurrently are not listed")


def _order(probe: Probe) -> Observed:
    ids = probe.create_several(_SESSIONS)
    found = [each for each in probe.listed_ids() if each in ids]
    if found == ids:
        return "list_order", "oldest-first"
    require(found == ids[::-1], "neither the order of creation nor its reverse")
    return "list_order", "newest-first"


def _page_fill(probe: Probe) -> Observed:
    probe.create_several(_PAGE + 1)
    sessions, token = probe.page(MaxResults=_PAGE)
    if len(sessions) == _PAGE:
        return "page_fill", "full"
    is_half = len(sessions) == (_PAGE + 1) // 2 and token
    require(is_half, f"a page with MaxResults {_PAGE} has {len(sessions)} of {_PAGE + 1} sessions")
    return "page_fill", "half"


def _page_size(probe: Probe) -> Observed:
    probe.create_several(_SESSIONS)
    sessions, _ = probe.page(MaxResults=_PAGE)
    if len(sessions) < _PAGE:
        raise SkippedError("pages are not full, so that their default size can't be seen")
    sessions, token = probe.page()
    return "page_size", len(sessions) if token and len(sessions) <= _SESSIONS else None


def _last_token(probe: Probe) -> Observed:
    probe.create()
    exchange = probe.call("ListProxySessions")
    for _ in range(probe.require_small_listing()):
        token = exchange.member("NextToken")
        if not isinstance(token, str):
            break
        exchange = probe.call("ListProxySessions", NextToken=token)
    require(exchange.is_success and isinstance(exchange.body, dict), f"{exchange.outcome} for the last page")
    if "NextToken" not in exchange.body:
        return "last_page_token", "absent"
    require(exchange.body["NextToken"] is None, "the last page has a NextToken that is neither absent nor null")
    return "last_page_token", "null"


def _foreign_token(probe: Probe) -> Observed:
    probe.create_several(_PAGE + 1)
    _, token = probe.page(MaxResults=_PAGE)
    if token is None:
        raise SkippedError("there is no NextToken to use with another filter")
    return _setting_of_token(probe, Status="Closed", NextToken=token)


def _invalid_token(probe: Probe) -> Observed:
    probe.create()
    return _setting_of_token(probe, NextToken="not-a-token")


def _setting_of_token(probe: Probe, **arguments: Any) -> Observed:
    exchange = probe.call("ListProxySessions", **arguments)
    if exchange.status == HTTPStatus.BAD_REQUEST:
        return "foreign_token", "refuse"
    require(exchange.is_success, f"{exchange.outcome}; expected 400 BadRequestException")
    continued = [
        each.get("ProxySessionId") for each in exchange.member("ProxySessions") or [] if isinstance(each, dict)
    ]
    first, _ = probe.page(**{name: value for name, value in arguments.items() if name != "NextToken"})
    is_first = continued == [each.get("ProxySessionId") for each in first]
    require(is_first, "200 with sessions other than those of the first page")
    return "foreign_token", "first-page"


def _unknown_query(probe: Probe) -> Observed:
    exchange = probe.call_wrongly("ListProxySessions", {}, query="unknown=1")
    if exchange.status == HTTPStatus.BAD_REQUEST:
        return "unknown_query", "refuse"
    require(exchange.is_success, f"{exchange.outcome}; expected 400 BadRequestException")
    return "unknown_query", "ignore"


_API = "the API page of ListProxySessions"

LIST_CHECKS = (
    Check("sessions.list.contains", "New sessions are listed.", "documentation", _API, _contains),
    Check("sessions.list.same", "A listed session is that of GetProxySession.", "documentation", _API, _same),
    Check("sessions.list.max-results", "A page has at most MaxResults sessions.", "documentation", _API, _max_results),
    Check("sessions.list.token", "A page before the last one has a NextToken.", "documentation", _API, _token),
    Check("sessions.list.pages", "The pages have each session once.", "documentation", _API, _pages),
    Check(
        "sessions.list.pages-with-deletion",
        "No session is skipped if one is deleted between two pages.",
        "documentation",
        _API,
        _pages_with_deletion,
    ),
    Check(
        "sessions.list.status",
        "A listing with Status has each session of that status, and no other.",
        "documentation",
        _API,
        _status_filter,
    ),
    Check(
        "sessions.list.status-pages",
        "The pages of a listing with Status have each session once.",
        "documentation",
        _API,
        _filtered_pages,
    ),
    Check("sessions.list.repeatable", "Two listings have the same order.", "documentation", _API, _repeatable),
    Check(
        "sessions.create.concurrent",
        "Concurrent requests create different sessions, and all are listed.",
        "model",
        "each response has the ProxySessionId of its session",
        _create_concurrent,
    ),
    Check(
        "sessions.list.order", "Sessions are in the order of creation, or its reverse.", "policy", "list_order", _order
    ),
    Check(
        "sessions.list.page-fill",
        "A page has as many sessions as MaxResults, or the first half of them with a NextToken.",
        "policy",
        "page_fill",
        _page_fill,
    ),
    Check(
        "sessions.list.page-size",
        "A page without MaxResults in the request has as many sessions as the maximum of MaxResults, or fewer.",
        "policy",
        "page_size",
        _page_size,
    ),
    Check(
        "sessions.list.last-token",
        "NextToken of the last page is absent, or null.",
        "policy",
        "last_page_token",
        _last_token,
    ),
    Check(
        "sessions.list.foreign-token",
        "A NextToken of another filter returns 400, or the first page.",
        "policy",
        "foreign_token",
        _foreign_token,
    ),
    Check(
        "sessions.list.invalid-token",
        "An invalid NextToken returns 400, or the first page.",
        "policy",
        "foreign_token",
        _invalid_token,
    ),
    Check(
        "sessions.list.unknown-query",
        "An unknown query parameter returns 400, or is ignored.",
        "policy",
        "unknown_query",
        _unknown_query,
    ),
)
"""The checks of listings; those of published behaviour first."""
