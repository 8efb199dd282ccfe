"""The two forms of an instance: as the wire carries it, and as boto3 hands it out, with datetimes."""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import replace
from typing import Any, Literal, get_args

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects
from chime_fixtures.engine.violation import Violation

Form = Literal["wire", "boto3"]
FORMS: tuple[str, ...] = get_args(Form)

_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)


def parse_rfc3339(text: Any) -> dt.datetime | None:
    """A timestamp of RFC 3339 as a datetime with the offset that was written; None for what is none.

    A datetime knows neither leap seconds nor the year 0 nor a seventh digit: it gets the nearest that it knows.
    """
    match = _INSTANT.fullmatch(text) if isinstance(text, str) else None
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


def as_boto3(contract: Contract, instance: Any, *, broken: str | None = None) -> Any:
    """The instance with a datetime for each text that the contract calls a date-time; what is no timestamp stays.

    Args:
        contract: what the instance has to be.
        instance: an instance, which is not changed.
        broken: the place of a fault, which stays as it is.
    """
    kept = _way_to(broken)
    for path in _paths(contract):
        instance = _converted(instance, path, kept)
    return instance


def parsed_as_boto3(contract: Contract, instance: Any, *, broken: str | None = None) -> Any:
    """What boto3 hands out of an answer: datetimes, and none of the members that its service model does not name.

    Args:
        contract: what the instance has to be.
        instance: an instance, which is not changed.
        broken: the place of a fault, which stays as it is.
    """
    return as_boto3(contract, _named(contract.root, instance, _way_to(broken)), broken=broken)


def violation_as_boto3(contract: Contract, violation: Violation) -> Violation:
    """The violation in an instance as boto3 would hand it out; the broken value stays what it is."""
    return replace(violation, instance=parsed_as_boto3(contract, violation.instance, broken=violation.pointer))


def _named(node: Node, value: Any, kept: tuple[str, ...] | None) -> Any:
    """The value without members that nobody names; `kept` is what is left of the way to a fault, if it lies in here."""
    if kept == ():
        return value
    if isinstance(value, dict) and (fields := node.branch(Objects)) is not None and fields.properties:
        members = fields.properties
        return {
            name: _named(members[name], part, _on_the_way(kept, name)) if name in members else part
            for name, part in value.items()
            if name in members or (kept is not None and name == kept[0])
        }
    if isinstance(value, list) and (items := node.branch(Arrays)) is not None:
        return [_named(items.at(index), part, _on_the_way(kept, str(index))) for index, part in enumerate(value)]
    return value


def date_times(contract: Contract) -> tuple[str, ...]:
    """Where the date-times of a contract stand, as pointers with `*` for items."""
    return tuple(
        constraint.path
        for constraint in contract.constraints
        if (constraint.keyword, constraint.value) == ("format", "date-time")
    )


@functools.lru_cache(maxsize=64)
def _paths(contract: Contract) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(json_pointer.split(pointer)) for pointer in date_times(contract))


def _converted(value: Any, path: tuple[str, ...], kept: tuple[str, ...] | None) -> Any:
    """The value with the texts at a path converted; `kept` is what is left of the way to a fault that lies in here."""
    if not path:
        return value if kept == () else parse_rfc3339(value) or value
    head, rest = path[0], path[1:]
    if isinstance(value, dict):
        names = list(value) if head == "*" else [head] if head in value else []
        changed = {name: _converted(value[name], rest, _on_the_way(kept, name)) for name in names}
        return {**value, **changed} if changed else value
    if isinstance(value, list) and (head == "*" or head.isdigit()):
        return [
            _converted(item, rest, _on_the_way(kept, str(index))) if head in ("*", str(index)) else item
            for index, item in enumerate(value)
        ]
    return value


def _on_the_way(kept: tuple[str, ...] | None, token: str) -> tuple[str, ...] | None:
    """What is left of the way to a fault behind one step; None where it leads elsewhere, or is at its end."""
    return kept[1:] if kept and kept[0] == token else None


def _way_to(broken: str | None) -> tuple[str, ...] | None:
    return None if broken is None else tuple(json_pointer.split(broken))
