"""The two representations of an instance: ``wire``, which is JSON, and ``boto3``, which has datetimes."""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import replace
from typing import Any, Literal, get_args

from chime_fixtures.chime.conventions import in_utc, timestamp
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects
from chime_fixtures.engine.violation import Violation

Form = Literal["wire", "boto3"]
FORMS: tuple[str, ...] = get_args(Form)

_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)


def parse_rfc3339(text: Any) -> dt.datetime | None:
    """A timestamp of RFC 3339 as a datetime with the same offset; None for any other value.

    A leap second, the year 0 and a seventh digit become the nearest instant that a datetime can have.
    """
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    fraction, sign, hours, minutes = match.groups()[6:]
    offset = dt.timedelta(hours=int(hours), minutes=int(minutes)) if sign else dt.timedelta()
    try:
        return dt.datetime(
            max(year, 1),
            month,
            day,
            hour,
            minute,
            min(second, 59),
            int((fraction or "0")[:6].ljust(6, "0")),
            tzinfo=dt.timezone(-offset if sign == "-" else offset),
        )
    except ValueError:
        return None


def as_boto3(contract: Contract, instance: Any, *, unchanged: str | None = None) -> Any:
    """The instance with a datetime for each text whose format is date-time; an invalid timestamp stays text.

    Args:
        contract: the contract of the instance.
        instance: an instance, which is not changed.
        unchanged: the pointer of an invalid value, which is not converted.
    """
    tokens = _tokens(unchanged)
    for path in _date_time_paths(contract):
        instance = _with_datetimes(instance, path, tokens)
    return instance


def as_wire(instance: Any) -> Any:
    """A copy of an instance in either representation, with the text of RFC 3339 for each datetime.

    The text has milliseconds, as the service writes it, or microseconds if the datetime has them.

    Raises:
        InvalidOptionError: a datetime has no time zone.
    """
    if isinstance(instance, dict):
        return {name: as_wire(value) for name, value in instance.items()}
    if isinstance(instance, (list, tuple)):
        return [as_wire(value) for value in instance]
    if not isinstance(instance, dt.datetime):
        return instance
    if instance.tzinfo is None:
        raise InvalidOptionError(f"{instance!r} has no time zone; add one, such as tzinfo=datetime.UTC")
    if instance.microsecond % 1000:
        return in_utc(instance).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return timestamp(instance)


def parsed_as_boto3(contract: Contract, instance: Any, *, unchanged: str | None = None) -> Any:
    """The instance as boto3 returns it from a response: with datetimes, and without members unknown to its model.

    Args:
        contract: the contract of the instance.
        instance: an instance, which is not changed.
        unchanged: the pointer of an invalid value, which is not converted.
    """
    named = without_unknown_members(contract, instance, unchanged=unchanged)
    return as_boto3(contract, named, unchanged=unchanged)


def without_unknown_members(contract: Contract, instance: Any, *, unchanged: str | None = None) -> Any:
    """The instance without the members that botocore drops: those that the contract does not have.

    Args:
        contract: the contract of the instance.
        instance: an instance, which is not changed.
        unchanged: the pointer of an invalid value, which stays.
    """
    return _without_unknown_members(contract.root, instance, _tokens(unchanged))


def violation_as_boto3(contract: Contract, violation: Violation) -> Violation:
    """The violation in an instance as boto3 returns it; the invalid value stays unchanged."""
    return replace(violation, instance=parsed_as_boto3(contract, violation.instance, unchanged=violation.pointer))


def _without_unknown_members(node: Node, value: Any, unchanged: tuple[str, ...] | None) -> Any:
    """The value without members that the contract does not have.

    `unchanged` has the remaining tokens of the invalid value's pointer, or is None if it is not below this value.
    """
    if unchanged == ():
        return value
    if isinstance(value, dict) and (branch := node.branch(Objects)) is not None and branch.properties:
        members = branch.properties
        return {
            name: _without_unknown_members(members[name], each, _below(unchanged, name)) if name in members else each
            for name, each in value.items()
            if name in members or (unchanged is not None and name == unchanged[0])
        }
    if isinstance(value, list) and (items := node.branch(Arrays)) is not None:
        return [
            _without_unknown_members(items.at(index), each, _below(unchanged, str(index)))
            for index, each in enumerate(value)
        ]
    return value


def date_times(contract: Contract) -> tuple[str, ...]:
    """The pointers of all values with the format date-time, with ``*`` for the items of a list."""
    return tuple(
        constraint.path
        for constraint in contract.constraints
        if (constraint.keyword, constraint.value) == ("format", "date-time")
    )


@functools.lru_cache(maxsize=64)
def _date_time_paths(contract: Contract) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(json_pointer.split(pointer)) for pointer in date_times(contract))


def _with_datetimes(value: Any, path: tuple[str, ...], unchanged: tuple[str, ...] | None) -> Any:
    """The value with datetimes at a path; `unchanged` is as for `_without_unknown_members`."""
    if not path:
        return value if unchanged == () else parse_rfc3339(value) or value
    head, rest = path[0], path[1:]
    if isinstance(value, dict):
        names = list(value) if head == "*" else [head] if head in value else []
        converted = {name: _with_datetimes(value[name], rest, _below(unchanged, name)) for name in names}
        return {**value, **converted} if converted else value
    if isinstance(value, list) and (head == "*" or head.isdigit()):
        return [
            _with_datetimes(item, rest, _below(unchanged, str(index))) if head in ("*", str(index)) else item
            for index, item in enumerate(value)
        ]
    return value


def _below(unchanged: tuple[str, ...] | None, token: str) -> tuple[str, ...] | None:
    """The tokens after the first one; None if `unchanged` is None or empty, or begins with another token."""
    return unchanged[1:] if unchanged and unchanged[0] == token else None


def _tokens(pointer: str | None) -> tuple[str, ...] | None:
    return None if pointer is None else tuple(json_pointer.split(pointer))
