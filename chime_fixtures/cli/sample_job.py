"""The part of the `sample` command that writes files of many records, with progress and a summary."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from chime_fixtures.cli.console import counted, display_path, record_progress

if TYPE_CHECKING:
    from chime_fixtures.engine.contract import Contract
    from chime_fixtures.sessions.options import SessionOptions


def write_parts(
    contract: Contract,
    url: str,
    *,
    count: int,
    seed: int,
    session_options: SessionOptions,
    format_name: str,
    **options: Any,
) -> None:
    """Write the parts of a sample."""
    from chime_fixtures.sampling import dask_cluster, executors
    from chime_fixtures.sampling.job import DEFAULT_PART_RECORDS, Job, begin, cached_sample, finish

    job = Job(
        url=url,
        count=count,
        seed=seed,
        contract_name=contract.name,
        document=contract.document,
        options=session_options,
        format_name=format_name,
        part_size=options["part_size"] or DEFAULT_PART_RECORDS,
        invalid=options["invalid_share"] or Fraction(0),
        malformed=options["malformed_share"] or Fraction(0),
        native_timestamps=options["timestamps"] == "native",
        label_column=options["label_column"],
    )
    cached_sample(job)
    shard, shards = options["shard"] or (1, 1)
    unfinished = begin(job, resume=options["resume"] or shards > 1)
    parts = [part for part in unfinished if part % shards == shard - 1]
    if options["engine"] == "dask":
        finished = dask_cluster.write_with_dask(job, parts, workers=options["workers"], scheduler=options["scheduler"])
    elif options["workers"] > 1:
        finished = executors.write_with_processes(job, parts, workers=options["workers"])
    else:
        finished = executors.write_serially(job, parts)
    start_time, records = time.monotonic(), 0
    total = sum(len(job.part_records(part)) for part in parts)
    with _dask_logs_disabled(), contextlib.closing(finished), record_progress(total) as advance:
        for part in finished:
            size = len(job.part_records(part))
            records += size
            advance(size)
    omitted = finish(job)
    rate = records / max(time.monotonic() - start_time, 1e-9)
    without = f", without {counted(len(omitted), 'violation')} that {format_name} cannot hold" if omitted else ""
    written = f"{counted(records, 'record')} in {counted(len(parts), 'part')}"
    text = f"wrote {written} to {display_path(job.display_url)} at {rate:,.0f} a second{without}"
    click.echo(f"{text}; repeat with --seed {seed}", err=True)


@contextlib.contextmanager
def _dask_logs_disabled() -> Iterator[None]:
    """Disable Dask's logs of errors, which are also raised and reported in one line."""
    level = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(level)
