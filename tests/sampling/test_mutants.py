"""Mutants of documents and schemas; `benchmarks/mutants.py` makes any number of them."""

import itertools
import random

import pytest

from chime_fixtures.chime.contracts import load_contract
from tests.support.document_mutants import check_document, check_schema, documents, schemas
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sizes import IS_NIGHTLY

pytestmark = pytest.mark.slow


def test_any_bytes_are_read_or_rejected():
    """The reader yields records and errors of the kit; it raises nothing."""
    for document in itertools.islice(documents(random.Random("0:0")), 20_000 if IS_NIGHTLY else 500):
        check_document(document, load_contract("ProxySession"))


@MAY_DECLARE_UNREACHED
@pytest.mark.parametrize("number", range(20 if IS_NIGHTLY else 1))
def test_any_schema_is_supported_or_rejected(number):
    """A schema yields valid values and labelled violations, or an error of the kit."""
    for schema in itertools.islice(schemas(random.Random(f"0:{number}")), 150 if IS_NIGHTLY else 100):
        check_schema(schema)
