"""The fixed parts of a service that its operations share."""

from __future__ import annotations

from dataclasses import dataclass

from chime_fixtures.engine.contract import Contract
from chime_fixtures.service.clock import Clock
from chime_fixtures.service.ids import Ids
from chime_fixtures.service.imitator import Imitator
from chime_fixtures.service.policies import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The objects that a service was created with.

    Attributes:
        clock: the clock of the service.
        ids: the source of ids and random choices.
        policies: the settings of undocumented rules.
        contract: the contract of the sessions that clients see.
        chime_contract: the contract of stored sessions: Chime's own.
        imitator: converts stored sessions to `contract`; None if that is Chime's own.
    """

    clock: Clock
    ids: Ids
    policies: Policies
    contract: Contract
    chime_contract: Contract
    imitator: Imitator | None
