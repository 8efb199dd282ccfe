"""Seeded ids and choices."""

from __future__ import annotations

import re

from chime_fixtures.service import Ids


def test_formats():
    """Session and request ids have 36 characters like a UUID, connector ids 22 lower-case letters and digits."""
    ids = Ids(1)
    dashed = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    assert all(re.fullmatch(dashed, ids.session_id()) and re.fullmatch(dashed, ids.request_id()) for _ in range(100))
    assert all(re.fullmatch("[0-9a-z]{22}", ids.connector_id()) for _ in range(100))
    assert {ids.choice() % 3 for _ in range(100)} == {0, 1, 2}


def test_same_seed_gives_same_ids():
    """The n-th id of a kind depends on the seed and n, not on ids of other kinds."""
    one, other = Ids(7), Ids(7)
    for _ in range(5):
        other.request_id(), other.connector_id()
    assert [one.session_id() for _ in range(3)] == [other.session_id() for _ in range(3)]
    assert Ids(8).session_id() != Ids(7).session_id()


def test_ids_are_unique():
    """Ids are not repeated."""
    ids = Ids()
    assert len({ids.session_id() for _ in range(5000)} | {ids.request_id() for _ in range(5000)}) == 10_000
