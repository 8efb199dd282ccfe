"""Twenty faulty consumers written from the contract and the schema alone.

Their author read neither the other consumers nor the generator of examples, so they measure detection on mistakes
that the generator was not tuned for.
"""

import copy
import csv
import html
import io
import itertools
import json
import re
from collections import Counter
from datetime import date, datetime, timedelta
from fractions import Fraction
from html.parser import HTMLParser
from urllib.parse import quote, unquote

from jsonschema import FormatChecker

from tests.support.consumers.consumer import Consumer, equals

TIMESTAMPS = ("CreatedTimestamp", "UpdatedTimestamp", "EndedTimestamp")
ENUMS = {
    "Status": ("Open", "InProgress", "Closed"),
    "NumberSelectionBehavior": ("PreferSticky", "AvoidSticky"),
    "GeoMatchLevel": ("Country", "AreaCode"),
}
DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
PHONE_NUMBER = re.compile(r"\+?[1-9][0-9]{1,14}")


def _day_number(year, month, day):
    """Days since 1970-01-01 in the proleptic Gregorian calendar; any year is allowed, also 0."""
    cycles, year = divmod(year - 2000, 400)
    return date(year + 2000, month, day).toordinal() + cycles * 146097 - 719163


def _instant(text):
    """Exact seconds since 1970 of an RFC 3339 date-time; a leap second is the first second of the next minute."""
    match = DATE_TIME.fullmatch(text)
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    zone = match[8]
    offset = 0 if zone in "Zz" else (int(zone[1:3]) * 60 + int(zone[4:])) * (-1 if zone[0] == "-" else 1)
    fraction = Fraction("0" + match[7]) if match[7] else 0
    return _day_number(year, month, day) * 86400 + hour * 3600 + (minute - offset) * 60 + second + fraction


def _on_members(name, members, holds, correct, faulty):
    """Consumer of the values of some members; it returns None if one of them is absent.

    `holds` asserts a property of the result, which is its first argument; the values follow.
    """

    def reader(read):
        return lambda session: read(*(session[each] for each in members)) if session.keys() >= set(members) else None

    def check(version, session):
        result = version(session)
        if session.keys() >= set(members):
            holds(result, *(session[each] for each in members))
        else:
            assert result is None

    return Consumer(name, "valid", check, reader(correct), reader(faulty))


# One valid session.


def _read_journal(session, split):
    journal = json.dumps(session, ensure_ascii=False) + "\n"
    return [json.loads(line) for line in split(journal) if line]


def _duration(created, ended):
    return timedelta(microseconds=(_instant(ended) - _instant(created)) * 10**6 // 1)


def _check_whole_minutes(minutes, created, ended):
    assert 0 <= _instant(ended) - _instant(created) - minutes * 60 < 60


def _check_milliseconds(milliseconds, minutes):
    assert divmod(milliseconds, 60_000) == (minutes, 0)


def _path(*ids, safe="/"):  # the default of quote()
    connector, session = (quote(each, safe=safe, errors="surrogatepass") for each in ids)
    return f"/voice-connectors/{connector}/proxy-sessions/{session}"


def _check_path(path, connector, session):
    segments = [unquote(segment, errors="surrogatepass") for segment in path.split("/")]
    assert segments == ["", "voice-connectors", connector, "proxy-sessions", session]


def _check_cell(cell, name):
    attributes = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, found: attributes.extend(found)
    parser.feed(cell)
    parser.close()
    assert attributes == [("title", name)]


def _date(timestamp):
    return [int(part) for part in timestamp[:10].split("-")]


def _iso_week(timestamp):
    """Year and number of the ISO week of the date as written."""
    thursday = _day_number(*_date(timestamp))
    thursday += 3 - (thursday + 3) % 7
    year = _date(timestamp)[0]
    year = max(each for each in (year - 1, year, year + 1) if _day_number(each, 1, 1) <= thursday)
    return year, (thursday - _day_number(year, 1, 1)) // 7 + 1


def _check_week(label, created):
    year, week = (int(part) for part in label.split("-W"))
    fourth = _day_number(year, 1, 4)  # always in the first week
    monday = fourth - (fourth + 3) % 7 + (week - 1) * 7
    assert monday <= _day_number(*_date(created)) < monday + 7


def _phone_numbers(session):
    return [each["PhoneNumber"] for each in session.get("Participants", []) if "PhoneNumber" in each]


def _split_code(session, remove_one):
    digits = [number.removeprefix("+") for number in _phone_numbers(session)]
    return [("1", remove_one(each)) if each.startswith("1") else ("", each) for each in digits]


def _offsets(session, read):
    texts = {member: session[member] for member in TIMESTAMPS if member in session}
    return {member: 0 if text[-1] in "Zz" else read(text[-6:]) for member, text in texts.items()}


def _check_offsets(version, session):
    offsets = version(session)
    assert set(offsets) == set(TIMESTAMPS) & set(session)
    for member, minutes in offsets.items():
        written = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        assert session[member].endswith(written if minutes else ("Z", "z", "+00:00", "-00:00"))


def _redact(session, copied):
    redacted = copied(session)
    for participant in redacted.get("Participants", []):
        participant.pop("PhoneNumber", None)
    return redacted


def _check_redact(version, session):
    given = copy.deepcopy(session)
    assert not _phone_numbers(version(given))
    assert given == session


def _label_correct(name):
    text = name.encode("utf-8", "surrogatepass")
    end = min(len(text), 64)
    while end < len(text) and text[end] & 0xC0 == 0x80:
        end -= 1
    return text[:end].decode("utf-8", "surrogatepass")


def _label_faulty(name):
    text = name.encode("utf-8", "surrogatepass")
    return text[:64].decode("utf-8", "replace") if len(text) > 64 else name


def _check_label(label, name):
    assert name.startswith(label)
    assert len(label.encode("utf-8", "surrogatepass")) <= 64
    assert label == name or len(name[: len(label) + 1].encode("utf-8", "surrogatepass")) > 64


# One invalid session, or any other JSON value.


def _is_phone_number(value, *, accepts=str.isascii):
    digits = value.removeprefix("+") if isinstance(value, str) else ""
    return digits.isdigit() and accepts(digits) and 2 <= len(digits) <= 15 and digits[0] != "0"


def _is_participant(value):
    members = ("PhoneNumber", "ProxyPhoneNumber")
    return isinstance(value, dict) and all(_is_phone_number(value[each]) for each in members if each in value)


def _accepts_participants(session, chosen):
    participants = session.get("Participants", []) if isinstance(session, dict) else None
    return isinstance(participants, list) and all(_is_participant(each) for each in participants[chosen])


def _expected_participants(session):
    participants = session.get("Participants", []) if isinstance(session, dict) else None
    if not isinstance(participants, list) or not all(isinstance(each, dict) for each in participants):
        return False
    members = {"PhoneNumber", "ProxyPhoneNumber"}
    numbers = [value for each in participants for member, value in each.items() if member in members]
    return all(isinstance(each, str) and PHONE_NUMBER.fullmatch(each) for each in numbers)


def _dialable(session, accepts):
    """The participants' own numbers that can be dialled; everything else is skipped."""
    participants = session.get("Participants") if isinstance(session, dict) else None
    entries = participants if isinstance(participants, list) else []
    numbers = [each.get("PhoneNumber") for each in entries if isinstance(each, dict)]
    return [each for each in numbers if accepts(each)]


def _read_area(session):
    if not isinstance(session, dict):
        raise ValueError("the session is not an object")
    area_code = session.get("GeoMatchParams", {}).get("AreaCode", "")
    if not isinstance(area_code, str):
        raise ValueError("AreaCode is not a string")
    return area_code


def _read_checked_area(session):
    if isinstance(session, dict) and not isinstance(session.get("GeoMatchParams", {}), dict):
        raise ValueError("GeoMatchParams is not an object")
    return _read_area(session)


def _check_read_area(version, session):
    try:
        found = version(session)
    except ValueError:
        found = None
    params = session.get("GeoMatchParams", {}) if isinstance(session, dict) else None
    area_code = params.get("AreaCode", "") if isinstance(params, dict) else None
    assert found == (area_code if isinstance(area_code, str) else None)


def _unknown_words(session, collect):
    """The members that hold a value outside their enum."""
    present = ENUMS.keys() & session.keys() if isinstance(session, dict) else ()
    return {member for member in present if session[member] not in collect(ENUMS[member])}


def _expected_unknown_words(session):
    pairs = session.items() if isinstance(session, dict) else ()
    return {member for member, value in pairs if all(value != word for word in ENUMS.get(member, [value]))}


def _is_date_time_correct(value):
    match = DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    try:
        day = match and _day_number(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return False
    if day is None or match[4] > "23" or match[5] > "59" or match[6] > "60":
        return False
    return match[8] in "Zz" or (match[8][1:3] <= "23" and match[8][4:] <= "59")


def _is_date_time_faulty(value):
    try:
        return isinstance(value, str) and datetime.fromisoformat(value.upper()) is not None
    except ValueError:
        return False


def _date_times(session, accepts):
    members = TIMESTAMPS if isinstance(session, dict) else ()
    return {member: accepts(session[member]) for member in members if member in session}


def _check_date_times(version, session):
    found = version(session)
    assert set(found) == (set(TIMESTAMPS) & set(session) if isinstance(session, dict) else set())
    for member, accepted in found.items():
        value = session[member]
        # Readers differ on a leap second, the year 0 and a space for T. The oracle accepts a final newline.
        if not isinstance(value, str) or not re.search(r":60|^0000|\s", value):
            assert accepted == (isinstance(value, str) and FormatChecker(["date-time"]).conforms(value, "date-time"))


# A list of valid sessions.


def _created(session):
    return _instant(session["CreatedTimestamp"]) if "CreatedTimestamp" in session else Fraction(-(10**12))


def _download(sessions, cursor):
    """All sessions in order of creation, in pages of two that begin after the last cursor."""
    ordered = sorted(enumerate(sessions), key=lambda entry: (_created(entry[1]), entry[0]))
    page, received = ordered[:2], []
    while page:
        received += [session for _, session in page]
        page = [entry for entry in ordered if cursor(entry) > cursor(page[-1])][:2]
    return received


def _canonical(sessions):
    return sorted(json.dumps(session, sort_keys=True) for session in sessions)


def _check_download(version, sessions):
    received = version(sessions)
    assert _canonical(received) == _canonical(sessions)
    assert all(_created(before) <= _created(after) for before, after in itertools.pairwise(received))


def _status(session):
    return session.get("Status", "Unknown")


def _count(sessions):
    return {status: sum(1 for _ in group) for status, group in itertools.groupby(sessions, key=_status)}


def _unique(sessions, key):
    first = {}
    for index, session in enumerate(sessions):
        first.setdefault(key(index, session), session)
    return list(first.values())


def _check_unique(version, sessions):
    kept = version(sessions)
    ids = [session["ProxySessionId"] for session in kept if "ProxySessionId" in session]
    assert len(ids) == len(set(ids))
    assert set(ids) == {session["ProxySessionId"] for session in sessions if "ProxySessionId" in session}
    assert len(kept) - len(ids) == sum("ProxySessionId" not in session for session in sessions)


def _write_csv(sessions, columns):
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["row", *(json.dumps(column) for column in columns)])
    for row, session in enumerate(sessions):
        writer.writerow([row, *(json.dumps(session[each]) if each in session else "" for each in columns)])
    return file.getvalue()


def _check_csv(version, sessions):
    rows = list(csv.DictReader(io.StringIO(version(sessions), newline="")))
    assert [int(row.pop("row")) for row in rows] == list(range(len(sessions)))
    assert [{json.loads(key): json.loads(cell) for key, cell in row.items() if cell} for row in rows] == sessions


def _active_faulty(sessions):
    active = list(sessions)
    for session in active:
        if session.get("Status") == "Closed":
            active.remove(session)
    return active


def _check_active(version, sessions):
    active = version(sessions)
    closed = [session for session in sessions if session.get("Status") == "Closed"]
    assert all(session.get("Status") != "Closed" for session in active)
    assert _canonical(active + closed) == _canonical(sessions)


CONSUMERS: tuple[Consumer, ...] = (
    Consumer(
        "NDJSON is split with str.splitlines, also at U+2028",
        "valid",
        equals(lambda session: [session]),
        lambda session: _read_journal(session, lambda text: text.split("\n")),
        lambda session: _read_journal(session, str.splitlines),
    ),
    _on_members(
        "duration is read from timedelta.seconds, which omits whole days",
        ("CreatedTimestamp", "EndedTimestamp"),
        _check_whole_minutes,
        lambda created, ended: _duration(created, ended) // timedelta(minutes=1),
        lambda created, ended: _duration(created, ended).seconds // 60,
    ),
    _on_members(
        "cache lifetime is computed with a float factor",
        ("ExpiryMinutes",),
        _check_milliseconds,
        lambda minutes: int(minutes) * 60_000,
        lambda minutes: int(minutes * 6e4),
    ),
    _on_members(
        "quote() leaves the slash of an id in a URL path",
        ("VoiceConnectorId", "ProxySessionId"),
        _check_path,
        lambda *ids: _path(*ids, safe=""),
        _path,
    ),
    _on_members(
        "quotes are not escaped in an HTML attribute",
        ("Name",),
        _check_cell,
        lambda name: f'<td title="{html.escape(name)}">',
        lambda name: f'<td title="{html.escape(name, quote=False)}">',
    ),
    _on_members(
        "ISO week is labelled with the calendar year",
        ("CreatedTimestamp",),
        _check_week,
        lambda created: "{:04}-W{:02}".format(*_iso_week(created)),
        lambda created: f"{created[:4]}-W{_iso_week(created)[1]:02}",
    ),
    Consumer(
        "country code 1 is removed with lstrip, with every 1 that follows",
        "valid",
        equals(lambda session: [re.findall(r"^\+?(1?)(.+)", each)[0] for each in _phone_numbers(session)]),
        lambda session: _split_code(session, lambda digits: digits.removeprefix("1")),
        lambda session: _split_code(session, lambda digits: digits.lstrip("1")),
    ),
    Consumer(
        "sign of a negative offset is not applied to its minutes",
        "valid",
        _check_offsets,
        lambda session: _offsets(session, lambda zone: int(zone[:3]) * 60 + int(zone[0] + zone[4:])),
        lambda session: _offsets(session, lambda zone: int(zone[:3]) * 60 + int(zone[4:])),
    ),
    Consumer(
        "redaction edits a shallow copy of the caller's session",
        "valid",
        _check_redact,
        lambda session: _redact(session, copy.deepcopy),
        lambda session: _redact(session, copy.copy),
    ),
    _on_members("name is cut inside a UTF-8 sequence", ("Name",), _check_label, _label_correct, _label_faulty),
    Consumer(
        "only the first participant is validated",
        "invalid",
        equals(_expected_participants),
        lambda session: _accepts_participants(session, slice(None)),
        lambda session: _accepts_participants(session, slice(1)),
    ),
    Consumer(
        "isdigit() accepts digits outside ASCII in a phone number",
        "invalid",
        equals(lambda session: _dialable(session, lambda each: isinstance(each, str) and PHONE_NUMBER.fullmatch(each))),
        lambda session: _dialable(session, _is_phone_number),
        lambda session: _dialable(session, lambda each: _is_phone_number(each, accepts=str.isdigit)),
    ),
    Consumer("GeoMatchParams is assumed to be an object", "invalid", _check_read_area, _read_checked_area, _read_area),
    Consumer(
        "enum is looked up in a set, which fails for an array or object",
        "invalid",
        equals(_expected_unknown_words),
        lambda session: _unknown_words(session, tuple),
        lambda session: _unknown_words(session, frozenset),
    ),
    Consumer(
        "fromisoformat() accepts more of ISO 8601 than RFC 3339 allows",
        "invalid",
        _check_date_times,
        lambda session: _date_times(session, _is_date_time_correct),
        lambda session: _date_times(session, _is_date_time_faulty),
    ),
    Consumer(
        "cursor of the last timestamp skips sessions with an equal one",
        "lists",
        _check_download,
        lambda sessions: _download(sessions, lambda entry: (_created(entry[1]), entry[0])),
        lambda sessions: _download(sessions, lambda entry: _created(entry[1])),
    ),
    Consumer(
        "groupby() counts sessions that are not sorted by status",
        "lists",
        equals(lambda sessions: dict(Counter(map(_status, sessions)))),
        lambda sessions: _count(sorted(sessions, key=_status)),
        _count,
    ),
    Consumer(
        "sessions without an id are duplicates of each other",
        "lists",
        _check_unique,
        lambda sessions: _unique(sessions, lambda index, each: each.get("ProxySessionId", index)),
        lambda sessions: _unique(sessions, lambda index, each: each.get("ProxySessionId")),
    ),
    Consumer(
        "CSV columns are those of the first session",
        "lists",
        _check_csv,
        lambda sessions: _write_csv(sessions, dict.fromkeys(itertools.chain.from_iterable(sessions))),
        lambda sessions: _write_csv(sessions, next(iter(sessions), {})),
    ),
    Consumer(
        "closed sessions are removed from the list during iteration",
        "lists",
        _check_active,
        lambda sessions: [session for session in sessions if session.get("Status") != "Closed"],
        _active_faulty,
    ),
)
