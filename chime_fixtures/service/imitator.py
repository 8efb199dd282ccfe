"""Sessions in the shape of another schema: that of a service which imitates this one."""

from __future__ import annotations

import hashlib
from typing import Any

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.pointer import split
from chime_fixtures.engine.violation import Violation

_ROUNDS = 8
_CLOSING = ("additionalProperties", "unevaluatedProperties")


class Shape:
    """Gives a session the shape that a contract asks for.

    What fits stays, a word of another spelling takes the contract's, and what is missing or does not fit is made up:
    from the seed and the session's id, so that it is the same in every answer.

    Args:
        contract: what a session has to be.
        seed: where made-up values come from.
    """

    def __init__(self, contract: Contract, seed: int) -> None:
        self._contract = contract
        self._seed = seed

    def of(self, session: dict[str, Any], session_id: str) -> Any:
        """The session, as the contract has it."""
        if self._contract.is_valid(session):
            return session
        index = int.from_bytes(hashlib.blake2b(session_id.encode("utf-8", "replace"), digest_size=6).digest())
        made_up = generate(self._contract, seed=self._seed, index=index)
        if not isinstance(made_up, dict):
            return made_up
        shaped = dict(session)
        for _ in range(_ROUNDS):
            broken = self._contract.check(shaped)
            if not broken:
                return shaped
            for violation in broken:
                self._mend(shaped, violation, made_up)
        return made_up

    def _mend(self, shaped: dict[str, Any], violation: Violation, made_up: dict[str, Any]) -> None:
        tokens = split(violation.pointer)
        if not tokens:
            objects = self._contract.root.require_branch(Objects)
            for name in [name for name in shaped if violation.keyword in _CLOSING and name not in objects.properties]:
                del shaped[name]
            for name in objects.required:
                shaped.setdefault(name, made_up[name])
            return
        name = tokens[0]
        same = _same_word(violation) if len(tokens) == 1 else None
        if same is not None:
            shaped[name] = same
        elif name in made_up:
            shaped[name] = made_up[name]
        else:
            shaped.pop(name, None)


def _same_word(violation: Violation) -> Any:
    """The word of an enumeration that is the same in another case; None if there is none."""
    if violation.keyword != "enum":
        return None
    wanted = str(violation.value).casefold()
    return next((word for word in violation.limit if isinstance(word, str) and word.casefold() == wanted), None)
