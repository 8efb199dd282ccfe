"""The speed-up by a second worker, and the cost of Dask compared with the process pool.

It guards two figures: the speed-up by a second worker, compared with that of a second process that only spins in the
same minute, since the cores of a shared machine are not always free; and the cost of Dask at the start and per record,
in wall time and in CPU time of all processes. Medians of rounds in which the variants run in turns. Each part is
deleted when it is written, so that the disk does not fill up.

    python benchmarks/engines.py [--rounds 5] [--parts 8]
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.sampling import dask_cluster, executors
from chime_fixtures.sampling.job import DEFAULT_PART_RECORDS, Job, begin
from chime_fixtures.sessions.options import SessionOptions

SPINS = 60_000_000
WITHOUT_COLUMNS = SessionOptions.of(until=dt.datetime(2300, 1, 1, tzinfo=dt.UTC))
COLUMNS_SPEED_UP = 5
"""The column writer makes about this many times as many records in the same time."""
LARGE_JOB_FACTOR = 5
"""The records of the larger job, as a multiple of the smaller one's."""

Engine = Callable[[Job, Sequence[int]], Generator[int, None, None]]


def spin(count: int) -> None:
    """Use one core and nothing else."""
    while count:
        count -= 1


def spinning(processes: int) -> float:
    """Seconds that a number of processes take to share the spins."""
    context = multiprocessing.get_context("spawn")
    made = [context.Process(target=spin, args=(SPINS // processes,)) for _ in range(processes)]
    started = time.perf_counter()
    for each in made:
        each.start()
    for each in made:
        each.join()
    return time.perf_counter() - started


class Cost(NamedTuple):
    """Seconds of wall time, and of CPU time of this process and its children."""

    wall: float
    cpu: float


def now() -> Cost:
    """The cost so far."""
    return Cost(time.perf_counter(), sum(os.times()[:4]))


def writing(job: Job, engine: Engine) -> Cost:
    """The cost of a job in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        placed = replace(job, url=folder)
        started = now()
        for number in engine(placed, begin(placed, resume=False)):
            (Path(folder) / placed.part_name(number)).unlink()
        return Cost(*(late - early for late, early in zip(now(), started, strict=True)))


def pool(workers: int) -> Engine:
    """The process pool."""
    return lambda job, numbers: executors.write_with_processes(job, numbers, workers=workers)


def dask(job: Job, numbers: Sequence[int]) -> Generator[int, None, None]:
    """A local Dask cluster of two workers."""
    return dask_cluster.write_with_dask(job, numbers, workers=2)


def second_worker(name: str, job: Job, rounds: int) -> None:
    """Print the speed-up by a second worker, and by a second spinning process."""
    gains, ideals = [], []
    for _ in range(rounds):
        ideals.append(spinning(1) / spinning(2))
        gains.append(writing(job, pool(1)).wall / writing(job, pool(2)).wall)
    gain, ideal = statistics.median(gains), statistics.median(ideals)
    share = statistics.median([one / other for one, other in zip(gains, ideals, strict=True)])
    print(f"{name}: two workers are {gain:.2f} times one, two spinning processes {ideal:.2f}: a share of {share:.2f}")


def beside_dask(name: str, job: Job, rounds: int) -> None:
    """Print the fixed cost of Dask and its cost per record, compared with the pool, from a small and a large job."""
    more = replace(job, count=LARGE_JOB_FACTOR * job.count)
    found: dict[Engine, list[tuple[Cost, Cost]]] = {pool(2): [], dask: []}
    for _ in range(rounds):
        for engine, costs in found.items():
            costs.append((writing(job, engine), writing(more, engine)))
    for at, what in enumerate(Cost._fields):
        fixed, slopes = [], []
        for costs in found.values():
            few, many = (statistics.median(pair[size][at] for pair in costs) for size in (0, 1))
            slopes.append((many - few) / (LARGE_JOB_FACTOR - 1))
            fixed.append(few - slopes[-1])
        start, slope = fixed[1] - fixed[0], slopes[1] / slopes[0] - 1
        print(f"{name}: Dask beside the pool, {what} time: {start:+.1f} seconds fixed, {slope:+.0%} a record")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--parts", type=int, default=8, help="parts of the smaller job")
    arguments = parser.parse_args()
    document = load_contract("ProxySession").document
    size = DEFAULT_PART_RECORDS // COLUMNS_SPEED_UP
    jobs = {
        "columns": Job("", arguments.parts * DEFAULT_PART_RECORDS, document, options=SessionOptions()),
        "closures": Job("", arguments.parts * size, document, options=WITHOUT_COLUMNS, part_size=size),
    }
    for name, job in jobs.items():
        second_worker(name, replace(job, count=LARGE_JOB_FACTOR * job.count), arguments.rounds)
        beside_dask(name, job, arguments.rounds)


if __name__ == "__main__":
    main()
