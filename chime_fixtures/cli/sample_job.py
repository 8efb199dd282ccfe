"""Sample records in files of many, with progress on a terminal and one line of summary."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from chime_fixtures.cli.console import show

if TYPE_CHECKING:
    from chime_fixtures.engine.contract import Contract
    from chime_fixtures.sessions.options import SessionOptions


def write_parts(
    contract: Contract,
    is_shipped: bool,
    url: str,
    *,
    count: int | None,
    seed: int,
    wishes: SessionOptions,
    form: str,
    **options: Any,
) -> None:
    """Write the parts that the options ask for."""
    from chime_fixtures.sampling import dask_cluster, executors
    from chime_fixtures.sampling import job as parts

    job = parts.Job(
        url=url,
        count=10 if count is None else count,
        seed=seed,
        contract=contract.name,
        documents=None if is_shipped else contract.documents,
        wishes=wishes,
        form=form,
        part_size=options["part_size"] or parts.PART_SIZE,
        invalid=options["invalid_share"] or Fraction(0),
        malformed=options["malformed_share"] or Fraction(0),
        raw=options["raw"],
        native=options["timestamps"] == "native",
    )
    parts.corpus_of(job)
    number, of = options["shard"] or (1, 1)
    wanted = [part for part in parts.begin(job, resume=options["resume"] or of > 1) if part % of == number - 1]
    if options["engine"] == "dask":
        done = dask_cluster.dask(job, wanted, workers=options["workers"], scheduler=options["scheduler"])
    elif options["workers"] > 1:
        done = executors.processes(job, wanted, workers=options["workers"])
    else:
        done = executors.serial(job, wanted)
    started, records = time.monotonic(), 0
    with _quiet(), contextlib.closing(done), _progress(sum(job.size_of(part) for part in wanted)) as advance:
        for part in done:
            records += job.size_of(part)
            advance(job.size_of(part))
    left_out = parts.finish(job)
    rate = records / max(time.monotonic() - started, 1e-9)
    without = f", without {len(left_out)} violations that {form} cannot hold" if left_out else ""
    text = f"wrote {records:,} records in {len(wanted):,} parts to {show(job.shown)} at {rate:,.0f} a second{without}"
    click.echo(f"{text}; repeat them with --seed {seed}", err=True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What Dask logs of an error or an end comes as an exception too, which is said in one line."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    if not sys.stderr.isatty():
        yield lambda records: None
        return
    from rich import progress
    from rich.console import Console

    rate = progress.TextColumn("{task.fields[rate]}")
    columns = (progress.BarColumn(), progress.TaskProgressColumn(), rate, progress.TimeRemainingColumn())
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, rate="")

        def advance(records: int) -> None:
            bar.advance(task, records)
            speed = bar.tasks[0].speed
            bar.update(task, rate=f"{speed:,.0f} records/s" if speed else "")

        yield advance
