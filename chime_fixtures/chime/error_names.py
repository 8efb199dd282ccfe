"""The name of an error in a response, by which AWS SDKs choose the exception."""

from __future__ import annotations

from collections.abc import Mapping

_MEMBERS = ("code", "Code", "__type")
"""The members of the body that botocore reads, in its order, if the header field is absent."""


def error_name(header: str | None, body: object = None) -> str:
    """Return the name of an error without its namespace and URL; empty without one.

    Args:
        header: the header field ``x-amzn-ErrorType``; None if it is absent.
        body: the JSON value of the body.
    """
    members = [body.get(name) for name in _MEMBERS] if isinstance(body, Mapping) else []
    for text in (header, *members):
        if isinstance(text, str) and text:
            return text.partition(":")[0].rpartition("#")[2].strip()
    return ""
