"""Signatures of requests: AWS Signature Version 4, as its specification has it, in the header or in the query.

The time that counts is the wall clock's, as on AWS, and not that of the service.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from chime_fixtures.chime.operations import ErrorShape
from chime_fixtures.service.messages import Request
from chime_fixtures.service.outcomes import Refusal

Signatures = Literal["ignore", "present", "verify"]
"""Whether a request may be unsigned, has to be signed by somebody, or to be signed rightly."""

KEYS: Mapping[str, str] = {"testing": "testing"}
"""The access key that is lent to clients in a stub, and its secret."""

ERRORS = {
    error.name: error
    for error in (
        # Older and newer text of AWS's page on common errors differ in the statuses; these are the newer ones.
        ErrorShape("MissingAuthenticationTokenException", 403, "MissingAuthenticationToken"),
        ErrorShape("IncompleteSignatureException", 403, "IncompleteSignature"),
        ErrorShape("UnrecognizedClientException", 403, "UnrecognizedClient"),
        ErrorShape("InvalidSignatureException", 403, "InvalidSignature"),
        ErrorShape("RequestExpiredException", 403, "RequestExpired"),
    )
}
"""What AWS answers before a service is asked; no model of a service has these errors."""

_ALGORITHM = "AWS4-HMAC-SHA256"
_SERVICE = "chime"
_SKEW = dt.timedelta(minutes=15)
_LONGEST_EXPIRY = 604_800
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=([^ ,/]+)/([0-9]{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request, *"
    r"SignedHeaders=([a-z0-9;_-]+), *Signature=([0-9a-f]{64})"
)
_SCOPE = re.compile(r"([^/]+)/([0-9]{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")


@dataclass(frozen=True, slots=True)
class _Claimed:
    """What a request says of its signature."""

    key: str
    day: str
    region: str
    service: str
    signed: tuple[str, ...]
    signature: str
    date: str
    seconds: int | None = None


def check(request: Request, how: Signatures, keys: Mapping[str, str] = KEYS) -> None:
    """Hold a request's signature against what is asked for.

    Args:
        request: the request.
        how: what is asked for.
        keys: the secrets by their access keys.

    Raises:
        Refusal: it is none, or not the right one; the name is one of `ERRORS`.
    """
    if how == "ignore":
        return
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    is_in_query = "X-Amz-Algorithm=" in request.target
    if "authorization" not in headers and not is_in_query:
        raise _refused("MissingAuthenticationToken", "the request is not signed")
    if how == "present":
        return
    path, _, query = request.target.partition("#")[0].partition("?")
    pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in query.split("&") if pair)]
    claimed = _from_query(pairs) if is_in_query else _from_header(headers)
    base = urlsplit(request.base)
    headers.setdefault("host", base.netloc.rpartition("@")[2])
    _check_claims(claimed, headers)
    if claimed.key not in keys:
        raise _refused("UnrecognizedClient", f"the access key {claimed.key!r} is not known here")
    canonical = "\n".join(
        [
            request.method,
            quote(_normal(base.path + path), safe="/~"),
            "&".join(f"{name}={value}" for name, value in sorted(pairs) if name != "X-Amz-Signature"),
            *(f"{name}:{' '.join(headers[name].split())}" for name in claimed.signed),
            "",
            ";".join(claimed.signed),
            _body_hash(request, headers),
        ]
    )
    expected = _signature(canonical, claimed, keys[claimed.key])
    if not hmac.compare_digest(expected.encode(), claimed.signature.encode("utf-8", "replace")):
        raise _refused("InvalidSignature", "the signature is not the one that the request and the secret give")


def _from_header(headers: Mapping[str, str]) -> _Claimed:
    found = _HEADER.fullmatch(headers["authorization"])
    if found is None:
        raise _refused("IncompleteSignature", f"the field Authorization is not {_ALGORITHM} with its three parts")
    key, day, region, service, signed, signature = found.groups()
    return _Claimed(key, day, region, service, tuple(signed.split(";")), signature, headers.get("x-amz-date", ""))


def _from_query(pairs: list[tuple[str, str]]) -> _Claimed:
    values = {name: unquote(value) for name, value in pairs}
    scope = _SCOPE.fullmatch(values.get("X-Amz-Credential", ""))
    seconds = values.get("X-Amz-Expires", "")
    is_number = seconds.isascii() and seconds.isdecimal() and 0 < int(seconds[:9]) <= _LONGEST_EXPIRY
    if scope is None or values.get("X-Amz-Algorithm") != _ALGORITHM or not is_number or len(values) != len(pairs):
        raise _refused("IncompleteSignature", f"the query has not all parts of {_ALGORITHM}")
    signed = tuple(values.get("X-Amz-SignedHeaders", "").split(";"))
    key, day, region, service = scope.groups()
    signature, date = values.get("X-Amz-Signature", ""), values.get("X-Amz-Date", "")
    return _Claimed(key, day, region, service, signed, signature, date, int(seconds))


def _check_claims(claimed: _Claimed, headers: Mapping[str, str]) -> None:
    if list(claimed.signed) != sorted(set(claimed.signed)) or not set(claimed.signed) <= set(headers):
        raise _refused("IncompleteSignature", "SignedHeaders is no sorted list of fields of the request")
    unsigned = {"host", *(name for name in headers if name.startswith("x-amz-"))} - set(claimed.signed)
    if unsigned:
        raise _refused("InvalidSignature", f"these have to be signed too: {', '.join(sorted(unsigned))}")
    try:
        date = dt.datetime.strptime(claimed.date, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        raise _refused("IncompleteSignature", "X-Amz-Date is no date like 20260101T000000Z") from None
    if claimed.service != _SERVICE or claimed.date[:8] != claimed.day:
        raise _refused("InvalidSignature", f"the scope is not that of {_SERVICE} on the day of X-Amz-Date")
    # Read through the module, where freezegun puts its own class.
    age = dt.datetime.now(dt.UTC) - date
    longest = _SKEW if claimed.seconds is None else dt.timedelta(seconds=claimed.seconds)
    if age > longest or age < -_SKEW:
        raise _refused("RequestExpired", f"X-Amz-Date is {age} away from now")


def _body_hash(request: Request, headers: Mapping[str, str]) -> str:
    found = hashlib.sha256(request.body).hexdigest()
    if not hmac.compare_digest(headers.get("x-amz-content-sha256", found).encode(), found.encode()):
        raise _refused("InvalidSignature", "x-amz-content-sha256 is not the hash of the body")
    return found


def _normal(path: str) -> str:
    """A path without empty and dot segments, as it is signed for every service but S3."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return f"/{'/'.join(kept)}" + ("/" if kept and path.endswith("/") else "")


def _signature(canonical: str, claimed: _Claimed, secret: str) -> str:
    scope = f"{claimed.day}/{claimed.region}/{claimed.service}/aws4_request"
    hashed = hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in (*scope.split("/"), f"{_ALGORITHM}\n{claimed.date}\n{scope}\n{hashed}"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _refused(code: str, message: str) -> Refusal:
    return Refusal(f"{code}Exception", message)
