"""Opaque paging tokens, bound to a connector and a filter; they name a place in the order, which deletions leave."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

_PLACE = 8
_SEAL = 10


@dataclass(frozen=True, slots=True)
class Seal:
    """What a token is bound to: a connector, a status that is asked for, and the seed of the service."""

    connector_id: str
    status: str | None
    seed: int

    def write(self, sequence: int) -> str:
        """The token of the page that begins after a place in the order of creation."""
        place = sequence.to_bytes(_PLACE)
        return base64.urlsafe_b64encode(self._sign(place) + place).decode()

    def read(self, token: str) -> int | None:
        """The place in the order that a token names; None if it was not written under this seal."""
        try:
            raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error):
            return None
        signed, place = raw[:_SEAL], raw[_SEAL:]
        if len(place) != _PLACE or not hmac.compare_digest(signed, self._sign(place)):
            return None
        return int.from_bytes(place)

    def _sign(self, place: bytes) -> bytes:
        text = "\0".join([str(self.seed), "" if self.status is None else f"={self.status}", self.connector_id])
        return hashlib.blake2b(place + text.encode("utf-8", "surrogatepass"), digest_size=_SEAL).digest()
