"""Digests of a sample: of its files, and of the records that they should hold."""

import hashlib

from chime_fixtures.sampling.ndjson import writer
from tests.support.sessions import session_records


def digest(folder):
    """The digest of all parts, concatenated."""
    state = hashlib.sha256()
    for path in sorted(folder.glob("part-*")):
        state.update(path.read_bytes())
    return state.hexdigest()


def expected(count, seed=0):
    """The digest of the records."""
    return hashlib.sha256(b"".join(writer(session_records(seed=seed))(0, count))).hexdigest()
