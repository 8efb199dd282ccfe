"""Sizes of expensive tests: a sample for the README's command, everything for `.ci/nightly`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

Item = TypeVar("Item")

IS_NIGHTLY = os.environ.get("CHIME_FIXTURES_NIGHTLY") == "1"

ONLY_NIGHTLY = pytest.mark.skipif(not IS_NIGHTLY, reason="a similar test is run by day, and this one at night")


def sample(items: Sequence[Item], count: int) -> list[Item]:
    """All items in a nightly run, else `count` of them, evenly spread and always the same."""
    if IS_NIGHTLY or len(items) <= count:
        return list(items)
    return [items[index * len(items) // count] for index in range(count)]
