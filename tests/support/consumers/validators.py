"""Validators: one written by hand from the published page, and the same with one faulty check."""

from __future__ import annotations

import re
from datetime import datetime

from tests.support.consumers.consumer import Consumer
from tests.support.consumers.timestamps import instant

BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def is_text(value, most=None):
    return isinstance(value, str) and (most is None or len(value) <= most)


def is_identifier(value):
    return is_text(value, 128) and re.search(f"[^{BLANKS}]", value) is not None


def is_whole(value):
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def is_minutes(value):
    return is_whole(value) and not isinstance(value, bool) and value >= 1


def is_stamp(value):
    try:
        return isinstance(value, str) and instant(value) is not None
    except ValueError:
        return False


def is_phone(value):
    return isinstance(value, str) and re.fullmatch(r"\+?[1-9][0-9]{1,14}", value) is not None


def is_country(value):
    return isinstance(value, str) and re.fullmatch(r"(?:[A-Z]{2})?", value) is not None


def is_area_code(value):
    return isinstance(value, str) and re.fullmatch(r"(?:[0-9]{3})?", value) is not None


def one_of(*constants):
    return lambda value: isinstance(value, str) and value in constants


def list_of(check):
    return lambda value: isinstance(value, list) and all(map(check, value))


def members_of(checks, required=()):
    def check(value):
        return (
            isinstance(value, dict)
            and all(name in value for name in required)
            and all(checks[name](item) for name, item in value.items() if name in checks)
        )

    return check


is_participant = members_of({"PhoneNumber": is_phone, "ProxyPhoneNumber": is_phone})
is_geo = members_of({"Country": is_country, "AreaCode": is_area_code}, ["Country", "AreaCode"])
is_capability = one_of("Voice", "SMS")
CHECKS = {
    "VoiceConnectorId": is_identifier,
    "ProxySessionId": is_identifier,
    "Name": lambda value: is_text(value, 128),
    "Status": one_of("Open", "InProgress", "Closed"),
    "ExpiryMinutes": is_minutes,
    "Capabilities": list_of(is_capability),
    "CreatedTimestamp": is_stamp,
    "UpdatedTimestamp": is_stamp,
    "EndedTimestamp": is_stamp,
    "Participants": list_of(is_participant),
    "NumberSelectionBehavior": one_of("PreferSticky", "AvoidSticky"),
    "GeoMatchLevel": one_of("Country", "AreaCode"),
    "GeoMatchParams": is_geo,
}
TIMESTAMPS = ("CreatedTimestamp", "UpdatedTimestamp", "EndedTimestamp")


def accepts(consumer, session):
    assert consumer(session)


def refuses(consumer, session):
    try:
        verdict = consumer(session)
    except (TypeError, ValueError, AttributeError, KeyError):
        return
    assert not verdict


is_session = members_of(CHECKS)


def with_check(check, *members):
    return members_of({**CHECKS, **dict.fromkeys(members, check)})


def with_phone(check):
    return with_check(list_of(members_of({"PhoneNumber": check, "ProxyPhoneNumber": check})), "Participants")


def with_geo(*, country=is_country, area_code=is_area_code, required=("Country", "AreaCode")):
    return with_check(members_of({"Country": country, "AreaCode": area_code}, required), "GeoMatchParams")


def matched(pattern, flags=0):
    return lambda value: isinstance(value, str) and re.match(pattern, value, flags) is not None


def is_text_in_bytes(value):
    return isinstance(value, str) and len(value.encode()) <= 128


def is_text_in_utf16(value):
    return isinstance(value, str) and len(value.encode("utf-16-le")) <= 256


def is_stamp_of_python(value):
    try:
        return datetime.fromisoformat(value) is not None
    except (ValueError, TypeError):
        return False


def is_stamp_with_offset(value):
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (ValueError, TypeError):
        return False


def is_stamp_by_pattern(value):
    return matched(
        r"[0-9]{4}-[01][0-9]-[0-3][0-9][Tt][0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-][0-9:]{5})\Z"
    )(value)


def is_stamp_of_day(value):
    return is_stamp_by_pattern(value) and is_stamp(re.sub(r"T[0-9]{2}", "T00", value.upper(), count=1))


def nothing_or(check):
    return lambda value: value is None or check(value)


def falsy_or(check):
    return lambda value: not value or check(value)


def first_of(check):
    return lambda value: isinstance(value, list) and all(map(check, value[:1]))


def one_or_list_of(check):
    return lambda value: check(value) or list_of(check)(value)


def any_iterable_of(check):
    return lambda value: all(map(check, value))


def folded(*constants):
    return lambda value: isinstance(value, str) and value.lower() in {each.lower() for each in constants}


def stripped(check):
    return lambda value: check(value.strip() if isinstance(value, str) else value)


def is_whole_number_or_text(value):
    return str(value).isdigit() and int(value) >= 1


def is_session_or_list(value):
    return is_session(value) or (isinstance(value, list) and all(map(is_session, value)))


def skips(*members):
    return members_of({name: check for name, check in CHECKS.items() if name not in members})


STATUSES = ("Open", "InProgress", "Closed")


def lax(name, wrong):
    """A validator that accepts an invalid session."""
    return Consumer(name, "invalid", refuses, is_session, wrong)


def strict(name, wrong):
    """A validator that rejects a valid session."""
    return Consumer(name, "valid", accepts, is_session, wrong)


CONSUMERS = (
    lax("digits of any script", with_phone(matched(r"^\+?[1-9]\d{1,14}\Z"))),
    lax("trailing newline by $", with_phone(matched(r"^\+?[1-9][0-9]{1,14}$"))),
    lax("sixteen digits", with_phone(matched(r"\+?[1-9][0-9]{1,14}"))),
    lax("one digit", with_phone(matched(r"\+?[1-9][0-9]{0,14}\Z"))),
    lax("leading zero", with_phone(matched(r"\+?[0-9]{2,15}\Z"))),
    lax("blank in a number", with_phone(matched(r"\+?[1-9][0-9 ]{1,14}\Z"))),
    lax("hyphen in a number", with_phone(matched(r"\+?[1-9][0-9-]{1,15}\Z"))),
    lax("letter in a number", with_phone(matched(r"\+?[1-9]\w{1,14}\Z", re.ASCII))),
    lax("number as a number", with_phone(lambda value: is_phone(str(value)))),
    lax("proxy number unchecked", with_check(list_of(members_of({"PhoneNumber": is_phone})), "Participants")),
    lax("second participant unchecked", with_check(first_of(is_participant), "Participants")),
    lax("one participant for a list", with_check(one_or_list_of(is_participant), "Participants")),
    lax("country in lower case", with_geo(country=matched(r"(?:[A-Z]{2})?\Z", re.IGNORECASE))),
    lax("country of any length", with_geo(country=lambda value: is_text(value) and (not value or value.isupper()))),
    lax("country of three", with_geo(country=matched(r"(?:[A-Z]{2,3})?\Z"))),
    lax(
        "area code of any digits",
        with_geo(area_code=lambda value: len(value) in (0, 3) and (not value or value.isdigit())),
    ),
    lax("area code of four", with_geo(area_code=matched(r"(?:[0-9]{3,4})?\Z"))),
    lax("area code as a number", with_geo(area_code=lambda value: is_area_code(str(value)))),
    lax("area code not required", with_geo(required=["Country"])),
    lax("country not required", with_geo(required=["AreaCode"])),
    lax("last member unchecked", skips("GeoMatchParams")),
    lax("level unchecked", skips("GeoMatchLevel")),
    lax("end unchecked", skips("EndedTimestamp")),
    lax("status in any case", with_check(folded(*STATUSES), "Status")),
    lax("status padded", with_check(stripped(one_of(*STATUSES)), "Status")),
    lax("status by a part", with_check(lambda value: isinstance(value, str) and value in " ".join(STATUSES), "Status")),
    lax("status by its start", with_check(matched("Open|InProgress|Closed"), "Status")),
    lax("status of a neighbour", with_check(one_of(*STATUSES, "Country", "AreaCode"), "Status", "GeoMatchLevel")),
    lax("true for one", with_check(lambda value: isinstance(value, int) and value >= 1, "ExpiryMinutes")),
    lax("no minutes", with_check(falsy_or(is_minutes), "ExpiryMinutes")),
    lax(
        "minutes from zero",
        with_check(lambda value: is_whole(value) and value is not True and value >= 0, "ExpiryMinutes"),
    ),
    lax("minutes as text", with_check(is_whole_number_or_text, "ExpiryMinutes")),
    lax("minutes with a fraction", with_check(lambda value: value is not True and value >= 1, "ExpiryMinutes")),
    lax("name one over", with_check(lambda value: is_text(value, 129), "Name")),
    lax("name of any type", with_check(lambda value: len(value) <= 128, "Name")),
    lax("name may be null", with_check(nothing_or(CHECKS["Name"]), "Name")),
    lax("null for any member", members_of({name: nothing_or(check) for name, check in CHECKS.items()})),
    lax("id may be empty", with_check(lambda value: is_text(value, 128), "ProxySessionId")),
    lax("id of blanks", with_check(lambda value: is_text(value, 128) and value.strip(" ") != "", "ProxySessionId")),
    lax(
        "id of rare blanks",
        with_check(lambda value: is_text(value, 128) and value.strip(" \t\r\n") != "", "ProxySessionId"),
    ),
    lax("id one over", with_check(lambda value: is_text(value, 129) and is_identifier(value[:128]), "ProxySessionId")),
    lax("date only", with_check(is_stamp_of_python, *TIMESTAMPS)),
    lax("forms of ISO 8601", with_check(is_stamp_with_offset, *TIMESTAMPS)),
    lax("impossible day", with_check(is_stamp_by_pattern, *TIMESTAMPS)),
    lax("impossible hour", with_check(is_stamp_of_day, *TIMESTAMPS)),
    lax("stamp stripped", with_check(stripped(is_stamp), *TIMESTAMPS)),
    lax("second capability unchecked", with_check(first_of(is_capability), "Capabilities")),
    lax("one capability for a list", with_check(one_or_list_of(is_capability), "Capabilities")),
    lax("capabilities of any kind", with_check(any_iterable_of(is_capability), "Capabilities")),
    lax("list for a session", is_session_or_list),
    strict("name counted in bytes", with_check(is_text_in_bytes, "Name")),
    strict("name counted in UTF-16", with_check(is_text_in_utf16, "Name")),
    strict("line end in an id", with_check(matched(r".*\S.*\Z"), "VoiceConnectorId", "ProxySessionId")),
    strict("plus required", with_phone(matched(r"\+[1-9][0-9]{1,14}\Z"))),
    strict("ten digits", with_phone(matched(r"\+?[1-9][0-9]{6,14}\Z"))),
    strict("name not empty", with_check(lambda value: is_text(value, 128) and value != "", "Name")),
    strict("at most twelve hours", with_check(lambda value: is_minutes(value) and value <= 720, "ExpiryMinutes")),
    strict("exactly two participants", with_check(lambda value: len(value) == 2, "Participants")),
    strict("status required", members_of(CHECKS, ["Status"])),
    strict("country not empty", with_geo(country=matched(r"[A-Z]{2}\Z"))),
    strict("three digits of a fraction", with_check(matched(r"[^.]*(\.[0-9]{3})?([Zz]|[+-][0-9:]{5})\Z"), *TIMESTAMPS)),
    strict("only Z", with_check(matched(r".*[Zz]\Z"), *TIMESTAMPS)),
    strict("member unknown", lambda session: is_session(session) and session.keys() <= CHECKS.keys()),
)
