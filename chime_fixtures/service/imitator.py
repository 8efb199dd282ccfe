"""Conversion of sessions to the schema of a service that imitates Chime."""

from __future__ import annotations

import hashlib
from typing import Any

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.pointer import split
from chime_fixtures.engine.violation import Violation

_MAX_REPAIR_ROUNDS = 8
_PROPERTY_CLOSING_KEYWORDS = ("additionalProperties", "unevaluatedProperties")


class Imitator:
    """Converts sessions of Chime to the contract of an imitator.

    Members that satisfy the contract are kept, an enum value takes the contract's upper or lower case, and members that
    are missing or invalid are generated. Generated values depend on the seed and the session's id only, so that every
    response has the same ones.

    Args:
        contract: the contract of the imitator's sessions.
        seed: the seed of generated values.
    """

    def __init__(self, contract: Contract, seed: int) -> None:
        self._contract = contract
        self._seed = seed

    def convert(self, session: dict[str, Any], session_id: str) -> Any:
        """Return the session as the contract requires it."""
        if self._contract.is_valid(session):
            return session
        index = int.from_bytes(hashlib.blake2b(session_id.encode("utf-8", "replace"), digest_size=6).digest())
        generated = self._contract.builder.build_seeded(self._seed, index)
        if not isinstance(generated, dict):
            return generated
        converted = dict(session)
        for _ in range(_MAX_REPAIR_ROUNDS):
            violations = self._contract.check(converted)
            if not violations:
                return converted
            for violation in violations:
                self._repair(converted, violation, generated)
        return generated

    def _repair(self, converted: dict[str, Any], violation: Violation, generated: dict[str, Any]) -> None:
        tokens = split(violation.pointer)
        if not tokens:
            objects = self._contract.root.require_branch(Objects)
            if violation.keyword in _PROPERTY_CLOSING_KEYWORDS:
                for name in [name for name in converted if name not in objects.properties]:
                    del converted[name]
            for name in objects.required:
                converted.setdefault(name, generated[name])
            return
        name = tokens[0]
        enum_value = _same_but_for_case(violation) if len(tokens) == 1 else None
        if enum_value is not None:
            converted[name] = enum_value
        elif name in generated:
            converted[name] = generated[name]
        else:
            converted.pop(name, None)


def _same_but_for_case(violation: Violation) -> str | None:
    """The enum value that differs from the violating value in case only, if there is one."""
    if violation.keyword != "enum":
        return None
    folded = str(violation.value).casefold()
    return next((value for value in violation.limit if isinstance(value, str) and value.casefold() == folded), None)
