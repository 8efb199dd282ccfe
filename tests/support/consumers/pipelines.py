"""Batch pipelines: consumers of whole lists of sessions, from several connectors and several times."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections import Counter
from fractions import Fraction

from tests.support.consumers.consumer import Consumer, equals
from tests.support.consumers.timestamps import instant


def key_of(session):
    return session.get("VoiceConnectorId"), session.get("ProxySessionId")


def updated(session):
    return instant(session.get("UpdatedTimestamp", "1970-01-01T00:00:00Z"))


def digits_of(number):
    return number.removeprefix("+")


# Without doubles.


def newest_by(key):
    def keep(sessions):
        kept = {}
        for session in sessions:
            if key(session) not in kept or updated(session) > updated(kept[key(session)]):
                kept[key(session)] = session
        return kept

    return keep


def first_seen(sessions):
    kept = {}
    for session in sessions:
        kept.setdefault(key_of(session), session)
    return kept


def last_seen(sessions):
    return {key_of(session): session for session in sessions}


def newest_by_text(sessions):
    ordered = sorted(sessions, key=lambda session: session.get("UpdatedTimestamp", ""))
    return {key_of(session): session for session in ordered}


def by_session_id(session):
    return None, session.get("ProxySessionId")


def by_name(session):
    return None, session.get("Name")


def by_folded_id(session):
    return tuple(part.casefold() if part else part for part in key_of(session))


def keeps_the_newest_of_each(consumer, sessions):
    kept = list(consumer(sessions).values())
    assert sorted(map(repr, map(key_of, kept))) == sorted({repr(key_of(session)) for session in sessions})
    for session in kept:
        assert updated(session) == max(updated(other) for other in sessions if key_of(other) == key_of(session))


# In order.


def in_order(sessions):
    return sorted(
        (session for session in sessions if "CreatedTimestamp" in session), key=lambda s: instant(s["CreatedTimestamp"])
    )


def in_order_of_text(sessions):
    return sorted(
        (session for session in sessions if "CreatedTimestamp" in session), key=lambda s: s["CreatedTimestamp"]
    )


def in_order_of_all(sessions):
    return sorted(sessions, key=lambda session: session["CreatedTimestamp"])


def is_in_order(consumer, sessions):
    moments = [instant(session["CreatedTimestamp"]) for session in consumer(sessions)]
    assert moments == sorted(moments)


def latest(sessions):
    return max(map(updated, sessions), default=None)


def latest_of_some(sessions):
    return max(map(updated, sessions))


def earliest_name(sessions):
    return min(((updated(session), index) for index, session in enumerate(sessions)), default=None)


def earliest_with_session(sessions):
    return min(((updated(session), session) for session in sessions), default=None)


def finds_the_earliest(consumer, sessions):
    found = consumer(sessions)
    assert (None if found is None else found[0]) == min(map(updated, sessions), default=None)


# Counts and sums.


def count_by_status(sessions):
    return Counter(session.get("Status") for session in sessions)


def count_by_status_indexed(sessions):
    return Counter(session["Status"] for session in sessions)


def per_connector(sessions):
    return dict(Counter(session.get("VoiceConnectorId") for session in sessions))


def per_connector_unsorted(sessions):
    groups = itertools.groupby(sessions, key=lambda session: session.get("VoiceConnectorId"))
    return {connector: len(list(group)) for connector, group in groups}


def sum_of_minutes(sessions):
    return sum(int(session.get("ExpiryMinutes", 0)) for session in sessions)


def sum_of_doubles(sessions):
    return int(sum(float(session.get("ExpiryMinutes", 0)) for session in sessions))


def mean_of_minutes(sessions):
    known = [int(session["ExpiryMinutes"]) for session in sessions if "ExpiryMinutes" in session]
    return Fraction(sum(known), len(known)) if known else None


def mean_of_some(sessions):
    known = [int(session["ExpiryMinutes"]) for session in sessions if "ExpiryMinutes" in session]
    return Fraction(sum(known), len(known))


def per_day(sessions):
    return Counter(updated(session) // 86400 for session in sessions)


def per_day_of_text(sessions):
    stamps = (session.get("UpdatedTimestamp", "1970-01-01T00:00:00Z") for session in sessions)
    return Counter(instant(f"{stamp[:10]}T00:00:00Z") // 86400 for stamp in stamps)


# People.


def own_numbers(session):
    return [person["PhoneNumber"] for person in session.get("Participants", ()) if "PhoneNumber" in person]


def people(sessions):
    return {digits_of(number) for session in sessions for number in own_numbers(session)}


def people_as_written(sessions):
    return {number for session in sessions for number in own_numbers(session)}


def are_told_apart_by_digits(consumer, sessions):
    assert len(consumer(sessions)) == len(people(sessions))


def pairs(sessions):
    return Counter(frozenset(map(digits_of, own_numbers(session))) for session in sessions)


def pairs_in_order(sessions):
    return Counter(tuple(map(digits_of, own_numbers(session))) for session in sessions)


def are_the_same_in_any_order(consumer, sessions):
    assert sorted(consumer(sessions).values()) == sorted(pairs(sessions).values())


# Files and batches.


def lines_of(text):
    return text.split("\n")[:-1]


def through_ndjson(split):
    def run(sessions):
        text = "".join(f"{json.dumps(session, ensure_ascii=False)}\n" for session in sessions)
        return [json.loads(line) for line in split(text)]

    return run


def names_through_csv(read):
    def run(sessions):
        out = io.StringIO(newline="")
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows([session.get("Name", "")] for session in sessions)
        return [row[0] for row in csv.reader(read(out.getvalue()))]

    return run


def names_of(sessions):
    return [session.get("Name", "") for session in sessions]


def names_by_line(sessions):
    text = "\n".join(names_of(sessions))
    return text.splitlines()


def names_as_json(sessions):
    return json.loads(json.dumps(names_of(sessions)))


def in_twos(sessions):
    return [session for start in range(0, len(sessions), 2) for session in sessions[start : start + 2]]


def in_whole_twos(sessions):
    walk = iter(sessions)
    return [session for pair in zip(walk, walk, strict=False) for session in pair]


def columns(sessions):
    names = {member: None for session in sessions for member in session}
    return [{name: session[name] for name in names if name in session} for session in sessions]


def columns_of_the_first(sessions):
    names = list(sessions[0]) if sessions else []
    return [{name: session[name] for name in names if name in session} for session in sessions]


def since(is_new):
    """Two runs; the second starts at the instant where the first one stopped, and skips what was seen."""

    def run(sessions):
        ordered = sorted(sessions, key=updated)
        first = ordered[: (len(ordered) + 1) // 2]
        mark = updated(first[-1]) if first else None
        seen = {id(session) for session in first}
        return len(first) + sum(is_new(updated(s), mark) and id(s) not in seen for s in ordered)

    return run


BY_NEWEST = newest_by(key_of)
CONSUMERS = (
    Consumer("double by name", "lists", keeps_the_newest_of_each, BY_NEWEST, newest_by(by_name)),
    Consumer("double across connectors", "lists", keeps_the_newest_of_each, BY_NEWEST, newest_by(by_session_id)),
    Consumer("double without regard to case", "lists", keeps_the_newest_of_each, BY_NEWEST, newest_by(by_folded_id)),
    Consumer("the older one kept", "lists", keeps_the_newest_of_each, BY_NEWEST, first_seen),
    Consumer("the last one kept", "lists", keeps_the_newest_of_each, BY_NEWEST, last_seen),
    Consumer("the newest by text", "lists", keeps_the_newest_of_each, BY_NEWEST, newest_by_text),
    Consumer("sorted as text", "lists", is_in_order, in_order, in_order_of_text),
    Consumer("all created", "lists", is_in_order, in_order, in_order_of_all),
    Consumer("latest of none", "lists", equals(latest), latest, latest_of_some),
    Consumer("ties compare sessions", "lists", finds_the_earliest, earliest_name, earliest_with_session),
    Consumer("absent status in a count", "lists", equals(count_by_status), count_by_status, count_by_status_indexed),
    Consumer("groups not sorted before", "lists", equals(per_connector), per_connector, per_connector_unsorted),
    Consumer("sum of doubles", "lists", equals(sum_of_minutes), sum_of_minutes, sum_of_doubles),
    Consumer("mean of none", "lists", equals(mean_of_minutes), mean_of_minutes, mean_of_some),
    Consumer("day of the offset", "lists", equals(per_day), per_day, per_day_of_text),
    Consumer("plus makes another number", "lists", are_told_apart_by_digits, people, people_as_written),
    Consumer("pair in order", "lists", are_the_same_in_any_order, pairs, pairs_in_order),
    Consumer("any line end in NDJSON", "lists", equals(list), through_ndjson(lines_of), through_ndjson(str.splitlines)),
    Consumer(
        "line ends in CSV",
        "lists",
        equals(names_of),
        names_through_csv(lambda text: io.StringIO(text, newline="")),
        names_through_csv(str.splitlines),
    ),
    Consumer("names by line", "lists", equals(names_of), names_as_json, names_by_line),
    Consumer("last odd one lost", "lists", equals(list), in_twos, in_whole_twos),
    Consumer("columns of the first", "lists", equals(list), columns, columns_of_the_first),
    Consumer(
        "watermark skips equals",
        "lists",
        equals(len),
        since(lambda at, mark: at >= mark),
        since(lambda at, mark: at > mark),
    ),
)
