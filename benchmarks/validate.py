"""NDJSON records per second of `validate`, compared with a lower bound of the cost and with a plain loop.

It guards two promises: `chime-fixtures validate` validates more than 100,000 records per second on one core, with
detection of duplicate members; and `Contract.is_valid` costs at most 1 microsecond more than jsonschema-rs alone. The
lower bound is jsonschema-rs over lines parsed by orjson; the plain loop is `json` and jsonschema, as in
check-jsonschema. All run in turns in one process; each figure is the median of CPU seconds.

Run it with ``python benchmarks/validate.py [RECORDS]``; 1,000,000 by default.
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import time
from collections.abc import Callable

import jsonschema
import jsonschema_rs
import orjson

from chime_fixtures import ProxySessionFactory
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.sampling.reader import Reader

ROUNDS = 3
DISTINCT = 2000
PLAIN_LOOP_RECORDS = 1000


def cpu(case: Callable[[], object]) -> float:
    """CPU seconds of one run."""
    begun = time.process_time()
    case()
    return time.process_time() - begun


def medians(cases: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """The median CPU seconds of each case, run in turns."""
    figures = [{name: cpu(case) for name, case in cases.items()} for _ in range(rounds)]
    return {name: statistics.median(each[name] for each in figures) for name in cases}


def through_lines(count: int) -> None:
    """Lines as encoders write them: compact, and with spaces."""
    contract = load_contract("ProxySession")
    factory = ProxySessionFactory(seed=1)
    sessions = [factory.build() for _ in range(DISTINCT)]
    validator = jsonschema_rs.Draft202012Validator(contract.schema, validate_formats=True)
    slow = jsonschema.Draft202012Validator(contract.schema, format_checker=jsonschema.FormatChecker())
    for name, encode in [("compact", orjson.dumps), ("spaced", lambda value: json.dumps(value).encode())]:
        lines = [encode(session) + b"\n" for session in sessions]
        raw = b"".join(lines) * (count // DISTINCT)

        def lower_bound(raw: bytes = raw) -> None:
            for line in io.BytesIO(raw):
                validator.is_valid(orjson.loads(line))

        def ours(raw: bytes = raw) -> None:
            reader = Reader(skip=contract.is_valid)
            assert list(reader.stream(io.BytesIO(raw), "-", is_ndjson=True)) == []
            assert reader.records == count // DISTINCT * DISTINCT

        def plain(lines: list[bytes] = lines) -> None:
            for line in lines[:PLAIN_LOOP_RECORDS]:
                slow.is_valid(json.loads(line))

        figures = medians({"bound": lower_bound, "ours": ours, "plain loop": plain})
        rates = {case: count / seconds for case, seconds in figures.items()}
        rates["plain loop"] = PLAIN_LOOP_RECORDS / figures["plain loop"]
        line = "   ".join(f"{case}: {rate:9,.0f}/s" for case, rate in rates.items())
        verdict = "ok" if rates["ours"] > 100_000 else "TOO SLOW"
        print(f"{name:8} {line}   {rates['ours'] / rates['bound']:.2f} of the bound  {verdict}")


def one_verdict() -> None:
    """The cost that `Contract.is_valid` adds to jsonschema-rs."""
    contract = load_contract("ProxySession")
    validator = jsonschema_rs.Draft202012Validator(contract.schema, validate_formats=True)
    session = ProxySessionFactory(seed=1).build()
    repeat = range(20_000)

    def alone() -> None:
        for _ in repeat:
            validator.is_valid(session)

    def ours() -> None:
        for _ in repeat:
            contract.is_valid(session)

    figures = {name: 1e6 * each / len(repeat) for name, each in medians({"alone": alone, "ours": ours}, 31).items()}
    more = figures["ours"] - figures["alone"]
    verdict = "ok" if more <= 1 else "TOO SLOW"
    line = "   ".join(f"{case}: {figure:.2f} us" for case, figure in figures.items())
    print(f"is_valid {line}   +{more:.2f} of 1 above jsonschema-rs  {verdict}")


def main() -> None:
    """Measure both."""
    one_verdict()
    through_lines(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)


if __name__ == "__main__":
    main()
