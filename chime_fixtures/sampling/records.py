"""Valid records of any contract: record *i* is a pure function of the contract, the seed, the wishes and *i*.

Proxy sessions come from the plan, whose words are tried against the contract when it is made: a member whose words do
not fit (because somebody changed the schema) is built from the schema instead. Other records come from the outline of
their schema, or are built one by one: where it has none, and where the judge refuses what comes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.sampling import plan as outline
from chime_fixtures.sampling import random_bits
from chime_fixtures.sessions import plan as sessions
from chime_fixtures.sessions import tables
from chime_fixtures.sessions.options import SessionOptions

TITLE = "ProxySession"
"""The name of contracts whose records come from the plan."""

_TRIED = 4 * random_bits.BLOCK
_AT_ONCE = 1024
_MOST_REFUSED = 1 / 8
"""An outline of which the judge refuses more is no plan."""


class Records:
    """Valid records of a contract.

    Args:
        contract: what they must be.
        seed: the same one gives the same records.
        wishes: what is asked of realistic sessions; other records take notice of the instants only.

    Attributes:
        tables: what sessions are looked up in; None for other records.
        outline: what other records are made of; None where they are built one by one.
        is_judged: whether a record of the outline may break the contract, and is built instead where it does.
        is_plain: whether each record is the plan's, with nothing added, left out or moved.

    Raises:
        InvalidOptionError: a wish that the contract does not know.
        UnsatisfiableSchemaError: no value satisfies the contract.
    """

    def __init__(self, contract: Contract, *, seed: int = 0, wishes: SessionOptions | None = None) -> None:
        self.contract = contract
        self.seed = seed
        self.wishes = wishes or SessionOptions()
        self.tables: tables.Tables | None = None
        self.outline: outline.Outline | None = None
        self.is_judged = not contract.form.is_exact
        self._built: frozenset[str] = frozenset()
        shape = contract.root.branch(Objects) if contract.name == TITLE else None
        self._order: tuple[str, ...] = tuple(shape.properties) if shape is not None else ()
        if shape is not None:
            self.tables = tables.read(contract, seed, self.wishes)
            self._session = sessions.build(self.tables)
            self._built = frozenset(name for name in shape.required if name not in sessions.MEMBERS)
            self._try()
        if self.tables is None:
            self.outline = self._outline()
        self.is_plain = self.tables is not None and not self._built and self._names_all()

    def _names_all(self) -> bool:
        return tuple(name for name in self._order if name in sessions.MEMBERS) == sessions.MEMBERS

    def _try(self) -> None:
        """Find the members whose words do not fit the contract; without a remedy, every record is built."""
        for _ in range(2):
            faults = [found for record in self.between(0, _TRIED) for found in self.contract.check(record)]
            if not faults:
                return
            self._built |= {found.pointer.split("/")[1] for found in faults if found.pointer}
        if any(not self.contract.is_valid(record) for record in self.between(0, _TRIED)):
            self.tables = None

    def _outline(self) -> outline.Outline | None:
        found = outline.read(self.contract, self.seed, self.wishes)
        if found is None or not self.is_judged:
            return found
        refused = sum(not self.contract.is_valid(value) for value in found.values(0, random_bits.BLOCK))
        return found if refused <= _MOST_REFUSED * random_bits.BLOCK else None

    def built(self, index: int) -> Any:
        """A record as the engine builds it, for want of a plan."""
        return generate(self.contract, seed=self.seed, index=index)

    def at(self, index: int) -> Any:
        """Record number `index`."""
        return next(self.between(index, index + 1))

    def between(self, start: int, stop: int) -> Iterator[Any]:
        """The records from `start` up to `stop`."""
        if self.outline is not None:
            return self._outlined(self.outline, start, stop)
        if self.tables is None:
            return map(self.built, range(start, stop))
        if self._built or not self._names_all():
            rows = enumerate(random_bits.rows(self.seed, start, stop), start)
            return (self.fitted(self._session(*row), index) for index, row in rows)
        session = self._session
        return (session(*row) for row in random_bits.rows(self.seed, start, stop))

    def _outlined(self, fields: outline.Outline, start: int, stop: int) -> Iterator[Any]:
        for first in range(start, stop, _AT_ONCE):
            values = fields.values(first, min(stop, first + _AT_ONCE))
            if not self.is_judged:
                yield from values
                continue
            for index, value in enumerate(values, first):
                yield value if self.contract.is_valid(value) else self.built(index)

    def bits(self, index: int) -> dict[str, Any]:
        """The random bits of a record, by the name of the leaf."""
        row = next(random_bits.rows(self.seed, index, index + 1))
        return dict(zip((name for name, _ in random_bits.FIELDS), row, strict=True))

    def fitted(self, session: dict[str, Any], index: int) -> dict[str, Any]:
        """A session with the contract's members in their order; those that the plan has no words for are built."""
        if self._built:
            built = self.built(index)
            session = {name: value for name, value in session.items() if name not in self._built}
            session |= {name: built[name] for name in sorted(self._built) if name in built}
        return {name: session[name] for name in (*self._order, *sorted(self._built)) if name in session}
