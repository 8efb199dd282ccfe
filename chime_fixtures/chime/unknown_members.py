"""Members that a contract does not name, and records that have no other: usually a value of something else."""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from chime_fixtures.chime.contracts import contract_names, load_contract
from chime_fixtures.chime.operations import operations
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects

MAX_WRAPPER_DEPTH = 3
"""Levels below a record at which an instance of the contract is searched."""

MAX_SHOWN_NAMES = 3
_BOTO3_METADATA = "ResponseMetadata"


class UnknownMember(NamedTuple):
    """A member that the contract does not name: its pointer, and the nearest known name or None."""

    pointer: str
    nearest: str | None

    def __str__(self) -> str:
        hint = f"; did you mean {self.nearest!r}?" if self.nearest is not None else ""
        return f"unknown member{hint}"


class MemberNames:
    """The members that a contract names.

    Args:
        contract: the contract.
        find_others: returns other contracts that a record may satisfy, by the options that select them; called once,
            when a record has no member of the contract.
    """

    def __init__(self, contract: Contract, find_others: Callable[[], Mapping[str, Contract]] = dict) -> None:
        self._contract = contract
        self._find_others = functools.cache(find_others)
        branches = _objects([contract.root])
        self._names = frozenset(name for branch in branches for name in branch.properties)
        # Without names, or with a schema for other names, each member is known or may be.
        self._is_open = not self._names or any(_names_by_rule(branch) for branch in branches)

    def has_none_in(self, record: Any) -> bool:
        """True if a record is an object with members, none of which the contract names."""
        return type(record) is dict and bool(record) and not self._is_open and self._names.isdisjoint(record)

    def unknown(self, record: Any) -> Iterator[UnknownMember]:
        """The members of a record that the contract does not name, at any depth.

        Members that a pattern or a schema for other names allows, or that the contract forbids, are not among them.
        """
        yield from _unknown([self._contract.root], record, ())

    def describe(self, record: Mapping[str, Any]) -> str:
        """A sentence about a record for which `has_none_in` is True: a value that it looks like, and the remedy."""
        subject = f"has no member of {self._contract.name}"
        for likeness in (self._spelling, self._other_contract, self._wrapper, self._boto3):
            found = likeness(record)
            if found is not None:
                return f"{subject}; {found}"
        return f"{subject}; its members are {_quoted(record)}"

    def _spelling(self, record: Mapping[str, Any]) -> str | None:
        """Members that differ from the contract's in capitals, underscores or hyphens."""
        known = {_plain(name): name for name in self._names}
        pairs = [f"{name!r} instead of {known[_plain(name)]!r}" for name in record if _plain(name) in known]
        return f"names are spelt differently, as {pairs[0]}; rename them" if pairs else None

    def _other_contract(self, record: Mapping[str, Any]) -> str | None:
        """A body of an operation, or another bundled contract; boto3 adds one member to a response."""
        names = record.keys() - {_BOTO3_METADATA}
        fitting = [
            options
            for options, contract in self._find_others().items()
            if names and names <= {name for branch in _objects([contract.root]) for name in branch.properties}
        ]
        if not fitting:
            return None
        also = f" (the first of {len(fitting)} with these members)" if len(fitting) > 1 else ""
        if _BOTO3_METADATA in record:
            return f"it looks like a response of boto3: remove {_BOTO3_METADATA}, and pass {fitting[0]}{also}"
        return f"it looks like another contract: pass {fitting[0]}{also}"

    def _wrapper(self, record: Mapping[str, Any]) -> str | None:
        """A value below the record that has members of the contract."""
        for pointer, value, is_text in _below(record, "", MAX_WRAPPER_DEPTH):
            known = [name for name in value if name in self._names]
            if 2 * len(known) >= len(value) > 0:
                form = "text with JSON" if is_text else "a value"
                return f"{pointer} is {form} that has them, as {_quoted(known)}; validate that value"
        return None

    @staticmethod
    def _boto3(record: Mapping[str, Any]) -> str | None:
        if _BOTO3_METADATA not in record:
            return None
        return f"it looks like a response of boto3 to another operation, with {_quoted(record)}"


def _objects(nodes: Iterable[Node]) -> list[Objects]:
    return [branch for node in nodes for branch in node.satisfiable_branches if isinstance(branch, Objects)]


def _names_by_rule(branch: Objects) -> bool:
    """True if names that are not listed have a pattern or a schema."""
    return any(
        family.node.is_satisfiable and (family.names is not None or family.node.assertions)
        for family in branch.families
    )


def _unknown(nodes: list[Node], value: Any, path: tuple[str, ...]) -> Iterator[UnknownMember]:
    if isinstance(value, list):
        arrays = [each for node in nodes for each in node.satisfiable_branches if isinstance(each, Arrays)]
        for index, item in enumerate(value if arrays else ()):
            yield from _unknown([branch.at(index) for branch in arrays], item, (*path, str(index)))
    elif isinstance(value, dict) and (branches := _objects(nodes)):
        names = {name for branch in branches for name in branch.properties}
        has_others = any(family.node.is_satisfiable for branch in branches for family in branch.families)
        # Other names have a schema, or are violations.
        is_decided = not names or not has_others or any(map(_names_by_rule, branches))
        for name, member in value.items():
            children = [branch.properties[name] for branch in branches if name in branch.properties]
            if children:
                yield from _unknown(children, member, (*path, name))
            elif not is_decided:
                yield UnknownMember(json_pointer.join([*path, name]), _nearest(name, names))


def _nearest(name: str, names: Iterable[str]) -> str | None:
    known = {_plain(each): each for each in names}
    near = difflib.get_close_matches(_plain(name), known, n=1)
    return known[near[0]] if near else None


def _plain(name: str) -> str:
    """A name without the differences between spellings: created_timestamp, createdTimestamp, Created-Timestamp."""
    return name.replace("_", "").replace("-", "").replace(" ", "").casefold()


def _below(value: Any, path: str, depth: int) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """The objects below a value, outer ones first, with their pointer, and True for those in a text."""
    parts: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value[:1])
    children: list[tuple[str, Any]] = []
    for token, part in parts:
        pointer = path + json_pointer.join([str(token)])
        inner, is_text = _parsed(part)
        if isinstance(inner, dict):
            yield pointer, inner, is_text
        children.append((pointer, inner))
    for pointer, inner in children if depth > 1 else ():
        yield from _below(inner, pointer, depth - 1)


def _parsed(value: Any) -> tuple[Any, bool]:
    """The object of a text of JSON, as in the body of a proxied request; any other value unchanged."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            return json.loads(value), True
        except ValueError:
            pass
    return value, False


def _quoted(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - MAX_SHOWN_NAMES} more" if len(listed) > MAX_SHOWN_NAMES else ""
    return ", ".join(map(repr, listed[:MAX_SHOWN_NAMES])) + more


def bundled_contracts() -> dict[str, Contract]:
    """The bundled contracts of objects, by the options of `validate` that select them."""
    known = {operation.name for operation in operations()}
    found: dict[str, Contract] = {}
    for name in contract_names():
        operation, _, part = name.rpartition(".")
        options = f"--operation {operation} --part {part}" if operation in known else f"--contract {name}"
        contract = load_contract(name)
        if _objects([contract.root]):
            found[options] = contract
    return found
