"""API clients of single sessions, with boto3 and requests: they read and write what the stub contains."""

from __future__ import annotations

import functools
import json
from datetime import UTC, datetime
from urllib.parse import quote

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from tests.support.consumers.chime_clients import URL, all_pages, boto3_client, ids_of, requests_session, stub_with
from tests.support.consumers.consumer import Consumer

PEOPLE = ["+12065550100", "+14015550101"]


# One session.


def status_by_boto3(connector, session_id):
    found = boto3_client().get_proxy_session(VoiceConnectorId=connector, ProxySessionId=session_id)
    return found["ProxySession"].get("Status")


def status_by_requests(escape):
    def read(connector, session_id):
        answer = requests_session().get(f"{URL}/{connector}/proxy-sessions/{escape(session_id)}")
        answer.raise_for_status()
        return answer.json()["ProxySession"].get("Status")

    return read


def gets_each(consumer, sessions):
    with stub_with(sessions) as stub:
        for session in stub.sessions:
            # A client library resolves these two before it sends anything, escaped or not.
            if session["ProxySessionId"] not in (".", ".."):
                assert consumer(stub.connector_id, session["ProxySessionId"]) == session.get("Status")


def find(connector, session_id):
    try:
        return boto3_client().get_proxy_session(VoiceConnectorId=connector, ProxySessionId=session_id)["ProxySession"]
    except boto3_client().exceptions.NotFoundException:
        return None


def find_or_give_up(connector, session_id):
    try:
        return boto3_client().get_proxy_session(VoiceConnectorId=connector, ProxySessionId=session_id)["ProxySession"]
    except ClientError:
        return None


def get_or_crash(connector, session_id):
    return boto3_client().get_proxy_session(VoiceConnectorId=connector, ProxySessionId=session_id)["ProxySession"]


def tells_failure_from_absence(consumer, sessions):
    with stub_with(sessions) as stub:
        stub.fail("error:ServiceFailure", operation="GetProxySession")
        try:
            consumer(stub.connector_id, "gone")
        except ClientError:
            return
        raise AssertionError("a failure of the service was taken for an answer")


def knows_absence(consumer, sessions):
    with stub_with(sessions) as stub:
        assert consumer(stub.connector_id, "not there at all") is None


def as_json(session):
    return json.dumps(session, default=lambda moment: moment.isoformat())


def lists_as(consumer, sessions):
    with stub_with(sessions) as stub:
        for session in all_pages(stub.connector_id):
            json.loads(consumer(session))


def age(session):
    created = session.get("CreatedTimestamp")
    return created and (datetime(2026, 1, 1, tzinfo=UTC) - created).days


def age_naive(session):
    created = session.get("CreatedTimestamp")
    return created and (datetime.fromisoformat("2026-01-01") - created).days


def ages(consumer, sessions):
    with stub_with(sessions) as stub:
        for session in all_pages(stub.connector_id):
            consumer(session)


LABELS = {"Open": "open", "InProgress": "in use", "Closed": "over"}


def label(session):
    return LABELS.get(session.get("Status"), "unknown")


def label_of_known(session):
    return LABELS[session["Status"]] if "Status" in session else "unknown"


def labels_tomorrow(consumer, sessions):
    with stub_with([*sessions, {"Status": "Open"}]) as stub:
        stub.fail("evolved", operation="ListProxySessions")
        for session in boto3_client().list_proxy_sessions(VoiceConnectorId=stub.connector_id)["ProxySessions"]:
            assert isinstance(consumer(session), str)


# Create, update, delete.


def create(connector, name):
    parameters = {"Name": name, "ParticipantPhoneNumbers": PEOPLE, "Capabilities": ["SMS"]}
    return boto3_client().create_proxy_session(VoiceConnectorId=connector, **parameters)["ProxySession"]


def create_again(*, look):
    def run(connector, name):
        for _ in range(3):
            if look and (found := [s for s in all_pages(connector) if s.get("Name") == name]):
                return found[0]
            try:
                return create(connector, name)
            except (NoConnection, HTTPClientError):
                continue
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] not in (429, 500, 503):
                    raise
        raise RuntimeError("no session")

    return run


def creates_once(fault):
    def check(consumer, sessions):
        name = "order 4711 of the helper"
        with stub_with([session for session in sessions if session.get("Name") != name]) as stub:
            stub.fail(fault, operation="CreateProxySession")
            consumer(stub.connector_id, name)
            assert [session.get("Name") for session in stub.sessions].count(name) == 1

    return check


def proxy_number(connector):
    people = create(connector, "order")["Participants"]
    return next(person for person in people if person["PhoneNumber"] == PEOPLE[0])["PhoneNumber"]


def number_in_place(connector):
    return create(connector, "order")["Participants"][0]["PhoneNumber"]


def names_the_caller(consumer, sessions):
    with stub_with(sessions) as stub:
        assert consumer(stub.connector_id) == PEOPLE[0]


def delete(connector, session_id):
    try:
        boto3_client().delete_proxy_session(VoiceConnectorId=connector, ProxySessionId=session_id)
    except boto3_client().exceptions.NotFoundException:
        pass


def delete_or_fail(connector, session_id):
    boto3_client().delete_proxy_session(VoiceConnectorId=connector, ProxySessionId=session_id)


def deletes_twice(consumer, sessions):
    with stub_with([*sessions, {"ProxySessionId": "one"}]) as stub:
        consumer(stub.connector_id, "one")
        consumer(stub.connector_id, "one")
        assert "one" not in ids_of(stub.sessions)


def delete_once_more(tolerant):
    def run(connector, session_id):
        try:
            delete_or_fail(connector, session_id)
        except (NoConnection, HTTPClientError):
            (delete if tolerant else delete_or_fail)(connector, session_id)

    return run


def deletes_over_a_bad_line(consumer, sessions):
    with stub_with([*sessions, {"ProxySessionId": "one"}]) as stub:
        stub.fail("lost-answer", operation="DeleteProxySession")
        consumer(stub.connector_id, "one")
        assert "one" not in ids_of(stub.sessions)


def extended(connector, session):
    parameters = {"VoiceConnectorId": connector, "ProxySessionId": session["ProxySessionId"]}
    boto3_client().update_proxy_session(**parameters, Capabilities=session["Capabilities"], ExpiryMinutes=90)


def extended_for_texts(connector, session):
    parameters = {"VoiceConnectorId": connector, "ProxySessionId": session["ProxySessionId"]}
    boto3_client().update_proxy_session(**parameters, Capabilities=session["Capabilities"][:1], ExpiryMinutes=90)


def keeps_capabilities(consumer, sessions):
    with stub_with(sessions, update_of_closed="amend") as stub:
        for session in stub.sessions:
            if sorted(session.get("Capabilities", ())) in (["SMS"], ["Voice"], ["SMS", "Voice"]) and session[
                "ProxySessionId"
            ] not in (".", ".."):
                consumer(stub.connector_id, session)
                after = next(s for s in stub.sessions if s["ProxySessionId"] == session["ProxySessionId"])
                assert sorted(after["Capabilities"]) == sorted(session["Capabilities"])


quoted = functools.partial(quote, safe="")
CONSUMERS = (
    Consumer("id unescaped in a URL", "lists", gets_each, status_by_requests(quoted), status_by_requests(str)),
    Consumer("slash left in a URL", "lists", gets_each, status_by_boto3, status_by_requests(quote)),
    Consumer("failure taken for absence", "lists", tells_failure_from_absence, find, find_or_give_up),
    Consumer("absence is a crash", "lists", knows_absence, find, get_or_crash),
    Consumer("datetime in JSON", "lists", lists_as, as_json, json.dumps),
    Consumer("age of a naive now", "lists", ages, age, age_naive),
    Consumer("status of tomorrow", "lists", labels_tomorrow, label, label_of_known),
    Consumer(
        "lost answer makes two", "lists", creates_once("lost-answer"), create_again(look=True), create_again(look=False)
    ),
    Consumer("throttled once", "lists", creates_once("throttle"), create_again(look=True), create),
    Consumer("participants in the order sent", "lists", names_the_caller, proxy_number, number_in_place),
    Consumer("second deletion fails", "lists", deletes_twice, delete, delete_or_fail),
    Consumer(
        "deletion after a lost answer",
        "lists",
        deletes_over_a_bad_line,
        delete_once_more(True),
        delete_once_more(False),
    ),
    Consumer("capabilities cut by an update", "lists", keeps_capabilities, extended, extended_for_texts),
)
