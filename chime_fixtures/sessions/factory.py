"""Sessions that a person believes: correlated, seeded, and with numbers that reach nobody."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
from collections.abc import Iterator, Sequence
from typing import Any

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.errors import InvalidInstanceError
from chime_fixtures.chime.representations import FORMS, Form, as_boto3, date_times, violation_as_boto3
from chime_fixtures.engine.cases import transplant
from chime_fixtures.engine.contract import Contract, enumerate_violations
from chime_fixtures.engine.errors import did_you_mean
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.violation import Violation
from chime_fixtures.sampling.records import Records
from chime_fixtures.sessions import bodies
from chime_fixtures.sessions import overrides as overriding
from chime_fixtures.sessions.options import SessionOptions

_BLOCK = 64


class ProxySessionFactory:
    """Makes proxy sessions as the service would have shown them.

    Session number *i* of a factory depends on the schema, the seed, the arguments and *i* alone, and is record *i* of
    the sample files with the same seed.

    Args:
        seed: where the sequence starts; the same one gives the same sessions.
        locale: whose names and numbers the sessions have, as Faker spells it, or several; by default names from all
            over the world, and numbers of the United States. Where a country has no numbers for fiction, it is those.
        states: the states that sessions may be in.
        since: when the first may be created: a datetime with a zone, or a date, which begins in UTC.
        until: before when the last is created; by default a year later.
        connector: the Voice Connector that all belong to, or several.
        contract: what a session has to be, if it is not Chime's: a contract or a JSON Schema of an object.
        form: ``"wire"`` for timestamps as text, ``"boto3"`` for datetimes, as boto3 hands them out.

    Raises:
        InvalidOptionError: a locale without names, a state that the contract does not know, or instants out of order.
        ValueError: there is no such form.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        locale: str | Sequence[str] | None = None,
        states: str | Sequence[str] = (),
        since: dt.date | None = None,
        until: dt.date | None = None,
        connector: str | Sequence[str] = (),
        form: Form = "wire",
        contract: Contract | dict[str, Any] | None = None,
    ) -> None:
        if form not in FORMS:
            raise ValueError(f"a session has no form {form!r}; there are 'wire' and 'boto3'")
        self.seed = seed
        self._form = form
        self._wishes = SessionOptions.of(locale=locale, states=states, since=since, until=until, connector=connector)
        self._use(load_contract("ProxySession") if contract is None else Contract.of(contract))

    def _use(self, contract: Contract) -> None:
        self._contract = contract
        self._members = contract.root.require_branch(Objects).properties
        self._timestamps = frozenset(path.removeprefix("/") for path in date_times(contract))
        self._records = Records(contract, seed=self.seed, wishes=self._wishes)
        self._index = 0
        self._ahead = self._records.between(0, 0)

    def build(self, *, check: bool = True, **overrides: Any) -> dict[str, Any]:
        """The next session.

        What is overridden keeps the rest in step: a Closed session has an EndedTimestamp, any other has none, and the
        instants that are not overridden move with those that are, so that they stay in order.

        Args:
            check: whether an override that breaks the contract is an error.
            overrides: members and their values; a timestamp may be a datetime with a zone.

        Raises:
            InvalidInstanceError: an override breaks the contract.
            TypeError: the contract names no such member.
            InvalidOptionError: a datetime without a zone.
        """
        if not overrides:
            session = self._plain()
        else:
            with self._unless_refused():
                session = self._next(overrides, check)
        return session if self._form == "wire" else as_boto3(self._contract, session)

    def _next(self, overrides: dict[str, Any], check: bool) -> dict[str, Any]:
        if check:
            self._refuse_unknown(overrides)
        instants = {name: each for name, each in overrides.items() if isinstance(each, dt.datetime)}
        for name, moment in instants.items():
            if name in self._timestamps:
                overrides[name] = overriding.worded(name, moment)
        session = overriding.apply(self._records, self._index, self._plain(), overrides)
        if check:
            violations = self._contract.check(session)
            if violations:
                raise InvalidInstanceError("an override breaks the contract", violations, "pass check=False to keep it")
        return session

    @contextlib.contextmanager
    def _unless_refused(self) -> Iterator[None]:
        """What is refused inside takes no session: the next one is the one that it would have been."""
        index = self._index
        try:
            yield
        except Exception:
            self._index = index
            self._ahead = self._records.between(0, 0)
            raise

    def _plain(self) -> dict[str, Any]:
        session: dict[str, Any] | None = next(self._ahead, None)
        if session is None:
            self._ahead = self._records.between(self._index, (self._index // _BLOCK + 1) * _BLOCK)
            session = next(self._ahead)
        self._index += 1
        return session

    def batch(self, n: int, **overrides: Any) -> list[dict[str, Any]]:
        """The next `n` sessions."""
        return [self.build(**overrides) for _ in range(n)]

    def lifecycle(self, **overrides: Any) -> list[dict[str, Any]]:
        """The next session through its whole life, as the list of its snapshots: open, in progress, and closed.

        The members that a life does not change are the same in each; every snapshot is later than the one before.

        Raises:
            InvalidInstanceError: an override breaks the contract.
            TypeError: the contract names no such member, or an override of what a life changes.
            InvalidOptionError: after an overridden CreatedTimestamp the calendar has no room for a life.
        """
        for name in overrides:
            if name in overriding.LIVING:
                raise TypeError(f"a life changes {name}: it can't be overridden")
        with self._unless_refused():
            snapshots = overriding.snapshots(self._next({**overrides, "Status": "Closed"}, check=True))
        return snapshots if self._form == "wire" else [as_boto3(self._contract, each) for each in snapshots]

    def build_request(self, operation: str = "CreateProxySession", **overrides: Any) -> dict[str, Any]:
        """The body with which an operation would be asked for the next session.

        Raises:
            UnknownOperationError: there is no such operation.
            ValueError: the operation is sent no body.
            InvalidInstanceError: an override breaks the contract of the request.
        """
        with self._unless_refused():
            return bodies.request(operation, self._plain(), overrides)

    def build_error(self, operation: str = "CreateProxySession", *, code: str | None = None) -> dict[str, str]:
        """The body of an error of an operation: the one with that code, or one that the seed chooses.

        Raises:
            UnknownOperationError: there is no such operation.
            LookupError: the operation has no error with that code.
        """
        number = self._index
        with self._unless_refused():
            return bodies.error(operation, self._plain(), code, random.Random(f"{self.seed}:{number}:error"))

    def build_violation(self, *, pointer: str | None = None, keyword: str | None = None) -> Violation:
        """The next session with exactly one fault in it, as a record that says which.

        In the form of boto3 it has datetimes, but for a broken timestamp, which stays what it is.

        Raises:
            LookupError: the catalogue has no violation with that place and keyword.
        """
        catalogue = enumerate_violations(self._contract, pointer=pointer, keyword=keyword)
        if not catalogue:
            raise LookupError(f"no violation has pointer={pointer!r} and keyword={keyword!r}")
        index = self._index
        violation = catalogue[random.Random(f"{self.seed}:{index}:violation").randrange(len(catalogue))]
        found = transplant(self._contract.validators, violation, self._plain())
        return found if self._form == "wire" else violation_as_boto3(self._contract, found)

    def build_invalid(self, *, pointer: str | None = None, keyword: str | None = None) -> Any:
        """The next session with exactly one fault in it, as plain data.

        Raises:
            LookupError: the catalogue has no violation with that place and keyword.
        """
        return self.build_violation(pointer=pointer, keyword=keyword).instance

    def _refuse_unknown(self, overrides: dict[str, Any]) -> None:
        for name in overrides:
            if name not in self._members:
                hint = did_you_mean(name, self._members)
                raise TypeError(f"a session has no member {name!r}{hint}; pass check=False to add it")
