"""Where the service takes its ids and choices from: a seed, and a counter for each use."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping

_CONNECTOR_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_CONNECTOR_LENGTH = 22


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
    def _tail(self) -> str:
        return _dashed(self._word("request"))[8:]

    def _word(self, kind: str) -> int:
        self._counts[kind] = count = self._counts.get(kind, 0) + 1
        text = f"{self.seed}/{kind}/{count}"
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest())

    def counts(self) -> dict[str, int]:
        """How many ids and choices of each kind were given out."""
        return {kind: count for kind, count in self._counts.items() if kind != "request"}

    def restart(self, counts: Mapping[str, int]) -> None:
        """Go on after so many words of each kind."""
        self._counts = {str(kind): int(count) for kind, count in counts.items()}

    def session_id(self) -> str:
        """The next id of a session: 36 characters, written like a UUID."""
        return _dashed(self._word("session"))

    def request_id(self) -> str:
        """The next value of ``x-amzn-RequestId``, written like a UUID: a count, and a tail that the seed decides."""
        self._requests += 1
        return f"{self._requests:08x}{self._tail}"

    def connector_id(self) -> str:
        """The next id of a Voice Connector: 22 lower-case letters and digits."""
        word, text = self._word("connector"), ""
        for _ in range(_CONNECTOR_LENGTH):
            word, digit = divmod(word, len(_CONNECTOR_ALPHABET))
            text += _CONNECTOR_ALPHABET[digit]
        return text

    def choice(self, count: int) -> int:
        """The next choice: an index below `count`."""
        return self._word("choice") % count


def _dashed(word: int) -> str:
    text = f"{word:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
