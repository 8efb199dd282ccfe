"""Required and overridden members of a drawn session."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from chime_fixtures.chime.representations import date_times
from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, InvalidOptionError, NoValueError, did_you_mean
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.sessions.overrides import wire_text

Required = Literal["all"] | Collection[str]
"""The members that are always present, by name or by JSON Pointer."""

SESSION = "ProxySession"

MAX_REQUIRED_INDEX = 1000
"""The maximum index of a required item."""

_REQUIRED_URI = "urn:chime-fixtures:required"
_ITEM = "*"
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")


def contract_requiring(contract: Contract, required: Required) -> Contract:
    """The contract with further required members, so that values are constructed with them.

    Args:
        contract: a contract of objects, at the root of its document.
        required: ``"all"`` for every member that the contract lists, at any depth; else names of members and JSON
            Pointers, in which ``*`` stands for each item of a list. A pointer also requires the members above it.

    Raises:
        InvalidArgument: the contract has no such member, or no instance has all of them.
    """
    if required == "all":
        pointers = tuple(_listed_pointers(contract.root, "", ()))
    elif isinstance(required, str) or not isinstance(required, Collection):
        example = "['Name', '/Participants/*/PhoneNumber']"
        raise InvalidArgument(f"required must be 'all' or a list of members such as {example}, not {required!r}")
    else:
        pointers = tuple(each if each.startswith("/") else json_pointer.join([each]) for each in map(_name, required))
    if not pointers:
        return contract
    try:
        return _contract_requiring(contract, pointers)
    except NoValueError as error:
        raise InvalidArgument(f"required: {error}") from error


@functools.lru_cache(maxsize=64)
def _contract_requiring(contract: Contract, pointers: tuple[str, ...]) -> Contract:
    schemas = [_presence(contract, contract.root, pointer, json_pointer.split(pointer)) for pointer in pointers]
    document = contract.document
    # By reference: a reference of the contract to itself does not require the members again.
    schema = {"allOf": [{"$ref": document.uri}, *schemas]}
    required = SchemaDocument(schema, others=document.by_uri, uri=_REQUIRED_URI, options=document.options)
    return Contract(required, name=contract.name)


def _presence(contract: Contract, node: Node, pointer: str, tokens: tuple[str, ...]) -> Any:
    """The schema of the values that have a location below a node."""
    if not tokens:
        return True
    token, rest = tokens[0], tokens[1:]
    objects, arrays = node.branch(Objects), node.branch(Arrays)
    if objects is not None and token in objects.properties:
        below = _presence(contract, objects.properties[token], pointer, rest)
        return {"required": [token], "properties": {token: below}}
    if arrays is not None and token == _ITEM:
        return {"items": _presence(contract, arrays.items, pointer, rest)}
    if arrays is not None and _INDEX.fullmatch(token):
        index = int(token)
        if index > MAX_REQUIRED_INDEX:
            raise InvalidArgument(f"required: the index in {pointer!r} must be at most {MAX_REQUIRED_INDEX}")
        below = _presence(contract, arrays.at(index), pointer, rest)
        return {"minItems": index + 1, "prefixItems": [*[True] * index, below]}
    names = objects.properties if objects is not None else [_ITEM] if arrays is not None else []
    shown = token if pointer == json_pointer.join([token]) else pointer
    raise InvalidArgument(f"required: {contract.name} has no member {shown!r}{did_you_mean(token, names)}")


def _listed_pointers(node: Node, pointer: str, above: tuple[Node, ...]) -> Iterator[str]:
    """The pointer of each member that can have a value, with ``*`` for items; a recursive node is entered once."""
    if node in above:
        return
    objects, arrays = node.branch(Objects), node.branch(Arrays)
    for name, child in objects.properties.items() if objects is not None else ():
        if child.is_satisfiable:
            inner = json_pointer.join([name], base=pointer)
            yield inner
            yield from _listed_pointers(child, inner, (*above, node))
    if arrays is not None:
        yield from _listed_pointers(arrays.items, f"{pointer}/{_ITEM}", (*above, node))


def _name(member: object) -> str:
    if isinstance(member, str):
        return member
    raise InvalidArgument(f"required must have names of members, not {member!r}")


def check_names(contract: Contract, overrides: Mapping[str, Any]) -> None:
    """Raise an error for an override of a member that the contract does not list.

    Raises:
        InvalidArgument: the contract has no such member; the message has the nearest name.
    """
    members = contract.root.require_branch(Objects).properties
    for name in overrides:
        if name not in members:
            hint = did_you_mean(name, members)
            raise InvalidArgument(
                f"overrides: {contract.name} has no member {name!r}{hint}; pass check=False to add it"
            )


def drawn_overrides(draw: st.DrawFn, contract: Contract, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The overridden values, drawn from strategies or copied; a datetime for a timestamp becomes its text.

    Raises:
        InvalidArgument: a datetime has no time zone.
    """
    timestamps = {path.removeprefix("/") for path in date_times(contract)}
    values: dict[str, Any] = {}
    for name, given in overrides.items():
        value = draw(given) if isinstance(given, st.SearchStrategy) else given
        if isinstance(value, dt.datetime) and name in timestamps:
            try:
                value = wire_text(name, value)
            except InvalidOptionError as error:
                raise InvalidArgument(f"overrides: {error}") from error
        values[name] = instances.copy_json(value)
    return values


def check_session(contract: Contract, session: Mapping[str, Any]) -> None:
    """Raise an error for a session that its overrides make invalid.

    Raises:
        InvalidArgument: the session violates the contract; the message has each violation and the remedy.
    """
    try:
        found = [violation.summary for violation in contract.check(session)]
    except InvalidDocumentError as error:
        found = [str(error)]
    if found:
        raise InvalidArgument(f"overrides violate {contract.name}: {'; '.join(found)}; pass check=False to keep them")
