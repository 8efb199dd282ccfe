"""A report of proxy sessions by day, from files of JSON lines in which a session may occur several times."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

COLUMNS = ("day", "sessions", "closed", "minutes")


def moment(text: str) -> dt.datetime:
    """The instant of an RFC 3339 timestamp, with any offset and any number of digits in its fraction."""
    return dt.datetime.fromisoformat(text)


def records(lines: Iterable[bytes], rejected: list[int]) -> Iterator[dict[str, Any]]:
    """The sessions of some lines; the numbers of the lines that are unusable are appended to `rejected`."""
    for number, line in enumerate(lines, 1):
        try:
            session = json.loads(line.decode())
            moment(session["CreatedTimestamp"]), moment(session["UpdatedTimestamp"])
            yield {**session, "ProxySessionId": session["ProxySessionId"]}
        except (ValueError, TypeError, KeyError, AttributeError):
            rejected.append(number)


def latest(sessions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest snapshot of each session, wherever it stands in the file."""
    newest: dict[str, dict[str, Any]] = {}
    for session in sessions:
        known = newest.setdefault(session["ProxySessionId"], session)
        if moment(session["UpdatedTimestamp"]) >= moment(known["UpdatedTimestamp"]):
            newest[session["ProxySessionId"]] = session
    return list(newest.values())


def report(sessions: Iterable[dict[str, Any]]) -> list[tuple[str, int, int, float]]:
    """One row for each day (UTC) on which sessions began: their number, the closed ones, the minutes of those."""
    days: dict[str, list[float]] = {}
    for session in latest(sessions):
        created = moment(session["CreatedTimestamp"])
        ended = session.get("EndedTimestamp")
        totals = days.setdefault(utc_day(created), [0, 0, 0.0])
        totals[0] += 1
        if ended is not None:
            totals[1] += 1
            totals[2] += (moment(ended) - created).total_seconds() / 60
    return [(day, int(count), int(closed), minutes) for day, (count, closed, minutes) in sorted(days.items())]


def utc_day(instant: dt.datetime) -> str:
    """The day of an instant; that of UTC lies outside the calendar for some instants of its first and last day."""
    try:
        return instant.astimezone(dt.UTC).date().isoformat()
    except OverflowError:
        return instant.date().isoformat()


def main() -> None:
    """Read JSON lines from standard input, and write CSV."""
    rejected: list[int] = []
    rows = report(records(sys.stdin.buffer, rejected))
    writer = csv.writer(sys.stdout)
    writer.writerows([COLUMNS, *rows])
    for number in rejected:
        print(f"line {number} is unusable", file=sys.stderr)


if __name__ == "__main__":
    main()
