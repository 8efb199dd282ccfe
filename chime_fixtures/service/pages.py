"""Opaque paging tokens, bound to a connector and a filter; they name a place in the order, so deletions don't matter."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

_PLACE = 8
_SEAL = 10


def write_token(sequence: int, *, connector_id: str, status: str | None, seed: int) -> str:
    """The token of the page that begins after a place in the order of creation."""
    place = sequence.to_bytes(_PLACE)
    return base64.urlsafe_b64encode(_seal(place, connector_id, status, seed) + place).decode()


def read_token(token: str, *, connector_id: str, status: str | None, seed: int) -> int | None:
    """The place in the order that a token names; None if it is not one of this connector and filter."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    seal, place = raw[:_SEAL], raw[_SEAL:]
    if len(place) != _PLACE or not hmac.compare_digest(seal, _seal(place, connector_id, status, seed)):
        return None
    return int.from_bytes(place)


def _seal(place: bytes, connector_id: str, status: str | None, seed: int) -> bytes:
    text = "\0".join([str(seed), "" if status is None else f"={status}", connector_id])
    return hashlib.blake2b(place + text.encode("utf-8", "surrogatepass"), digest_size=_SEAL).digest()
