"""Sessions a second compared with other libraries and a lower bound, and the cost of a session as the count grows.

Guards the figures of the README: each variant in a separate process, CPU time, medians of five, NDJSON to a file on one
core; then microseconds a record, written to the null device, and resident memory as the count grows. With --numbers,
libphonenumber and the reserved ranges check every telephone number of that many records. With --plot, a picture of
the first two.

    python benchmarks/scale.py [--largest 10_000_000] [--numbers 1_000_000] [--plot docs/images/scale.png]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from chime_fixtures.sampling.records import Records

Make = Callable[[int], Iterable[bytes]]
STATES = ("Open", "InProgress", "Closed")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
MASK = "+1##########"


class Party(TypedDict):
    """A participant, for polyfactory."""

    PhoneNumber: str
    ProxyPhoneNumber: str


class Geo(TypedDict):
    """An area, for polyfactory."""

    Country: Literal["US", "CA"]
    AreaCode: str


class Session(TypedDict):
    """A session with every member, for polyfactory."""

    VoiceConnectorId: str
    ProxySessionId: str
    Name: str
    Status: Literal["Open", "InProgress", "Closed"]
    ExpiryMinutes: int
    Capabilities: list[Literal["Voice", "SMS"]]
    CreatedTimestamp: str
    UpdatedTimestamp: str
    EndedTimestamp: str
    Participants: tuple[Party, Party]
    NumberSelectionBehavior: Literal["PreferSticky", "AvoidSticky"]
    GeoMatchLevel: Literal["Country", "AreaCode"]
    GeoMatchParams: Geo


def records(seed: int) -> Records:
    """The records of a sample of proxy sessions."""
    from chime_fixtures.chime.contracts import load_contract
    from chime_fixtures.sampling.records import Records
    from chime_fixtures.sessions.options import SessionOptions

    contract = load_contract("ProxySession")
    return Records(contract, SessionOptions().plan(contract, seed), seed=seed)


def ours(*, fast: bool) -> Make:
    """The NDJSON writer, in columns or one by one."""
    from chime_fixtures.sampling.ndjson import writer

    write = writer(records(seed=7), fast=fast)
    return lambda count: write(0, count)


def build() -> Make:
    """`ProxySessionFactory.build()`, and orjson."""
    from chime_fixtures import ProxySessionFactory

    factory = ProxySessionFactory(seed=7)
    return lambda count: encoded(factory.build() for _ in range(count))


def encoded(values: Iterable[Any]) -> Iterator[bytes]:
    """Each value on a line."""
    import orjson

    return (orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE) for value in values)


def floor() -> Make:
    """The lower bound: dictionaries that exist already, written by orjson."""
    import orjson

    from chime_fixtures import ProxySessionFactory

    ready = ProxySessionFactory(seed=7).batch(1000)

    def make(count: int) -> Iterator[bytes]:
        for _ in range(count // 1000):
            yield b"".join([orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in ready])

    return make


def polyfactory() -> Make:
    """Polyfactory's TypedDictFactory, whose telephone numbers are random text."""
    from polyfactory.factories import TypedDictFactory

    class Sessions(TypedDictFactory[Session]):
        __random_seed__ = 7

    return lambda count: encoded(Sessions.build() for _ in range(count))


def factory_boy() -> Make:
    """factory_boy's DictFactory with Faker's values."""
    import datetime as dt

    import factory
    import factory.random

    factory.random.reseed_random(7)
    fake = factory.Faker
    party = type("Party", (factory.DictFactory,), {
        "PhoneNumber": fake("numerify", text=MASK), "ProxyPhoneNumber": fake("numerify", text=MASK),
    })  # fmt: skip
    geo = type("Geo", (factory.DictFactory,), {
        "Country": fake("random_element", elements=("US", "CA")), "AreaCode": fake("numerify", text="%##"),
    })  # fmt: skip
    session = type("Session", (factory.DictFactory,), {
        "VoiceConnectorId": fake("bothify", text="?" * 22, letters=LETTERS), "ProxySessionId": fake("uuid4"),
        "Name": fake("name"), "Status": fake("random_element", elements=STATES),
        "ExpiryMinutes": fake("random_int", min=1, max=720),
        "Capabilities": fake("random_element", elements=(["Voice"], ["SMS"], ["Voice", "SMS"])),
        "CreatedTimestamp": fake("date_time_between", start_date="-2y", tzinfo=dt.UTC),
        "UpdatedTimestamp": factory.LazyAttribute(lambda made: made.CreatedTimestamp), "EndedTimestamp": None,
        "Participants": factory.List([factory.SubFactory(party), factory.SubFactory(party)]),
        "NumberSelectionBehavior": fake("random_element", elements=("PreferSticky", "AvoidSticky")),
        "GeoMatchLevel": fake("random_element", elements=("Country", "AreaCode")),
        "GeoMatchParams": factory.SubFactory(geo),
    })  # fmt: skip
    return lambda count: encoded(session() for _ in range(count))


def mimesis() -> Make:
    """Mimesis's Field."""
    from mimesis import Field, Locale

    field = Field(Locale.EN, seed=7)

    def one() -> dict[str, Any]:
        return {
            "VoiceConnectorId": field("token_hex", entropy=11), "ProxySessionId": field("uuid"),
            "Name": field("full_name"), "Status": field("choice", items=STATES),
            "ExpiryMinutes": field("integer_number", start=1, end=720),
            "Capabilities": field("choice", items=(["Voice"], ["SMS"], ["Voice", "SMS"])),
            "CreatedTimestamp": field("datetime"), "UpdatedTimestamp": field("datetime"), "EndedTimestamp": None,
            "Participants": [
                {"PhoneNumber": field("telephone", mask=MASK), "ProxyPhoneNumber": field("telephone", mask=MASK)}
                for _ in range(2)
            ],
            "NumberSelectionBehavior": field("choice", items=("PreferSticky", "AvoidSticky")),
            "GeoMatchLevel": field("choice", items=("Country", "AreaCode")),
            "GeoMatchParams": {
                "Country": field("choice", items=("US", "CA")),
                "AreaCode": str(field("integer_number", start=200, end=999)),
            },
        }  # fmt: skip

    return lambda count: encoded(one() for _ in range(count))


VARIANTS: dict[str, tuple[Callable[[], Make], int]] = {
    "polyfactory": (polyfactory, 1_000),
    "factory_boy": (factory_boy, 2_000),
    "mimesis": (mimesis, 5_000),
    "build()": (build, 50_000),
    "closures": (lambda: ours(fast=False), 100_000),
    "columns": (lambda: ours(fast=True), 400_000),
    "floor": (floor, 400_000),
}

PEERS = {"polyfactory": "polyfactory", "factory_boy": "factory", "mimesis": "mimesis"}
"""The variants that need another library, each with the module that it installs."""


LABELS = {
    "factory_boy": "factory_boy with Faker",
    "build()": "ProxySessionFactory.build()",
    "closures": "chime-fixtures sample, without numpy",
    "columns": "chime-fixtures sample, with numpy",
    "floor": "orjson alone, of sessions that exist",
}
"""The names of variants in the picture."""


def resident() -> float:
    """The peak resident memory of this process, in MiB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, count: int, repeats: int, *, to_null: bool) -> dict[str, float]:
    """One variant in this process: records a second of CPU time, and memory."""
    make = VARIANTS[name][0]()
    rates = []
    with Path(os.devnull).open("wb") if to_null else tempfile.TemporaryFile() as sink:
        sink.writelines(make(min(count, 2000)))
        for _ in range(repeats):
            sink.seek(0)
            started = time.process_time()
            for chunk in make(count):
                sink.write(chunk)
            rates.append(count / (time.process_time() - started))
    return {"rate": statistics.median(rates), "memory": resident()}


def apart(name: str, count: int, repeats: int, *options: str) -> dict[str, float]:
    """One variant in a new process."""
    command = [sys.executable, __file__, "--one", name, "--count", str(count), "--repeats", str(repeats), *options]
    # The threads that numpy starts for linear algebra would use CPU time without need.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def check_numbers(count: int) -> None:
    """Check every telephone number of some records with libphonenumber and the reserved ranges."""
    import phonenumbers

    from chime_fixtures.chime import phone_numbers

    seen: set[str] = set()
    total = 0
    for session in records(seed=1).between(0, count):
        for each in session["Participants"]:
            seen.update(each.values())
            total += len(each)
    reserved = phone_numbers.pool(("US",))
    bad = [each for each in seen if each not in reserved or not phonenumbers.is_valid_number(phonenumbers.parse(each))]
    print(f"{total:,} numbers of {count:,} records, {len(seen):,} different: {len(bad)} bad")
    sys.exit(1 if bad else 0)


def plot(path: Path, rates: dict[str, float], costs: dict[str, dict[int, float]]) -> None:
    """Draw both tables."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6))
    colors = ["#999" if name in PEERS else "#ccc" if name == "floor" else "#2a7" for name in rates]
    left.barh([LABELS.get(name, name) for name in rates], list(rates.values()), color=colors)
    left.set_xscale("log")
    left.set_xlabel("sessions a second of CPU time, one core")
    for row, rate in enumerate(rates.values()):
        left.text(rate, row, f" {rate:,.0f}", va="center", fontsize=8)
    left.set_xlim(right=max(rates.values()) * 8)
    for name, by_count in costs.items():
        right.plot(list(by_count), list(by_count.values()), marker="o", label=LABELS[name])
    right.set_xscale("log")
    right.set_ylim(bottom=0)
    right.set_xlabel("sessions")
    right.set_ylabel("microseconds of CPU time a session")
    right.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Measure, print, and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=1_000_000)
    parser.add_argument("--numbers", type=int)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--one")
    parser.add_argument("--count", type=int)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--to-null", action="store_true")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.count, options.repeats, to_null=options.to_null)))
        return
    if options.numbers:
        check_numbers(options.numbers)
    missing = [name for name, module in PEERS.items() if importlib.util.find_spec(module) is None]
    if missing:
        print(f"not measured, since not installed: {', '.join(missing)}; pip install {' '.join(missing)}")
    counts = {name: count for name, (_, count) in VARIANTS.items() if name not in missing}
    rates = {name: apart(name, count, options.repeats)["rate"] for name, count in counts.items()}
    print(f"{'':12} {'sessions/s':>12} {'closures':>9} {'columns':>9} {'build()':>9}  ratio to the variant of the row")
    for name, rate in rates.items():
        compared = " ".join(f"{rates[each] / rate:9.2f}" for each in ("closures", "columns", "build()"))
        print(f"{name:12} {rate:12,.0f} {compared}")
    costs: dict[str, dict[int, float]] = {"closures": {}, "columns": {}}
    for name, by_count in costs.items():
        for exponent in range(4, 8):
            count = 10**exponent
            if count > options.largest:
                break
            # The null device, as a disk would be full.
            found = apart(name, count, 5 if count <= 1_000_000 else 1, "--to-null")
            by_count[count] = 1e6 / found["rate"]
            print(f"{name:12} {count:12,} {by_count[count]:9.3f} microseconds {found['memory']:7.1f} MiB")
        print(f"{name:12} maximum over minimum {max(by_count.values()) / min(by_count.values()):.2f}")
    if options.plot:
        plot(options.plot, rates, costs)


if __name__ == "__main__":
    main()
