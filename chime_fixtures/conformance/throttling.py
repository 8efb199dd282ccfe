"""Throttled requests: they are sent again after the time that the server asks for, within limits."""

from __future__ import annotations

import datetime as dt
import email.utils
import time
from collections.abc import Callable
from http import HTTPStatus

from chime_fixtures.conformance.exchanges import Send
from chime_fixtures.conformance.records import ThrottledError
from chime_fixtures.service.messages import Request, Response

MAX_RETRIES = 4
"""Retries of one request."""
MAX_WAIT_SECONDS = 20.0
"""The longest wait for one retry; a server that requires more is not waited for."""
MAX_TOTAL_WAIT_SECONDS = 300.0
"""The time that a run waits in all; afterwards no throttled request is sent again."""
MIN_WAIT_SECONDS = 0.5
"""The wait before the first retry if the response has no Retry-After; it is doubled for each further one."""


class ThrottledSender:
    """Sends requests, and sends one again that was throttled.

    A response is throttled if its status is 429, or 503 with the header field Retry-After.

    Args:
        send: sends a request, and returns the response.
        sleep: waits a number of seconds.
    """

    def __init__(self, send: Send, sleep: Callable[[float], object] = time.sleep) -> None:
        self._send = send
        self._sleep = sleep
        self._remaining = MAX_TOTAL_WAIT_SECONDS

    def renew(self) -> None:
        """Wait for the whole time again, as for the removal of what was created."""
        self._remaining = MAX_TOTAL_WAIT_SECONDS

    def send(self, request: Request) -> Response:
        """Return the first response that is not throttled.

        Raises:
            OSError: there is no response.
            ThrottledError: every response is throttled, or the wait is too long.
        """
        for retry in range(MAX_RETRIES + 1):
            response = self._send(request)
            fields = {name.lower(): value for name, value in response.headers.items()}
            text = fields.get("retry-after")
            is_unavailable = response.status == HTTPStatus.SERVICE_UNAVAILABLE and text is not None
            if response.status != HTTPStatus.TOO_MANY_REQUESTS and not is_unavailable:
                return response
            wait = _seconds(text)
            if wait is None:
                wait = MIN_WAIT_SECONDS * 2**retry
            if retry == MAX_RETRIES or wait > min(MAX_WAIT_SECONDS, self._remaining):
                break
            self._remaining -= wait
            self._sleep(wait)
        raise ThrottledError(f"throttled: the server returned {response.status}; raise its limit of requests")


def _seconds(text: str | None) -> float | None:
    """The seconds of Retry-After, which has a number or a date (RFC 9110, section 10.2.3); None if it has neither."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    now = dt.datetime.now(date.tzinfo or dt.UTC)
    return max(0.0, (date.replace(tzinfo=date.tzinfo or dt.UTC) - now).total_seconds())
