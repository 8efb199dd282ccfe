"""Opaque page tokens, bound to a connector and a filter.

A token contains the sequence number of a session, which stays valid when the session is deleted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass

_SEQUENCE_BYTES = 8
_SIGNATURE_BYTES = 10


@dataclass(frozen=True, slots=True)
class PageTokens:
    """Encodes and decodes the page tokens of one listing.

    Attributes:
        connector_id: the connector whose sessions are listed.
        status: the status that the listing is filtered by, if any.
        seed: the seed of the service.
    """

    connector_id: str
    status: str | None
    seed: int

    def encode(self, sequence: int) -> str:
        """Return the token of the page that begins after a sequence number."""
        number = sequence.to_bytes(_SEQUENCE_BYTES)
        return base64.urlsafe_b64encode(self._sign(number) + number).decode()

    def decode(self, token: str) -> int | None:
        """Return the sequence number of a token; None if the token belongs to another listing."""
        try:
            raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error):
            return None
        signature, number = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if len(number) != _SEQUENCE_BYTES or not hmac.compare_digest(signature, self._sign(number)):
            return None
        return int.from_bytes(number)

    def _sign(self, number: bytes) -> bytes:
        text = "\0".join([str(self.seed), "" if self.status is None else f"={self.status}", self.connector_id])
        return hashlib.blake2b(number + text.encode("utf-8", "surrogatepass"), digest_size=_SIGNATURE_BYTES).digest()
