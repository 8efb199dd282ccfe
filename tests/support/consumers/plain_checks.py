"""Checks of the API clients whose mistake is about faults or pages, as their own tests would be: without any fault.

Both versions of a consumer pass its check, except those of `FAILING`: there the ordinary test finds the mistake.
"""

from __future__ import annotations

from tests.support.consumers import clients, pagers
from tests.support.consumers.chime_clients import boto3_client, ids_of

NAME = "order 4711 of the helper"
SESSIONS = (
    {"ProxySessionId": "one", "Name": "a", "Status": "Open"},
    {"ProxySessionId": "two", "Name": "b", "Status": "Closed"},
)


def lists_all(consumer, stub):
    assert ids_of(consumer(stub.connector_id)) == ids_of(stub.sessions)


def lists_each_status(consumer, stub):
    found = consumer(stub.connector_id)
    assert {status: ids_of(sessions) for status, sessions in found.items()} == {"Open": ["one"], "Closed": ["two"]}


def finds_none(consumer, stub):
    assert consumer(stub.connector_id, "gone") is None


def finds_one(consumer, stub):
    found = consumer(stub.connector_id, "one")
    assert found is None or found["ProxySessionId"] == "one"


def labels(consumer, stub):
    for session in boto3_client().list_proxy_sessions(VoiceConnectorId=stub.connector_id)["ProxySessions"]:
        assert isinstance(consumer(session), str)


def creates_once(consumer, stub):
    consumer(stub.connector_id, NAME)
    assert [session.get("Name") for session in stub.sessions].count(NAME) == 1


def deletes(consumer, stub):
    consumer(stub.connector_id, "one")
    # If the response says that there is no such session, the client may believe it.
    assert "one" not in ids_of(stub.sessions) or (stub.injected and stub.injected.fault == "error:NotFound")


CHECKS = {
    "failure taken for absence": finds_none,
    "absence is a crash": finds_one,
    "status of tomorrow": labels,
    "lost answer makes two": creates_once,
    "throttled once": creates_once,
    "second deletion fails": deletes,
    "deletion after a lost answer": deletes,
    "page two lost": lists_all,
    "last page only": lists_all,
    "empty page taken for the end": lists_all,
    "short page taken for the end": lists_all,
    "token always there": lists_all,
    "null token taken for one": lists_all,
    "token used with another filter": lists_each_status,
}
"""The check of each consumer, by its name."""

FAILING = ("token always there",)
"""The consumers whose faulty version fails without a fault: it requires the token that no last page has."""

LEVELS = {"null token taken for one": "violations"}
"""The changes that tell the versions apart, if not the faults: a token that is null is a violation."""

CONSUMERS = {each.name: each for each in (*clients.CONSUMERS, *pagers.CONSUMERS) if each.name in CHECKS}
