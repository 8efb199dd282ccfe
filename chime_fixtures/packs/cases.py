"""The cases of a pack: the edges, hazards and violations of a contract, and the lists of proxy sessions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, get_args

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_hazards, enumerate_violations
from chime_fixtures.engine.errors import InvalidOptionError
from chime_fixtures.engine.violation import Violation
from chime_fixtures.sessions.list_cases import list_cases
from chime_fixtures.sessions.plan import is_session

Kind = Literal["edges", "hazards", "violations", "lists"]
"""A finite set of a contract."""

KINDS: tuple[Kind, ...] = get_args(Kind)
"""Every kind, in the order of a pack."""


class FiniteCase(Protocol):
    """The attributes that the records of all finite sets have."""

    @property
    def id(self) -> str:
        """The id, unique in its set."""

    @property
    def instance(self) -> Any:
        """The whole JSON document."""

    @property
    def pointer(self) -> str:
        """The location of the value that the case is about."""

    @property
    def keyword(self) -> str | None:
        """The keyword concerned, if there is one."""

    @property
    def limit(self) -> Any:
        """The keyword's value in the schema."""

    @property
    def summary(self) -> str:
        """One line for a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackCase:
    """One case of a pack.

    Attributes:
        id: its id, unique in its set.
        pointer: the location in the instance that the case is about.
        keyword: the keyword concerned; None if there is none.
        limit: the keyword's value in the schema.
        summary: one line for a message.
        instance: the whole JSON document; of a list, the array of instances.
        valid: True if the instance is valid; of a list, if all its items are.
        contested: the validators that disagree with jsonschema-rs.
        lossy: True if a reader that stores numbers as IEEE 754 doubles reads another instance, or one with another
            verdict: one with the integer 2**53 + 1, say.
    """

    id: str
    pointer: str
    keyword: str | None
    limit: Any
    summary: str
    instance: Any
    valid: bool
    contested: tuple[str, ...]
    lossy: bool

    def as_dict(self) -> dict[str, Any]:
        """The case as a JSON object."""
        return {
            "id": self.id,
            "pointer": self.pointer,
            "keyword": self.keyword,
            "limit": self.limit,
            "summary": self.summary,
            "instance": self.instance,
            "valid": self.valid,
            "contested": list(self.contested),
            "lossy": self.lossy,
        }


@dataclass(frozen=True, slots=True)
class Pack:
    """The finite sets of a contract.

    Attributes:
        contract: the contract.
        sets: the cases of each kind that was chosen, in the order of `KINDS`.
    """

    contract: Contract
    sets: Mapping[Kind, tuple[PackCase, ...]]

    def __len__(self) -> int:
        """The number of cases."""
        return sum(map(len, self.sets.values()))

    def without_contested(self) -> Pack:
        """The pack without the cases on which validators disagree."""
        sets = {kind: tuple(case for case in cases if not case.contested) for kind, cases in self.sets.items()}
        return Pack(self.contract, sets)


_Enumerate: TypeAlias = Callable[[Contract], Iterable[FiniteCase]]

_SETS: Mapping[Kind, _Enumerate] = {
    "edges": enumerate_edges,
    "hazards": enumerate_hazards,
    "violations": enumerate_violations,
}
"""The enumeration of each set of any contract."""

_SESSION_SETS: Mapping[Kind, _Enumerate] = {"lists": list_cases}
"""The enumeration of each set that only proxy sessions have."""


def build_pack(contract: Contract, kinds: Sequence[Kind] = ()) -> Pack:
    """The pack of a contract: the same cases in the same order each time.

    Args:
        contract: the contract.
        kinds: the sets of the pack; by default all that the contract has.

    Raises:
        InvalidOptionError: the contract does not have one of the sets.
    """
    available = {**_SETS, **(_SESSION_SETS if is_session(contract) else {})}
    missing = [kind for kind in kinds if kind not in available]
    if missing:
        reason = "requires proxy sessions, but the contract is"
        raise InvalidOptionError(f"the set {missing[0]} {reason} {contract.name!r}; leave it out")
    chosen = [kind for kind in KINDS if kind in (kinds or available)]
    return Pack(contract, {kind: tuple(_cases(contract, kind, available[kind])) for kind in chosen})


def _cases(contract: Contract, kind: Kind, enumerate_set: _Enumerate) -> Iterator[PackCase]:
    valid = kind != "violations"

    def is_valid(instance: Any) -> bool:
        return all(map(contract.is_valid, instance)) if kind == "lists" else contract.is_valid(instance)

    for case in enumerate_set(contract):
        read = _as_doubles(case.instance)
        yield PackCase(
            id=case.id,
            pointer=case.pointer,
            keyword=case.keyword,
            limit=case.limit,
            summary=json_pointer.printable(case.summary),
            instance=case.instance,
            valid=valid,
            contested=case.contested if isinstance(case, Violation) else (),
            lossy=not instances.equal(read, case.instance) or is_valid(read) != valid,
        )


def _as_doubles(value: Any) -> Any:
    """The instance that JavaScript reads: each number is a double, and one without a fraction is an integer."""
    if isinstance(value, dict):
        return {name: _as_doubles(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_as_doubles(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    try:
        double = float(value)
    except OverflowError:
        return math.inf
    return int(double) if double.is_integer() else double
