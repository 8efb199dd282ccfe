"""Seeded ids and random choices of the service."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping

from chime_fixtures.chime.conventions import CONNECTOR_ID_ALPHABET, CONNECTOR_ID_LENGTH

_DIGITS = 10


class Ids:
    """A seeded source: the n-th id of a kind is a pure function of the seed, the kind and n.

    Args:
        seed: any integer; the same seed gives the same ids, on every platform.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._counts: dict[str, int] = {}
        self._requests = 0

    @functools.cached_property
    def _request_suffix(self) -> str:
        return _as_uuid(self._next("request"))[8:]

    def _next(self, kind: str) -> int:
        """The next number of a kind: 128 bits."""
        self._counts[kind] = count = self._counts.get(kind, 0) + 1
        text = f"{self.seed}/{kind}/{count}"
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest())

    def counts(self) -> dict[str, int]:
        """Return the number of ids and choices of each kind so far, for `restore`."""
        return {kind: count for kind, count in self._counts.items() if kind != "request"}

    def restore(self, counts: Mapping[str, int]) -> None:
        """Continue after these counts, as `counts` returns them."""
        self._counts = {str(kind): int(count) for kind, count in counts.items()}

    def session_id(self) -> str:
        """The next id of a session: 36 characters, in the form of a UUID."""
        return _as_uuid(self._next("session"))

    def request_id(self) -> str:
        """The next value of ``x-amzn-RequestId``, in the form of a UUID: a count and a seeded suffix."""
        self._requests += 1
        return f"{self._requests:08x}{self._request_suffix}"

    def connector_id(self) -> str:
        """The next id of a Voice Connector: 22 lower-case letters and digits."""
        number, text = self._next("connector"), ""
        for _ in range(CONNECTOR_ID_LENGTH):
            number, digit = divmod(number, len(CONNECTOR_ID_ALPHABET))
            # The digits are at the end of the alphabet, and represent the lowest values.
            text += CONNECTOR_ID_ALPHABET[digit - _DIGITS]
        return text

    def choice(self) -> int:
        """The next random choice: an integer of 128 bits, to be taken modulo the number of options."""
        return self._next("choice")


def _as_uuid(number: int) -> str:
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
