"""A block of records as text with gaps, compacted in one pass.

A structured array holds a block: the text that never changes is written once, rows of tables are taken into the fields
between, and what is shorter than its field is filled up with NUL, which one pass over the bytes removes. NUL can't
stand in JSON text, so nothing else goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from chime_fixtures.sampling.timestamps import Array


class Frame:
    """The block and its text; each thread needs one of its own.

    Args:
        rows: how many records it holds.
        fields: the name of each field and its type, ``V`` with the length of the longest text.
        fixed: the text of each field that never changes.
    """

    def __init__(self, rows: int, fields: Sequence[tuple[str, str]], fixed: Mapping[str, bytes]) -> None:
        form = np.dtype(list(fields))
        # The array lies upon the bytes that are compacted, which saves a copy of each block.
        self._bytes = bytearray(rows * form.itemsize)
        self._block = np.frombuffer(self._bytes, form)
        for name, text in fixed.items():
            self._block[name] = np.void(text)

    def first(self, rows: int) -> Array:
        """The first records of the block, to write into."""
        return self._block[:rows]

    def text(self, rows: int) -> bytes | bytearray:
        """What stands in the first records."""
        written = self._bytes if rows == len(self._block) else self._bytes[: rows * self._block.itemsize]
        return written.translate(None, b"\0")
