"""Digests of a corpus: of its files, and of the records that they are to hold."""

import hashlib

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.sampling.ndjson import writer
from chime_fixtures.sampling.records import Records


def digest(folder):
    """The digest of all parts, one after the other."""
    state = hashlib.sha256()
    for path in sorted(folder.glob("part-*")):
        state.update(path.read_bytes())
    return state.hexdigest()


def expected(count, seed=0):
    """The digest of the records themselves."""
    records = Records(load_contract("ProxySession"), seed=seed)
    return hashlib.sha256(b"".join(writer(records)(0, count))).hexdigest()
