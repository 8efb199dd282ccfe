"""How well two workers share the work, and what Dask costs beside the process pool.

Guards two figures: what a second worker brings, held against what a second process that only spins brings in the same
minute, since the cores of a shared machine are not all ours; and the fixed seconds and the slope of Dask. Wall time,
medians of rounds in which every variant has its turn.

    python benchmarks/engines.py [--rounds 3] [--records 1_500_000]
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from chime_fixtures.corpus import engines
from chime_fixtures.corpus.parts import Job, begin
from chime_fixtures.corpus.wishes import Wishes

SPINS = 60_000_000
PARTS = 12
WITHOUT_COLUMNS = Wishes.of(until=dt.datetime(2300, 1, 1, tzinfo=dt.UTC))
SLOWER = 6
"""So many times as many records come from columns in the same time."""

Engine = Callable[[Job, Sequence[int]], Generator[int, None, None]]


def spin(count: int) -> None:
    """Use one core and nothing else."""
    while count:
        count -= 1


def spinning(processes: int) -> float:
    """Seconds for so many processes that share the spins."""
    context = multiprocessing.get_context("spawn")
    made = [context.Process(target=spin, args=(SPINS // processes,)) for _ in range(processes)]
    started = time.perf_counter()
    for each in made:
        each.start()
    for each in made:
        each.join()
    return time.perf_counter() - started


def writing(job: Job, engine: Engine) -> float:
    """Seconds for a job in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        placed = replace(job, url=folder)
        started = time.perf_counter()
        for _ in engine(placed, begin(placed, resume=False)):
            pass
        return time.perf_counter() - started


def pool(workers: int) -> Engine:
    """The process pool."""
    return lambda job, numbers: engines.processes(job, numbers, workers=workers)


def dask(job: Job, numbers: Sequence[int]) -> Generator[int, None, None]:
    """A local Dask cluster of two workers."""
    return engines.dask(job, numbers, workers=2)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--records", type=int, default=1_500_000, help="records from columns; fewer one by one")
    asked = parser.parse_args()
    jobs = {
        "columns": Job("", asked.records, part_size=asked.records // PARTS),
        "closures": Job(
            "", asked.records // SLOWER, part_size=asked.records // SLOWER // PARTS, wishes=WITHOUT_COLUMNS
        ),
    }
    for name, job in jobs.items():
        gains, ideals, pools, dasks = [], [], [], []
        for _ in range(asked.rounds):
            ideals.append(spinning(1) / spinning(2))
            alone, together = writing(job, pool(1)), writing(job, pool(2))
            gains.append(alone / together)
            more = replace(job, count=3 * job.count)
            pools.append((together, writing(more, pool(2))))
            dasks.append((writing(job, dask), writing(more, dask)))
        shares = [gain / ideal for gain, ideal in zip(gains, ideals, strict=True)]
        gain, ideal, share = map(statistics.median, (gains, ideals, shares))
        print(
            f"{name}: two workers are {gain:.2f} times one, two spinning processes {ideal:.2f}: a share of {share:.2f}"
        )
        few, many = ([statistics.median(times[at] for times in each) for each in (pools, dasks)] for at in (0, 1))
        slopes = [(late - early) / 2 for early, late in zip(few, many, strict=True)]
        fixed = few[1] - slopes[1] - few[0] + slopes[0]
        print(f"{name}: Dask beside the pool: {fixed:+.1f} seconds fixed, {slopes[1] / slopes[0] - 1:+.0%} a record")


if __name__ == "__main__":
    main()
