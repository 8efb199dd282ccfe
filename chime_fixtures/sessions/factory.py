"""The factory of realistic proxy sessions: seeded, with consistent members and fictitious telephone numbers."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.errors import InvalidInstanceError
from chime_fixtures.chime.operations import operation_named
from chime_fixtures.chime.representations import FORMS, Form, as_boto3, date_times, violation_as_boto3
from chime_fixtures.engine.cases import transplant
from chime_fixtures.engine.contract import Contract, Schema
from chime_fixtures.engine.errors import InvalidOptionError, did_you_mean
from chime_fixtures.engine.instances import OBJECT
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.observers import instance_observers
from chime_fixtures.engine.values import Builder
from chime_fixtures.engine.violation import Violation
from chime_fixtures.sampling.records import Records
from chime_fixtures.sessions import bodies
from chime_fixtures.sessions import overrides as overriding
from chime_fixtures.sessions.options import SessionOptions

_SESSIONS_AHEAD = 64


class ProxySessionFactory:
    """A factory of proxy sessions as the service would have returned them.

    Session number *i* is a function of the schema, the seed, the arguments and *i*. It equals record *i* of the sample
    files with the same seed and options.

    Args:
        seed: the same seed yields the same sessions.
        locale: the locale of names and telephone numbers, as in Faker, or several; by default names from all over the
            world, and numbers of the United States, which also replace those of a country without fictitious numbers.
        states: the values of Status; all by default.
        since: the lower bound of CreatedTimestamp: a datetime with a time zone, or a date, which begins in UTC.
        until: the exclusive upper bound of CreatedTimestamp; by default a year later.
        connector: the Voice Connector of all sessions, or several.
        contract: the contract of the sessions, if it is not Chime's: a contract, a JSON Schema, a file or a model of
            an object, as for `Contract.of`. Of one that also allows other values, sessions are the objects.
        form: ``"wire"`` for timestamps as text, ``"boto3"`` for datetimes, as boto3 returns them.

    Raises:
        InvalidOptionError: a locale has no names, the contract has no objects or no such state, `since` is not before
            `until`, or the form is unknown.
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
        contract: Schema | None = None,
    ) -> None:
        if form not in FORMS:
            raise InvalidOptionError(f"form must be 'wire' or 'boto3', not {form!r}")
        self.seed = seed
        self._form = form
        self._options = SessionOptions.of(locale=locale, states=states, since=since, until=until, connector=connector)
        self._contract = load_contract("ProxySession") if contract is None else Contract.of(contract)
        self._index = 0
        self._prepare()

    def _prepare(self) -> None:
        """Derive the plan and the records from the arguments."""
        # One session after the other, also for several threads.
        self._lock = threading.RLock()
        branch = self._contract.root.branch(Objects)
        if branch is None:
            raise InvalidOptionError(f"contract: {self._contract.name} has no objects; pass the schema of a session")
        self._members = branch.properties
        self._timestamps = frozenset(path.removeprefix("/") for path in date_times(self._contract))
        builder = _object_builder(self._contract)
        self._plan = self._options.plan(self._contract, self.seed, builder)
        self._records = Records(self._contract, self._plan, seed=self.seed, builder=builder)
        self._ahead = self._records.between(0, 0)

    def __getstate__(self) -> dict[str, Any]:
        """The arguments and the index of the next session; the other attributes are derived from them."""
        return {
            "seed": self.seed,
            "form": self._form,
            "options": self._options,
            "contract": self._contract,
            "index": self._index,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.seed, self._form, self._options = state["seed"], state["form"], state["options"]
        self._contract, self._index = state["contract"], state["index"]
        self._prepare()

    def build(self, *, check: bool = True, **overrides: Any) -> dict[str, Any]:
        """The next session.

        The other members stay consistent with the overridden ones: a Closed session has an EndedTimestamp, any other
        has none, and timestamps that are not overridden move with those that are, so that they stay in order.

        Args:
            check: True to raise an error for an override that violates the contract.
            overrides: members and their values; a timestamp may be a datetime with a time zone.

        Raises:
            InvalidInstanceError: an override violates the contract.
            TypeError: the contract has no such member.
            InvalidOptionError: a datetime without a time zone.
        """
        if not overrides:
            session = self._next_plain()
        else:
            with self._index_kept_on_error():
                session = self._next(overrides, check)
        return self._handed_out(session)

    def _handed_out(self, session: dict[str, Any]) -> dict[str, Any]:
        if instance_observers.registered:
            instance_observers.report(self._contract, session)
        return session if self._form == "wire" else as_boto3(self._contract, session)

    def _next(self, overrides: dict[str, Any], check: bool) -> dict[str, Any]:
        if check:
            self._check_names(overrides)
        datetimes = {name: each for name, each in overrides.items() if isinstance(each, dt.datetime)}
        for name, moment in datetimes.items():
            if name in self._timestamps:
                overrides[name] = overriding.wire_text(name, moment)
        session = overriding.apply(self._plan, self._index, self._next_plain(), overrides)
        if check:
            violations = self._contract.check(session)
            if violations:
                raise InvalidInstanceError(
                    "an override violates the contract", violations, "pass check=False to keep it"
                )
        return session

    @contextlib.contextmanager
    def _index_kept_on_error(self) -> Iterator[None]:
        """Restore the index of the next session if an exception is raised; other threads wait."""
        with self._lock:
            index = self._index
            try:
                yield
            except Exception:
                self._index = index
                self._ahead = self._records.between(0, 0)
                raise

    def _next_plain(self) -> dict[str, Any]:
        with self._lock:
            session: dict[str, Any] | None = next(self._ahead, None)
            if session is None:
                stop = (self._index // _SESSIONS_AHEAD + 1) * _SESSIONS_AHEAD
                self._ahead = self._records.between(self._index, stop)
                session = next(self._ahead)
            self._index += 1
            return session

    def batch(self, n: int, **overrides: Any) -> list[dict[str, Any]]:
        """The next `n` sessions, each with the same overrides."""
        return [self.build(**overrides) for _ in range(n)]

    def lifecycle(self, **overrides: Any) -> list[dict[str, Any]]:
        """The states of the next session, in order: Open, InProgress and Closed.

        All other members are equal; every UpdatedTimestamp is later than the previous one.

        Raises:
            InvalidInstanceError: an override violates the contract.
            TypeError: the contract has no such member, or it changes during the life of a session.
            InvalidOptionError: an overridden CreatedTimestamp is too close to the year 9999.
        """
        for name in overrides:
            if name in overriding.LIFECYCLE_MEMBERS:
                raise TypeError(f"{name} changes during the life of a session and can't be overridden")
        with self._index_kept_on_error():
            snapshots = overriding.snapshots(self._next({**overrides, "Status": "Closed"}, check=True))
        return [self._handed_out(each) for each in snapshots]

    def build_request(self, operation: str = "CreateProxySession", **overrides: Any) -> dict[str, Any]:
        """The request body of an operation, with the values of the next session.

        Raises:
            UnknownOperationError: unknown operation.
            ValueError: the operation has no request body.
            InvalidInstanceError: an override violates the contract of the request.
        """
        with self._index_kept_on_error():
            body = bodies.request_body(operation, self._next_plain(), overrides)
        contract = operation_named(operation).request
        if instance_observers.registered and contract is not None:
            instance_observers.report(contract, body)
        return body

    def build_error(self, operation: str = "CreateProxySession", *, code: str | None = None) -> dict[str, str]:
        """The body of an error of an operation; by default, the seed chooses the code.

        Raises:
            UnknownOperationError: unknown operation.
            LookupError: the operation has no error with that code.
        """
        with self._index_kept_on_error():
            chance = random.Random(f"{self.seed}:{self._index}:error")
            return bodies.error_body(operation, self._next_plain(), code, chance)

    def build_violation(self, *, pointer: str | None = None, keyword: str | None = None) -> Violation:
        """The next session with exactly one violation, and its label.

        With ``form="boto3"``, timestamps are datetimes; an invalid timestamp stays unchanged.

        Args:
            pointer: only violations at this location.
            keyword: only violations of this keyword.

        Raises:
            LookupError: no violation has that location and keyword.
        """
        violations = tuple(self._contract.catalogue.select(pointer=pointer, keyword=keyword))
        if not violations:
            raise LookupError(f"no violation has pointer={pointer!r} and keyword={keyword!r}")
        with self._lock:
            chance = random.Random(f"{self.seed}:{self._index}:violation")
            session = self._next_plain()
        violation = violations[chance.randrange(len(violations))].shared
        moved = transplant(self._contract.validators, violation, session)
        if instance_observers.registered:
            instance_observers.report(self._contract, moved.instance)
        return moved if self._form == "wire" else violation_as_boto3(self._contract, moved)

    def build_invalid(self, *, pointer: str | None = None, keyword: str | None = None) -> Any:
        """The next session with exactly one violation, as a plain instance; the options are `build_violation`'s.

        Raises:
            LookupError: no violation has that location and keyword.
        """
        return self.build_violation(pointer=pointer, keyword=keyword).instance

    def _check_names(self, overrides: dict[str, Any]) -> None:
        for name in overrides:
            if name not in self._members:
                hint = did_you_mean(name, self._members)
                raise TypeError(f"a session has no member {name!r}{hint}; pass check=False to add it")


def _object_builder(contract: Contract) -> Builder:
    """The construction of the contract's values, without those that are not objects."""
    if all(isinstance(branch, Objects) for branch in contract.root.satisfiable_branches):
        return contract.builder
    form = contract.normal_form
    return Builder(contract.root.of_type(OBJECT), None if form.is_exact else contract.is_valid, form.examples)
