"""Verification of AWS Signature Version 4, in the header fields or the query of a request.

Dates are compared with the wall clock, as on AWS, and not with the clock of the service.
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
from chime_fixtures.service.messages import ApiError, Request

Signatures = Literal["ignore", "present", "verify"]
"""The signature mode: requests may be unsigned, must have a signature, or must have a valid signature."""

TEST_KEYS: Mapping[str, str] = {"testing": "testing"}
"""The access key of clients in a stub, and its secret."""

COMMON_ERRORS = {
    error.name: error
    for error in (
        # The versions of AWS's page on common errors differ in the statuses; these are the newer ones.
        ErrorShape("MissingAuthenticationTokenException", 403, "MissingAuthenticationToken"),
        ErrorShape("IncompleteSignatureException", 403, "IncompleteSignature"),
        ErrorShape("UnrecognizedClientException", 403, "UnrecognizedClient"),
        ErrorShape("InvalidSignatureException", 403, "InvalidSignature"),
        ErrorShape("RequestExpiredException", 403, "RequestExpired"),
    )
}
"""The errors that every AWS service may return before its own; no service model contains them."""

_ALGORITHM = "AWS4-HMAC-SHA256"
_SERVICE = "chime"
_MAX_CLOCK_SKEW = dt.timedelta(minutes=15)
_MAX_EXPIRY_SECONDS = 604_800
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=([^ ,/]+)/([0-9]{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request, *"
    r"SignedHeaders=([a-z0-9;_-]+), *Signature=([0-9a-f]{64})"
)
_SCOPE = re.compile(r"([^/]+)/([0-9]{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")


@dataclass(frozen=True, slots=True)
class _Signature:
    """The parts of a request's signature; `seconds` is the lifetime of a presigned request."""

    key: str
    day: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    date: str
    seconds: int | None = None


def check_signature(request: Request, mode: Signatures, keys: Mapping[str, str] = TEST_KEYS) -> None:
    """Check a request's signature.

    Args:
        request: the request.
        mode: the signature mode.
        keys: the secrets by their access keys.

    Raises:
        ApiError: the request has no signature or an invalid one; the error is one of `COMMON_ERRORS`.
    """
    if mode == "ignore":
        return
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    is_in_query = "X-Amz-Algorithm=" in request.target
    if "authorization" not in headers and not is_in_query:
        raise _error("MissingAuthenticationToken", "the request is not signed")
    if mode == "present":
        return
    path, _, query = request.target.partition("#")[0].partition("?")
    pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in query.split("&") if pair)]
    parsed = _parse_query(pairs) if is_in_query else _parse_header(headers)
    base = urlsplit(request.base)
    headers.setdefault("host", base.netloc.rpartition("@")[2])
    _check_scope(parsed, headers)
    if parsed.key not in keys:
        raise _error("UnrecognizedClient", f"unknown access key {parsed.key!r}")
    canonical_request = "\n".join(
        [
            request.method,
            quote(_normalise(base.path + path), safe="/~"),
            "&".join(f"{name}={value}" for name, value in sorted(pairs) if name != "X-Amz-Signature"),
            *(f"{name}:{' '.join(headers[name].split())}" for name in parsed.signed_headers),
            "",
            ";".join(parsed.signed_headers),
            _body_hash(request, headers),
        ]
    )
    expected = _sign(canonical_request, parsed, keys[parsed.key])
    if not hmac.compare_digest(expected.encode(), parsed.signature.encode("utf-8", "replace")):
        raise _error("InvalidSignature", "the signature does not match the request and the secret of the access key")


def _parse_header(headers: Mapping[str, str]) -> _Signature:
    match = _HEADER.fullmatch(headers["authorization"])
    if match is None:
        raise _error(
            "IncompleteSignature", f"Authorization must be {_ALGORITHM} with Credential, SignedHeaders and Signature"
        )
    key, day, region, service, signed, signature = match.groups()
    return _Signature(key, day, region, service, tuple(signed.split(";")), signature, headers.get("x-amz-date", ""))


def _parse_query(pairs: list[tuple[str, str]]) -> _Signature:
    values = {name: unquote(value) for name, value in pairs}
    scope = _SCOPE.fullmatch(values.get("X-Amz-Credential", ""))
    seconds = values.get("X-Amz-Expires", "")
    is_number = seconds.isascii() and seconds.isdecimal() and 0 < int(seconds[:9]) <= _MAX_EXPIRY_SECONDS
    if scope is None or values.get("X-Amz-Algorithm") != _ALGORITHM or not is_number or len(values) != len(pairs):
        raise _error("IncompleteSignature", f"the query must have each X-Amz- parameter of {_ALGORITHM} once")
    signed = tuple(values.get("X-Amz-SignedHeaders", "").split(";"))
    key, day, region, service = scope.groups()
    signature, date = values.get("X-Amz-Signature", ""), values.get("X-Amz-Date", "")
    return _Signature(key, day, region, service, signed, signature, date, int(seconds))


def _check_scope(parsed: _Signature, headers: Mapping[str, str]) -> None:
    if list(parsed.signed_headers) != sorted(set(parsed.signed_headers)) or not set(parsed.signed_headers) <= set(
        headers
    ):
        raise _error("IncompleteSignature", "SignedHeaders must be a sorted list of header fields of the request")
    unsigned = {"host", *(name for name in headers if name.startswith("x-amz-"))} - set(parsed.signed_headers)
    if unsigned:
        raise _error("InvalidSignature", f"unsigned header fields: {', '.join(sorted(unsigned))}; they must be signed")
    try:
        date = dt.datetime.strptime(parsed.date, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        raise _error("IncompleteSignature", "X-Amz-Date must be a date like 20260101T000000Z") from None
    if parsed.service != _SERVICE or parsed.date[:8] != parsed.day:
        raise _error(
            "InvalidSignature", f"the credential scope must have the service {_SERVICE} and the day of X-Amz-Date"
        )
    # Looked up in the module each time: freezegun replaces the class there.
    age = dt.datetime.now(dt.UTC) - date
    max_age = _MAX_CLOCK_SKEW if parsed.seconds is None else dt.timedelta(seconds=parsed.seconds)
    if age > max_age or age < -_MAX_CLOCK_SKEW:
        raise _error(
            "RequestExpired", f"X-Amz-Date differs from the current time by {age}; at most {max_age} is allowed"
        )


def _body_hash(request: Request, headers: Mapping[str, str]) -> str:
    digest = hashlib.sha256(request.body).hexdigest()
    if not hmac.compare_digest(headers.get("x-amz-content-sha256", digest).encode(), digest.encode()):
        raise _error("InvalidSignature", "x-amz-content-sha256 is not the hash of the body")
    return digest


def _normalise(path: str) -> str:
    """A path without empty and dot segments, which is signed for every service but S3."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    return f"/{'/'.join(segments)}" + ("/" if segments and path.endswith("/") else "")


def _sign(canonical_request: str, parsed: _Signature, secret: str) -> str:
    scope = f"{parsed.day}/{parsed.region}/{parsed.service}/aws4_request"
    request_hash = hashlib.sha256(canonical_request.encode("utf-8", "surrogatepass")).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in (*scope.split("/"), f"{_ALGORITHM}\n{parsed.date}\n{scope}\n{request_hash}"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _error(code: str, message: str) -> ApiError:
    return ApiError(f"{code}Exception", message)
