"""Mutants of documents and schemas, and the checks that each is read or rejected with an error of our own."""

import copy
import io
import random
import string
from collections.abc import Iterator

import orjson

from chime_fixtures import ProxySessionFactory
from chime_fixtures.chime.errors import ChimeFixturesError
from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.engine.schema.drafts import DRAFT_2020_12
from chime_fixtures.sampling.reader import Reader
from tests.support.conformance.cases import cases
from tests.support.timing import OutOfTime, limited

MAX_SECONDS = 20
"""The time limit for one mutant."""

FRAGMENTS = [
    *(
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b":",
        b'"',
        b"\\",
        b"\x00",
        b"\n",
        b"\r\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xc0\x80",
    ),
    *(b"NaN", b"Infinity", b"-", b"1e999", b"-0", b"9" * 5000, b"1.0000000000000000001", b"true", b"null", b"// no\n"),
    *(
        b"\\ud800",
        b"\\u0000",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"[" * 300,
        b'{"a":' * 300,
        b'"a":1,"a":2',
        b"[]" * 50,
    ),
]
VALUES = [
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**400,
        -(2**63),
        2**64,
        1e308,
        5e-324,
        "",
        "a",
        "\U0001f600",
        "^(a+)+$",
        "(?<!",
        "[",
        "\\1",
    ),
    *(
        [],
        {},
        [[]],
        [None],
        {"a": {}},
        {"$ref": "#"},
        {"$ref": "http://x.invalid/y"},
        {"$ref": "#/nowhere"},
        {"not": {}},
    ),
    *(
        "http://[bad",
        "foo bar",
        "#",
        "urn:x",
        "date-time",
        "uri",
        "regex",
        "object",
        "string",
        ["string", "null"],
        10**6,
        65,
    ),
]
KEYWORDS = sorted(DRAFT_2020_12.keywords)


def documents(rng: random.Random) -> Iterator[bytes]:
    """Mutants of sessions, as one document, in an array and one a line."""
    factory = ProxySessionFactory(seed=1)
    sessions = [orjson.dumps(factory.build()) for _ in range(20)]
    seeds = [*sessions, b"[" + b",".join(sessions[:3]) + b"]", b"\n".join(sessions[:4]), *FRAGMENTS]
    while True:
        yield _mutated(rng, bytearray(rng.choice(seeds)), seeds)


def _mutated(rng, raw, seeds):
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(raw))
        match rng.randrange(6):
            case 0 if raw:
                raw[at % len(raw)] = rng.randrange(256)
            case 1:
                raw[at:at] = rng.choice(FRAGMENTS)
            case 2:
                del raw[at : at + rng.randint(1, 20)]
            case 3:
                raw[at:at] = raw[rng.randint(0, len(raw)) :][: rng.randint(1, 60)]
            case 4:
                other = rng.choice(seeds)
                raw[at:] = other[rng.randint(0, len(other)) :]
            case _:
                raw[at:at] = bytes(rng.choices(string.printable.encode(), k=rng.randint(1, 4)))
    return bytes(raw[:20_000])


def schemas(rng: random.Random) -> Iterator[object]:
    """Mutants of the schemas of the official suite: with other keywords, other values, or parts of another schema."""
    seeds = [case.schema for case in cases()]
    while True:
        schema = copy.deepcopy(rng.choice(seeds))
        for _ in range(rng.randint(1, 4)):
            schema = _grafted(rng, schema, seeds)
        yield schema


def _grafted(rng, schema, seeds):
    holders = [value for value in _parts(schema) if isinstance(value, dict | list) and value]
    if not holders:
        return rng.choice(
            [copy.deepcopy(rng.choice(seeds)), copy.deepcopy(rng.choice(VALUES)), {rng.choice(KEYWORDS): schema}]
        )
    holder = rng.choice(holders)
    key = rng.choice(list(holder)) if isinstance(holder, dict) else rng.randrange(len(holder))
    match rng.randrange(6):
        case 0:
            holder[key] = copy.deepcopy(rng.choice(VALUES))
        case 1 if isinstance(holder, dict):
            holder[rng.choice(KEYWORDS)] = copy.deepcopy(rng.choice(VALUES))
        case 2 if isinstance(holder, dict):
            holder[rng.choice(KEYWORDS)] = holder.pop(key)
        case 3:
            holder[key] = copy.deepcopy(rng.choice(list(_parts(rng.choice(seeds)))))
        case 4 if isinstance(holder, dict):
            holder[rng.choice(KEYWORDS)] = copy.deepcopy(rng.choice(list(_parts(rng.choice(seeds)))))
        case _:
            del holder[key]
    return schema


def _parts(value):
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _parts(inner)


def check_document(document: bytes, contract: Contract) -> None:
    """Read a document and validate its records; every error and violation can be encoded."""
    for is_ndjson in (False, True):
        for finding in Reader().stream(io.BytesIO(document), "-", is_ndjson=is_ndjson):
            if isinstance(finding, ChimeFixturesError):
                assert str(finding).encode()
            else:
                assert all(violation.summary.encode() for violation in contract.check(finding.value))


def check_schema(schema: object) -> str:
    """Check the values and violations of a schema; returns "supported", or the name of the error that rejects it.

    Raises:
        TimeoutError: it took more than `MAX_SECONDS`.
    """
    try:
        with limited(MAX_SECONDS):
            return _check_schema(schema)
    except OutOfTime:
        raise TimeoutError(f"more than {MAX_SECONDS} s") from None


def _check_schema(schema: object) -> str:
    try:
        contract = Contract(schema)
        for index in range(3):
            value = generate(contract, seed=1, index=index)
            assert contract.is_valid(value), value
        for violation in enumerate_violations(contract):
            assert len(contract.check(violation.instance)) == 1, violation
    except ChimeFixturesError as error:
        assert str(error).encode()
        return type(error).__name__
    return "supported"
