"""Policies: the rules that AWS never documented, each with a name, its settings and a default.

The real service may follow either setting, so run a test under each::

    @pytest.mark.parametrize("policies", Policies.each(), ids=str)
    def test_my_consumer(policies):
        with ChimeStub(policies=policies): ...
"""

from __future__ import annotations

import dataclasses
import functools
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from chime_fixtures.chime.errors import is_kit_error
from chime_fixtures.engine.errors import InvalidOptionError, did_you_mean

__tracebackhide__ = is_kit_error

_OTHER_SETTINGS: dict[str, tuple[Any, ...]] = {
    "default_minutes": (15,),
    "max_minutes": (None,),
    "page_size": (1,),
}
"""The settings other than the default that `Policies.each` includes for rules with a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """One setting for each undocumented rule.

    Raises:
        InvalidOptionError: a rule does not have that setting.
    """

    unknown_connectors: Literal["exist", "not-found"] = "exist"
    """A well-formed connector id that was not added: the connector exists, or the response is 404."""

    create_without_proxy: Literal["allow", "refuse"] = "allow"
    """CreateProxySession before PutVoiceConnectorProxy: 201, or 400."""

    create_when_disabled: Literal["refuse", "allow"] = "refuse"
    """CreateProxySession with ``Disabled`` in the proxy configuration: 403, or 201. (Documented: it stops new ones.)"""

    default_minutes: int = 60
    """ExpiryMinutes of a session if neither the request nor the connector has any."""

    max_minutes: int | None = 720
    """The maximum of ExpiryMinutes ("up to twelve hours" in a blog post; no model has it); None for no maximum."""

    number_selection: Literal["PreferSticky", "AvoidSticky"] = "PreferSticky"
    """NumberSelectionBehavior of a request that has none."""

    no_local_number: Literal["refuse", "fall-back"] = "refuse"
    """CreateProxySession if no number is left in the requested place: 500 "unable to allocate", or any number."""

    answer_order: Literal["reversed", "as-sent"] = "reversed"
    """The order of participants and capabilities in responses; in AWS's samples it differs from the order sent."""

    update_restarts_clock: bool = False
    """True if the minutes of a session count from its last update instead of its creation."""

    update_of_closed: Literal["refuse", "not-found", "amend", "reopen"] = "refuse"
    """UpdateProxySession of a closed session: 400, 404, update it and leave it closed, or reopen it from now."""

    delete_leaves: Literal["nothing", "closed"] = "nothing"
    """A deleted session: removed, or closed and still listed."""

    second_delete: Literal["not-found", "no-content"] = "not-found"
    """DeleteProxySession of a deleted session: 404, or 204."""

    expiry_leaves: Literal["closed", "nothing"] = "closed"
    """An expired session: closed and still listed, or removed."""

    second_proxy_delete: Literal["not-found", "no-content"] = "not-found"
    """DeleteVoiceConnectorProxy without a proxy configuration: 404, or 204."""

    proxy_delete_sessions: Literal["keep", "close"] = "keep"
    """Open sessions when the proxy configuration is deleted: they stay open, or are closed."""

    list_order: Literal["oldest-first", "newest-first"] = "oldest-first"
    """The order of ListProxySessions."""

    page_size: int | None = None
    """The sessions on a page if the request has no MaxResults; None for the maximum of MaxResults."""

    page_fill: Literal["full", "half"] = "full"
    """A page of ListProxySessions that could have two sessions or more: as many as MaxResults asks for, or the first
    half of them with a NextToken. (MaxResults is documented as a maximum; a client must follow NextToken.)"""

    last_page_token: Literal["absent", "null"] = "absent"
    """NextToken on the last page; the model does not allow null, but recorded responses of other services have it."""

    foreign_token: Literal["refuse", "first-page"] = "refuse"
    """A NextToken of another connector or filter, or an invalid one: 400, or the first page."""

    null_members: Literal["refuse", "absent"] = "refuse"
    """A member of a request that is null: 400, or the member counts as absent (the rule of Smithy's restJson1)."""

    unknown_query: Literal["refuse", "ignore"] = "refuse"
    """A query parameter that the operation does not have: 400, or it is ignored."""

    def __post_init__(self) -> None:
        for name, known in _settings().items():
            setting = getattr(self, name)
            is_number = name in _OTHER_SETTINGS and type(setting) is int and setting > 0
            if setting not in known and not is_number:
                text, known_texts = f"{name}={setting}", [f"{name}={each}" for each in known]
                raise InvalidOptionError(f"unknown policy {text!r}{did_you_mean(text, known_texts)}")

    @classmethod
    def each(cls) -> tuple[Policies, ...]:
        """Return the defaults, then the defaults with one rule changed, for every other setting of every rule."""
        default = cls()
        others = [
            dataclasses.replace(default, **{name: setting})
            for name, settings in _settings().items()
            for setting in settings
            if setting != getattr(default, name)
        ]
        return (default, *others)

    @classmethod
    def read(cls, texts: Iterable[str]) -> Policies:
        """Return the policies of texts like ``delete_leaves=closed``, as ``str`` of a `Policies` writes them.

        Raises:
            InvalidOptionError: the rule or setting does not exist; the message suggests the nearest one.
        """
        settings: dict[str, Any] = {}
        for text in texts:
            name, _, value = text.partition("=")
            known = {str(setting): setting for setting in _settings().get(name, ())}
            if not known:
                raise InvalidOptionError(f"unknown policy {text!r}{did_you_mean(name, _settings())}")
            settings[name] = known.get(value, int(value) if value.isascii() and value.isdecimal() else value)
        return cls(**settings)

    def __str__(self) -> str:
        changed = [
            f"{field.name}={getattr(self, field.name)}"
            for field in dataclasses.fields(self)
            if getattr(self, field.name) != field.default
        ]
        return ",".join(changed) or "defaults"


@functools.cache
def _settings() -> dict[str, tuple[Any, ...]]:
    """The settings of each rule; for a rule with a number, the default and one other."""
    hints, settings = typing.get_type_hints(Policies), dict[str, tuple[Any, ...]]()
    for field in dataclasses.fields(Policies):
        if typing.get_origin(hints[field.name]) is Literal:
            settings[field.name] = typing.get_args(hints[field.name])
        else:
            others = (False, True) if hints[field.name] is bool else _OTHER_SETTINGS[field.name]
            settings[field.name] = tuple(dict.fromkeys((field.default, *others)))
    return settings


DEFAULT_POLICIES = Policies()
"""The default of each rule."""
