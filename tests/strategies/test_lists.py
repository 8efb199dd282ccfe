import functools
import itertools
import random
import unicodedata

import pytest
from hypothesis import find, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.representations import parse_rfc3339
from chime_fixtures.strategies import proxy_session_lists
from tests.support.consumers.timestamps import instant
from tests.support.drawing import drawn, validator_of
from tests.support.sizes import IS_NIGHTLY, ONLY_NIGHTLY, sample

SESSION = load_contract("ProxySession")


def numbers(session):
    return [person.get("PhoneNumber") for person in session.get("Participants", ())]


def both(one, other, name):
    return name in one and name in other


def instants(one, other, name):
    return parse_rfc3339(one.get(name)), parse_rfc3339(other.get(name))


def is_near(one, other):
    early, late = instants(one, other, "CreatedTimestamp")
    if early is None or late is None or one["CreatedTimestamp"] == other["CreatedTimestamp"]:
        return False
    return abs((early - late).total_seconds()) <= 1


def is_later(one, other):
    before, after = instants(one, other, "UpdatedTimestamp")
    is_one = both(one, other, "ProxySessionId") and one["ProxySessionId"] == other["ProxySessionId"]
    return is_one and before is not None and after is not None and before < after


def have_similar_texts(one, other, convert):
    return any(
        both(one, other, name) and one[name] != other[name] and convert(one[name]) == convert(other[name])
        for name in ("Name", "ProxySessionId", "VoiceConnectorId")
    )


def is_stale(sessions):
    """True if a snapshot comes after a newer one of the same session."""
    return any(is_later(other, one) for one, other in itertools.combinations(sessions, 2))


RELATIONS = {
    "equal names": lambda one, other: both(one, other, "Name") and one["Name"] == other["Name"] and one != other,
    "one id, updated later": is_later,
    "near instants, written otherwise": is_near,
    "other order of text than of time": lambda one, other: (
        is_near(one, other)
        and (one["CreatedTimestamp"] < other["CreatedTimestamp"])
        != (parse_rfc3339(one["CreatedTimestamp"]) < parse_rfc3339(other["CreatedTimestamp"]))
    ),
    "one pair in both orders": lambda one, other: (
        len(set(numbers(one))) == 2 and None not in numbers(one) and numbers(one) == numbers(other)[::-1]
    ),
    "one number with and without plus": lambda one, other: any(
        number and f"+{number}" in numbers(other) for number in numbers(one)
    ),
    "a status and none": lambda one, other: "Status" in one and "Status" not in other,
    "one id in two connectors": lambda one, other: (
        both(one, other, "ProxySessionId")
        and both(one, other, "VoiceConnectorId")
        and one["ProxySessionId"] == other["ProxySessionId"]
        and one["VoiceConnectorId"] != other["VoiceConnectorId"]
    ),
    "names or ids equal without regard to case": lambda one, other: have_similar_texts(one, other, str.casefold),
    "names or ids equal in a normal form": lambda one, other: have_similar_texts(
        one, other, lambda text: unicodedata.normalize("NFKC", text)
    ),
    "names or ids equal without blanks": lambda one, other: have_similar_texts(one, other, str.strip),
    "keys equal when joined": lambda one, other: any(
        one.keys() & other.keys() >= {first, second}
        and one[first] != other[first]
        and separator.join((one[first], one[second])) == separator.join((other[first], other[second]))
        for first, second in (("VoiceConnectorId", "ProxySessionId"), ("Name", "ProxySessionId"))
        for separator in ":-_/|,.# \t"
    ),
    "a session that ends when another is created": lambda one, other: (
        "EndedTimestamp" in one
        and "CreatedTimestamp" in other
        and instant(one["EndedTimestamp"]) == instant(other["CreatedTimestamp"])
    ),
    "equal sessions": lambda one, other: bool(one) and one == other,
}


def has(relation, sessions):
    return any(relation(one, other) for one, other in itertools.permutations(sessions, 2))


@functools.cache
def first_lists(number):
    """The first 120 lists of a seed."""
    return drawn(proxy_session_lists(), 120, number)


@pytest.mark.slow
def test_every_session_of_a_list_is_valid():
    """Both validators accept related sessions, whose members are in the schema's order."""
    first, second = validator_of(SESSION), Draft202012Validator(SESSION.schema, format_checker=FormatChecker())
    sessions = list(itertools.chain.from_iterable(first_lists(0)[:60]))
    assert len(sessions) > 60
    assert all(first.is_valid(session) and second.is_valid(session) for session in sessions)
    order = list(SESSION.schema["properties"])
    assert all(list(session) == sorted(session, key=order.index) for session in sessions)


@pytest.mark.slow
def test_every_relation_is_drawn_within_120_lists():
    """For each seed, two sessions of one of the first 120 lists have the relation; by day, for one seed."""
    for number in range(2 if IS_NIGHTLY else 1):
        lists = first_lists(number)
        missing = [name for name, relation in RELATIONS.items() if not any(has(relation, each) for each in lists)]
        assert missing == []
        assert any(map(is_stale, lists))


@ONLY_NIGHTLY
@pytest.mark.slow
def test_a_failure_on_two_timestamps_shrinks_to_two_sessions():
    """A list with near timestamps shrinks to the pair that has them, with few other members."""
    smallest = find(
        proxy_session_lists(max_size=3),
        lambda sessions: has(is_near, sessions),
        random=random.Random(1),
        settings=settings(max_examples=500, database=None, deadline=None),
    )
    assert sum("CreatedTimestamp" in session for session in smallest) == 2
    assert sum(map(len, smallest)) <= 6


def is_case_only(one, other):
    return both(one, other, "Name") and one["Name"] != other["Name"] and one["Name"].lower() == other["Name"].lower()


@pytest.mark.slow
@pytest.mark.parametrize("number", sample([3, 1], 1))
def test_a_failure_on_similar_names_shrinks_to_two_sessions(number):
    """A list with names that differ by case only shrinks to two names of one letter."""
    smallest = find(
        proxy_session_lists(max_size=2),
        lambda sessions: has(is_case_only, sessions),
        random=random.Random(number),
        settings=settings(max_examples=1000, database=None, deadline=None),
    )
    names = {session["Name"] for session in smallest}
    assert (len(names), [len(name) for name in names]) == (2, [1, 1])
    assert sum(map(len, smallest)) <= 3


@pytest.mark.slow
def test_some_lists_are_sorted_and_some_are_reversed():
    """Lists with three or more timestamps are drawn in both orders, and in neither."""

    def order(sessions):
        made = [parse_rfc3339(session["CreatedTimestamp"]) for session in sessions if "CreatedTimestamp" in session]
        if len(set(made)) < 3:
            return None
        return "up" if made == sorted(made) else "down" if made == sorted(made, reverse=True) else "mixed"

    lists = drawn(proxy_session_lists(min_size=5, max_size=7), 100 if IS_NIGHTLY else 50)
    assert {"up", "down", "mixed"} <= set(map(order, lists))


def test_sizes_and_forms_are_used():
    """A list has the given number of sessions, with datetimes in boto3's form."""
    lists = drawn(proxy_session_lists(min_size=2, max_size=3, form="boto3"), 40)
    assert {len(sessions) for sessions in lists} == {2, 3}
    stamps = [value for sessions in lists for each in sessions for name, value in each.items() if name[-5:] == "stamp"]
    assert stamps
    assert all(stamp.tzinfo is not None for stamp in stamps)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"min_size": 3, "max_size": 2}, "max_size"), ({"min_size": -1}, "min_size"), ({"form": "json"}, "not 'json'")],
)
def test_an_invalid_argument_is_an_error_at_the_first_draw(arguments, message):
    """The message names the argument, and the repr of the strategy can be pasted."""
    strategy = proxy_session_lists(**arguments)
    assert eval(repr(strategy)) is not strategy
    with pytest.raises(InvalidArgument, match=message):
        drawn(strategy, 1)


def test_lists_compose_with_other_strategies():
    """A list is drawn within another strategy, as the sessions of a page."""
    pages = st.fixed_dictionaries({"ProxySessions": proxy_session_lists(max_size=2)})
    assert find(pages, lambda page: page["ProxySessions"]) == {"ProxySessions": [{}]}
