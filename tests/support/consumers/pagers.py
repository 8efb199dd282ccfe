"""API clients that read lists page by page, with boto3 and requests."""

from __future__ import annotations

from tests.support.consumers.chime_clients import (
    URL,
    all_pages,
    boto3_client,
    ids_of,
    pages,
    requests_session,
    stub_with,
)
from tests.support.consumers.consumer import Consumer


def first_page(connector):
    return boto3_client().list_proxy_sessions(VoiceConnectorId=connector)["ProxySessions"]


def until_empty(connector):
    found = []
    for page in pages(connector):
        if not page:
            break
        found += page
    return found


def until_short(connector):
    found = []
    for page in pages(connector, MaxResults=2):
        found += page
        if len(page) < 2:
            break
    return found


def last_page_only(connector):
    return list(pages(connector))[-1]


def token_always_there(connector):
    parameters, found = {"VoiceConnectorId": connector}, []
    while True:
        page = boto3_client().list_proxy_sessions(**parameters)
        found += page["ProxySessions"]
        parameters["NextToken"] = page["NextToken"]
        if not parameters["NextToken"]:
            return found


def web_pages(is_last):
    def read(connector):
        found, token = [], None
        for _ in range(100):
            page = requests_session().get(f"{URL}/{connector}/proxy-sessions", params={"next-token": token}).json()
            found += page["ProxySessions"]
            if is_last(page):
                break
            token = page["NextToken"]
        return found

    return read


def lists_all(fault=None, **policies):
    def check(consumer, sessions):
        with stub_with(sessions, page_size=2, **policies) as stub:
            if fault:
                stub.fail(fault, operation="ListProxySessions")
            assert ids_of(consumer(stub.connector_id)) == ids_of(stub.sessions)

    return check


def by_status(connector):
    return {
        status: [session for page in pages(connector, Status=status) for session in page]
        for status in ("Open", "Closed")
    }


def by_status_with_one_token(connector):
    parameters, found = {"VoiceConnectorId": connector}, {}
    for status in ("Open", "Closed"):
        page = boto3_client().list_proxy_sessions(**parameters, Status=status)
        found[status] = page["ProxySessions"]
        while parameters.update(NextToken=page.get("NextToken", parameters.get("NextToken"))) or page.get("NextToken"):
            page = boto3_client().list_proxy_sessions(**parameters, Status=status)
            found[status] += page["ProxySessions"]
        if parameters["NextToken"] is None:
            del parameters["NextToken"]
    return found


def lists_each_status(consumer, sessions):
    with stub_with(sessions, page_size=1) as stub:
        for status, found in consumer(stub.connector_id).items():
            assert ids_of(found) == ids_of(s for s in stub.sessions if s.get("Status") == status)


CONSUMERS = (
    Consumer("page two lost", "lists", lists_all(), all_pages, first_page),
    Consumer("last page only", "lists", lists_all(), all_pages, last_page_only),
    Consumer("empty page taken for the end", "lists", lists_all("page:empty"), all_pages, until_empty),
    Consumer("short page taken for the end", "lists", lists_all("page:short"), all_pages, until_short),
    Consumer("token always there", "lists", lists_all(), all_pages, token_always_there),
    Consumer(
        "null token taken for one",
        "lists",
        lists_all(last_page_token="null"),
        web_pages(lambda page: not page.get("NextToken")),
        web_pages(lambda page: "NextToken" not in page),
    ),
    Consumer("token used with another filter", "lists", lists_each_status, by_status, by_status_with_one_token),
)
