"""The edges that valid sessions reach, and a program that counts the seeds for which they do.

It is a program because Hypothesis also draws from the constants of the loaded modules: in a separate process they are
the same each time.
"""

import json
import re
from collections import Counter

from hypothesis import Phase, given, seed, settings

from chime_fixtures import proxy_sessions
from chime_fixtures.chime.contracts import load_contract
from tests.support.sizes import IS_NIGHTLY

MEMBERS = tuple(load_contract("ProxySession").schema["properties"])
SEEDS = range(20 if IS_NIGHTLY else 3)


def any_text(test):
    return lambda session: any(
        test(session[each]) for each in ("Name", "VoiceConnectorId", "ProxySessionId") if each in session
    )


def name(test):
    return lambda session: "Name" in session and test(session["Name"])


def any_id(test):
    return lambda session: any(
        test(session[each]) for each in ("VoiceConnectorId", "ProxySessionId") if each in session
    )


def any_stamp(pattern):
    found = re.compile(pattern).search
    return lambda session: any(found(text) for each, text in session.items() if each.endswith("Timestamp"))


def any_phone(pattern):
    found = re.compile(pattern).fullmatch
    numbers = ("PhoneNumber", "ProxyPhoneNumber")
    return lambda session: any(
        found(person[each]) for person in session.get("Participants", ()) for each in numbers if each in person
    )


def minutes(test):
    return lambda session: "ExpiryMinutes" in session and test(session["ExpiryMinutes"])


def listed(member, test):
    return lambda session: member in session and test(session[member])


def geo(test):
    return lambda session: "GeoMatchParams" in session and test(session["GeoMatchParams"])


def size(text, encoding):
    return len(text.encode(encoding))


SINGLE = {
    **{f"{each} absent": lambda session, each=each: each not in session for each in MEMBERS},
    "all absent": lambda session: session == {},
    "Name of 0": name(lambda text: text == ""),
    "Name of 128": name(lambda text: len(text) == 128),
    "Name astral": name(lambda text: max(text, default="") > "\uffff"),
    "Name combining": name(lambda text: "\u0301" in text),
    "Name from right to left": name(lambda text: "\u05d0" in text or "\u202e" in text),
    **{
        f"Name with {mark!r}": name(lambda text, mark=mark: mark in text)
        for mark in ('"', "'", ",", "\n", "\t", "<", "\0")
    },
    **{f"text from {mark!r}": any_text(lambda text, mark=mark: text.startswith(mark)) for mark in "=+-@ "},
    **{f"id with {mark!r}": any_id(lambda text, mark=mark: mark in text) for mark in ("/", "%", "..", "\\")},
    "id with a leading zero": any_id(lambda text: re.match("0[0-9]", text)),
    "id of 1": any_id(lambda text: len(text) == 1),
    "id of 128": any_id(lambda text: len(text) == 128),
    "minutes 1": minutes(lambda number: number == 1),
    "minutes 2**31 - 1": minutes(lambda number: number == 2**31 - 1),
    "minutes 2**31": minutes(lambda number: number == 2**31),
    "minutes 2**53 + 1": minutes(lambda number: number == 2**53 + 1),
    "minutes as 1.0": minutes(lambda number: isinstance(number, float)),
    **{
        f"{size} capabilities": listed("Capabilities", lambda found, size=size: len(found) == size) for size in range(3)
    },
    "many capabilities": listed("Capabilities", lambda found: len(found) > 3),
    "a duplicate capability": listed("Capabilities", lambda found: len(found) > len(set(found))),
    **{
        f"{size} participants": listed("Participants", lambda found, size=size: len(found) == size) for size in range(3)
    },
    "many participants": listed("Participants", lambda found: len(found) > 3),
    "number of 2": any_phone("[0-9]{2}"),
    "number of 2 with plus": any_phone(r"\+[0-9]{2}"),
    "number of 15": any_phone("[0-9]{15}"),
    "number of 15 with plus": any_phone(r"\+[0-9]{15}"),
    "country empty": geo(lambda found: found["Country"] == ""),
    "area code empty": geo(lambda found: found["AreaCode"] == ""),
    "area code with a leading zero": geo(lambda found: found["AreaCode"].startswith("0")),
    "stamp without fraction": any_stamp(":[0-9]{2}[Z+-]"),
    **{f"fraction of {size}": any_stamp(rf"\.[0-9]{{{size}}}[Z+-]") for size in range(1, 10)},
    "stamp east of UTC": any_stamp(r"\+(?!00:00)"),
    "stamp west of UTC": any_stamp(r"-(?!00:00)[0-9]{2}:[0-9]{2}$"),
    "29 February": any_stamp("-02-29T"),
    "31 December": any_stamp("-12-31T"),
    "beyond 2038-01-19": any_stamp("^2038-01-19T03:14:08"),
    "year 1": any_stamp("^0001-"),
    "year 9999": any_stamp("^9999-"),
    "unknown member": lambda session: not session.keys() <= set(MEMBERS),
}

COMBINED = {
    "all members": lambda session: session.keys() >= set(MEMBERS),
    **{f"{each} alone": lambda session, each=each: session.keys() == {each} for each in MEMBERS},
    **{f"only {each} absent": lambda session, each=each: set(MEMBERS) - session.keys() == {each} for each in MEMBERS},
    "Name of 128 astral": name(lambda text: len(text) == 128 and max(text) > "\uffff"),
    "Name beyond 128 bytes": name(lambda text: size(text, "utf-8") > 128),
    "Name beyond 256 bytes of UTF-16": name(lambda text: size(text, "utf-16-le") > 256),
    "Name with comma and line end": name(lambda text: "," in text and "\n" in text),
    "country and area code empty": geo(lambda found: not any(found.values())),
    "equal stamps": lambda session: (
        "CreatedTimestamp" in session and session["CreatedTimestamp"] == session.get("UpdatedTimestamp")
    ),
    "ended before it began": lambda session: session.get("EndedTimestamp", "a") < session.get("CreatedTimestamp", ""),
    "one of two has a number": listed(
        "Participants", lambda found: len(found) == 2 and sum("PhoneNumber" in person for person in found) == 1
    ),
    "unknown member of a participant": listed(
        "Participants", lambda found: any(person.keys() - {"PhoneNumber", "ProxyPhoneNumber"} for person in found)
    ),
    "two duplicate capabilities": listed("Capabilities", lambda found: found.count("Voice") > 1 < found.count("SMS")),
}


class _AllReached(Exception):
    pass


def reached(edges, number, examples):
    """The edges that the first examples of a seed reach; it stops when these are all."""
    left = dict(edges)

    @seed(number)
    @settings(max_examples=examples, database=None, deadline=None, phases=[Phase.generate])
    @given(proxy_sessions())
    def look(session):
        for edge in [edge for edge, is_there in left.items() if is_there(session)]:
            del left[edge]
        if not left:
            raise _AllReached

    try:
        look()
    except _AllReached:
        pass
    return edges.keys() - left.keys()


if __name__ == "__main__":
    times = Counter(
        edge
        for edges, examples in ((SINGLE, 100), (COMBINED, 500))
        for number in SEEDS
        for edge in reached(edges, number, examples)
    )
    print(json.dumps({edge: times[edge] for edge in SINGLE | COMBINED}))
