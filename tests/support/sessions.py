"""Records of proxy sessions, as the sample files have them."""

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.sampling.job import Job
from chime_fixtures.sampling.records import Records
from chime_fixtures.sessions.options import SessionOptions


def session_records(contract=None, seed=0, **options):
    """The records of a contract, by default the bundled one of sessions, with realistic sessions for it."""
    contract = load_contract("ProxySession") if contract is None else contract
    return Records(contract, SessionOptions.of(**options).plan(contract, seed), seed=seed)


def session_job(url, count, contract=None, **options):
    """A job of a contract, by default the bundled one of sessions, with realistic sessions for it."""
    contract = load_contract("ProxySession") if contract is None else contract
    return Job(url, count, contract.document, contract_name=contract.name, options=SessionOptions(), **options)
