"""API clients that read lists page by page, with boto3 and requests."""

from __future__ import annotations

from tests.support.consumers.case import Case
from tests.support.consumers.chime import URL, all_pages, chime, ids_of, pages, stocked, web


def first_page(connector):
    return chime().list_proxy_sessions(VoiceConnectorId=connector)["ProxySessions"]


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
    wish, found = {"VoiceConnectorId": connector}, []
    while True:
        page = chime().list_proxy_sessions(**wish)
        found += page["ProxySessions"]
        wish["NextToken"] = page["NextToken"]
        if not wish["NextToken"]:
            return found


def web_pages(is_last):
    def read(connector):
        found, token = [], None
        for _ in range(20):
            page = web().get(f"{URL}/{connector}/proxy-sessions", params={"next-token": token}).json()
            found += page["ProxySessions"]
            if is_last(page):
                break
            token = page["NextToken"]
        return found

    return read


def lists_all(fault=None, **policies):
    def law(consumer, sessions):
        with stocked(sessions, page_size=2, **policies) as stub:
            if fault:
                stub.fail(fault, operation="ListProxySessions")
            assert ids_of(consumer(stub.connector_id)) == ids_of(stub.sessions)

    return law


def by_status(connector):
    return {
        status: [session for page in pages(connector, Status=status) for session in page]
        for status in ("Open", "Closed")
    }


def by_status_with_one_token(connector):
    wish, found = {"VoiceConnectorId": connector}, {}
    for status in ("Open", "Closed"):
        page = chime().list_proxy_sessions(**wish, Status=status)
        found[status] = page["ProxySessions"]
        while wish.update(NextToken=page.get("NextToken", wish.get("NextToken"))) or page.get("NextToken"):
            page = chime().list_proxy_sessions(**wish, Status=status)
            found[status] += page["ProxySessions"]
        if wish["NextToken"] is None:
            del wish["NextToken"]
    return found


def lists_each_status(consumer, sessions):
    with stocked(sessions, page_size=1) as stub:
        for status, found in consumer(stub.connector_id).items():
            assert ids_of(found) == ids_of(s for s in stub.sessions if s.get("Status") == status)


CASES = (
    Case("page two lost", "lists", lists_all(), all_pages, first_page),
    Case("last page only", "lists", lists_all(), all_pages, last_page_only),
    Case("empty page taken for the end", "lists", lists_all("page:empty"), all_pages, until_empty),
    Case("short page taken for the end", "lists", lists_all("page:short"), all_pages, until_short),
    Case("token always there", "lists", lists_all(), all_pages, token_always_there),
    Case(
        "null token taken for one",
        "lists",
        lists_all(last_page_token="null"),
        web_pages(lambda page: not page.get("NextToken")),
        web_pages(lambda page: "NextToken" not in page),
    ),
    Case("token used with another filter", "lists", lists_each_status, by_status, by_status_with_one_token),
)
