"""Parsers: consumers that read the members of one valid session, its numbers and its lists."""

from __future__ import annotations

import json
from dataclasses import make_dataclass
from datetime import UTC, datetime, timedelta

from chime_fixtures.chime.contracts import load_contract
from tests.support.consumers.consumer import Consumer, equals

CONTRACT_MEMBERS = ("VoiceConnectorId", "ProxySessionId", "Name", "Status", "ExpiryMinutes", "GeoMatchLevel")


def name_of(session):
    return session.get("Name")


def both_of(person):
    return {person[member] for member in ("PhoneNumber", "ProxyPhoneNumber") if member in person}


def numbers_of(session):
    return {number for person in session.get("Participants", ()) for number in both_of(person)}


# Numbers.


def minutes_in(size):
    def through_bytes(session):
        return int.from_bytes(session.get("ExpiryMinutes", 1).to_bytes(size, "big", signed=True), "big", signed=True)

    return through_bytes


def minutes_exact(session):
    return int(json.loads(json.dumps(session.get("ExpiryMinutes", 1))))


def minutes_as_double(session):
    return int(float(session.get("ExpiryMinutes", 1)))


def minutes_of(session):
    return session.get("ExpiryMinutes", 1)


def end_of_life(session):
    try:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes_of(session))
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def end_of_life_unguarded(session):
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes_of(session))


def is_in_the_future(consumer, session):
    assert consumer(session) > datetime(2026, 1, 1, tzinfo=UTC)


def area_code(session):
    return session.get("GeoMatchParams", {}).get("AreaCode")


def area_code_as_number(session):
    code = session.get("GeoMatchParams", {}).get("AreaCode")
    return str(int(code)) if code else code


def digits_of(number):
    return number.removeprefix("+")


def all_digits(session):
    return {digits_of(number) for number in numbers_of(session)}


def digits_behind_the_plus(session):
    return {number[1:] for number in numbers_of(session)}


def last_ten_digits(session):
    return {number[-10:] for number in all_digits(session)}


# Members and items, there or not.


def numbers_of_the_first(session):
    return both_of(session["Participants"][0]) if session.get("Participants") else set()


def numbers_of_a_pair(session):
    people = session.get("Participants")
    if people is None:
        return set()
    first, second = people
    return both_of(first) | both_of(second)


def own_numbers(session):
    return [person.get("PhoneNumber") for person in session.get("Participants", ())]


def own_numbers_indexed(session):
    return [person["PhoneNumber"] for person in session.get("Participants", ())]


def people_known(session):
    return "Participants" in session


def people_truthy(session):
    return bool(session.get("Participants"))


def kept_as_is(session):
    return {member: session[member] for member in CONTRACT_MEMBERS if member in session}


def kept_with_nulls(session):
    return {member: session.get(member) for member in CONTRACT_MEMBERS}


def is_open(session):
    return session.get("Status") == "Open"


def is_open_by_default(session):
    return session.get("Status", "Open") == "Open"


def is_over(session):
    return session.get("Status") == "Closed"


def is_over_unless_open(session):
    return "Status" in session and session["Status"] != "Open"


def can_text(session):
    return "SMS" in session.get("Capabilities", ())


def can_text_first(session):
    return session.get("Capabilities", ["-"])[0] == "SMS"


def can_text_at_first(session):
    return session.get("Capabilities", [])[:1] == ["SMS"]


def can_both(session):
    return {"Voice", "SMS"} <= set(session.get("Capabilities", ()))


def can_both_by_count(session):
    return len(session.get("Capabilities", ())) >= 2


Record = make_dataclass(
    "Record", [(member, object, None) for member in load_contract("ProxySession").schema["properties"]]
)


def record(session):
    return Record(**{member: value for member, value in session.items() if hasattr(Record, member)}).Name


def record_of_everything(session):
    return Record(**session).Name


CONSUMERS = (
    Consumer("minutes in 16 bits", "valid", equals(minutes_of), minutes_exact, minutes_in(2)),
    Consumer("minutes in 32 bits", "valid", equals(minutes_of), minutes_exact, minutes_in(4)),
    Consumer("minutes as a double", "valid", equals(minutes_of), minutes_exact, minutes_as_double),
    Consumer("end of life overflows", "valid", is_in_the_future, end_of_life, end_of_life_unguarded),
    Consumer("area code read as a number", "valid", equals(area_code), area_code, area_code_as_number),
    Consumer("first character taken for a plus", "valid", equals(all_digits), all_digits, digits_behind_the_plus),
    Consumer("last ten digits", "valid", equals(all_digits), all_digits, last_ten_digits),
    Consumer("first participant only", "valid", equals(numbers_of), numbers_of, numbers_of_the_first),
    Consumer("always two participants", "valid", equals(numbers_of), numbers_of, numbers_of_a_pair),
    Consumer("participant without a number", "valid", equals(own_numbers), own_numbers, own_numbers_indexed),
    Consumer("no participants taken for unknown", "valid", equals(people_known), people_known, people_truthy),
    Consumer("absent written as null", "valid", equals(kept_as_is), kept_as_is, kept_with_nulls),
    Consumer("absent status taken for Open", "valid", equals(is_open), is_open, is_open_by_default),
    Consumer("InProgress taken for over", "valid", equals(is_over), is_over, is_over_unless_open),
    Consumer("first capability only", "valid", equals(can_text), can_text, can_text_at_first),
    Consumer("capabilities never empty", "valid", equals(can_text), can_text, can_text_first),
    Consumer("capabilities counted", "valid", equals(can_both), can_both, can_both_by_count),
    Consumer("unknown member is a crash", "valid", equals(name_of), record, record_of_everything),
)
