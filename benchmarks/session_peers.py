"""The libraries that `generation.py` compares, each as ``sample(count, seed) -> list of sessions``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

from hypothesis import strategies as st
from polyfactory.factories.pydantic_factory import ModelFactory
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints
from schemathesis import GenerationMode, openapi

from benchmarks.examples import examples_of
from chime_fixtures import proxy_sessions

Sample = Callable[[int, int], list[Any]]
MINUTES_A_DAY = 24 * 60


def of_strategy(strategy: st.SearchStrategy[Any]) -> Sample:
    """The examples of a strategy."""
    return functools.partial(examples_of, strategy)


def by_hand(*, tuned: bool) -> st.SearchStrategy[Any]:
    """A strategy written from AWS's API page; tuned, without the two strategies that a profile shows to be slow."""
    identifier = st.text(min_size=1, max_size=128).filter(str.strip)
    stamp = _tuned_stamps() if tuned else _stamps()
    phone = _tuned_phones() if tuned else st.from_regex(r"\+?[1-9][0-9]{1,14}", fullmatch=True)
    country = _fixed("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 2) if tuned else st.from_regex(r"(?:[A-Z]{2})?", fullmatch=True)
    area_code = _fixed("0123456789", 3) if tuned else st.from_regex(r"(?:[0-9]{3})?", fullmatch=True)
    participant = st.fixed_dictionaries({}, optional={"PhoneNumber": phone, "ProxyPhoneNumber": phone})
    members = {
        "VoiceConnectorId": identifier,
        "ProxySessionId": identifier,
        "Name": st.text(max_size=128),
        "Status": st.sampled_from(["Open", "InProgress", "Closed"]),
        "ExpiryMinutes": st.integers(min_value=1),
        "Capabilities": st.lists(st.sampled_from(["Voice", "SMS"])),
        "CreatedTimestamp": stamp,
        "UpdatedTimestamp": stamp,
        "EndedTimestamp": stamp,
        "Participants": st.lists(participant),
        "NumberSelectionBehavior": st.sampled_from(["PreferSticky", "AvoidSticky"]),
        "GeoMatchLevel": st.sampled_from(["Country", "AreaCode"]),
        "GeoMatchParams": st.fixed_dictionaries({"Country": country, "AreaCode": area_code}),
    }
    return st.fixed_dictionaries({}, optional=members)


def _fixed(alphabet: str, length: int) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), st.text(alphabet, min_size=length, max_size=length))


def _stamps() -> st.SearchStrategy[str]:
    # Historic offsets have seconds, which RFC 3339 does not allow.
    zoned = st.datetimes(timezones=st.timezones())
    return zoned.map(lambda moment: moment.isoformat()).filter(lambda text: text[-3] == ":" and text[-6] in "+-")


def _tuned_stamps() -> st.SearchStrategy[str]:
    def offset(minutes: int) -> str:
        hours, rest = divmod(abs(minutes), 60)
        return f"{'+' if minutes >= 0 else '-'}{hours:02}:{rest:02}"

    offsets = st.one_of(st.just("Z"), st.integers(1 - MINUTES_A_DAY, MINUTES_A_DAY - 1).map(offset))
    return st.tuples(st.datetimes(), offsets).map(lambda parts: parts[0].isoformat() + parts[1])


def _tuned_phones() -> st.SearchStrategy[str]:
    digits = st.integers(10, 10**15 - 1).map(str)
    return st.one_of(digits, digits.map(lambda number: f"+{number}"))


Identifier = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r".*\S.*")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[1-9]\d{1,14}$")]


class Participant(BaseModel):
    """A participant of a session."""

    PhoneNumber: Phone | None = None
    ProxyPhoneNumber: Phone | None = None


class Geo(BaseModel):
    """The requested area of the proxy number."""

    Country: Annotated[str, StringConstraints(pattern=r"^$|^[A-Z]{2}$")]
    AreaCode: Annotated[str, StringConstraints(pattern=r"^$|^[0-9]{3}$")]


class Session(BaseModel):
    """A session as a pydantic model, for polyfactory."""

    VoiceConnectorId: Identifier | None = None
    ProxySessionId: Identifier | None = None
    Name: Annotated[str, StringConstraints(max_length=128)] | None = None
    Status: Literal["Open", "InProgress", "Closed"] | None = None
    ExpiryMinutes: Annotated[int, Field(ge=1)] | None = None
    Capabilities: list[Literal["Voice", "SMS"]] | None = None
    CreatedTimestamp: AwareDatetime | None = None
    UpdatedTimestamp: AwareDatetime | None = None
    EndedTimestamp: AwareDatetime | None = None
    Participants: list[Participant] | None = None
    NumberSelectionBehavior: Literal["PreferSticky", "AvoidSticky"] | None = None
    GeoMatchLevel: Literal["Country", "AreaCode"] | None = None
    GeoMatchParams: Geo | None = None


def polyfactory() -> Sample:
    """A factory over the pydantic model."""

    class Factory(ModelFactory[Session]):
        __model__ = Session

    def sample(count: int, seed: int) -> list[Any]:
        Factory.seed_random(seed)
        return [made.model_dump(mode="json", exclude_none=True) for made in Factory.batch(count)]

    return sample


def schemathesis(schema: Any, *, generation_mode: GenerationMode = GenerationMode.POSITIVE) -> st.SearchStrategy[Any]:
    """The request body of an operation whose body is a session."""
    content = {"application/json": {"schema": inlined(schema, schema)}}
    operation = {
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": "done"}},
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "sessions", "version": "1"},
        "paths": {"/sessions": {"post": operation}},
    }
    cases = openapi.from_dict(document)["/sessions"]["POST"].as_strategy(generation_mode=generation_mode)
    return cases.map(lambda case: case.body)


def inlined(node: Any, root: Any) -> Any:
    """The schema without references, annotations and `$defs`, so that no library has to resolve references."""
    if isinstance(node, list):
        return [inlined(inner, root) for inner in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return inlined(root["$defs"][node["$ref"].rpartition("/")[2]], root)
    return {name: inlined(inner, root) for name, inner in node.items() if name not in _REMOVED}


_REMOVED = ("$schema", "$id", "$defs", "$comment", "title", "description", "examples", "x-source")


def peers(schema: Any) -> Iterator[tuple[str, Sample]]:
    """Each library by its name, ours first."""
    yield "proxy_sessions()", of_strategy(proxy_sessions())
    yield "by hand, tuned", of_strategy(by_hand(tuned=True))
    yield "by hand", of_strategy(by_hand(tuned=False))
    yield "polyfactory", polyfactory()
    yield "schemathesis", of_strategy(schemathesis(schema))
