"""The two representations of what the strategies draw: ``form="wire"`` and ``form="boto3"``."""

from __future__ import annotations

from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from chime_fixtures.chime.representations import FORMS, Form, as_boto3, violation_as_boto3
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.observers import instance_observers
from chime_fixtures.engine.strategies.contexts import PlainInstance, plain_instance
from chime_fixtures.engine.strategies.schemas import draw_violation
from chime_fixtures.engine.violation import Violation


def check_form(form: object) -> None:
    """Raise an error for an unknown form.

    Raises:
        InvalidArgument: the form is unknown; the message lists the known ones.
    """
    if form not in FORMS:
        raise InvalidArgument(f"form must be {' or '.join(map(repr, FORMS))}, not {form!r}")


def in_form(contract: Contract, instance: Any, form: Form) -> Any:
    """An instance on the wire in the form in which it is handed out; observers see it as on the wire."""
    if instance_observers.registered:
        instance_observers.report(contract, instance)
    return instance if form == "wire" else as_boto3(contract, instance)


def violation_in_form(
    draw: st.DrawFn,
    contract: Contract,
    form: Form,
    *,
    pointer: str | None,
    keyword: str | None,
    contested: bool,
    plain: PlainInstance = plain_instance,
) -> Violation:
    """A violation of a contract; with ``form="boto3"``, each timestamp but an invalid one is a datetime.

    Raises:
        InvalidArgument: the form is unknown, or no violation has that location and keyword.
    """
    check_form(form)
    violation = draw_violation(draw, contract, pointer=pointer, keyword=keyword, contested=contested, plain=plain)
    if instance_observers.registered:
        instance_observers.report(contract, violation.instance)
    return violation if form == "wire" else violation_as_boto3(contract, violation)


def noted_instance(violation: Violation) -> Any:
    """The instance of a violation; Hypothesis prints the label when a test fails."""
    note(f"{violation.id}: {violation.summary}")
    return violation.instance
