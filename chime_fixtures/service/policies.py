"""The rules that AWS never documented, each with a name and a default.

A stub that picks one of them silently is how a buggy consumer passes. Run a test under each::

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

from chime_fixtures.chime.errors import is_ours
from chime_fixtures.engine.errors import InvalidOptionError, did_you_mean

__tracebackhide__ = is_ours

_OTHER_SETTINGS: dict[str, tuple[Any, ...]] = {
    "default_minutes": (15,),
    "longest_minutes": (None,),
    "page_size": (1,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """One choice for each undocumented rule.

    Raises:
        InvalidOptionError: a rule has no such setting.
    """

    unknown_connectors: Literal["exist", "not-found"] = "exist"
    """Whether a well-formed connector id that nobody added exists."""

    create_without_proxy: Literal["allow", "refuse"] = "allow"
    """Whether a session can be created before PutVoiceConnectorProxy; ``refuse`` answers 400."""

    create_when_disabled: Literal["refuse", "allow"] = "refuse"
    """What ``Disabled`` does to CreateProxySession; ``refuse`` answers 403. (Documented: it stops new sessions.)"""

    default_minutes: int = 60
    """ExpiryMinutes of a session whose request and connector name none."""

    longest_minutes: int | None = 720
    """The longest life of a session ("up to twelve hours", says a blog; no model does); None switches it off."""

    number_selection: Literal["PreferSticky", "AvoidSticky"] = "PreferSticky"
    """How a proxy number is chosen when the request does not say."""

    no_local_number: Literal["refuse", "fall-back"] = "refuse"
    """What a create does that wants a place with no number left: 500 "unable to allocate", or any number."""

    answer_order: Literal["reversed", "as-sent"] = "reversed"
    """The order of participants and capabilities in answers; samples show another one than was sent."""

    update_restarts_clock: bool = False
    """Whether an update lets the minutes count from now instead of from the creation."""

    update_of_closed: Literal["refuse", "not-found", "amend", "reopen"] = "refuse"
    """What an update of a closed session does: 400, 404, change it and leave it closed, or open it again from now."""

    delete_leaves: Literal["nothing", "closed"] = "nothing"
    """What is left of a deleted session: nothing, or a closed one that is still listed."""

    second_delete: Literal["not-found", "no-content"] = "not-found"
    """What the deletion of a session that was deleted before answers."""

    expiry_leaves: Literal["closed", "nothing"] = "closed"
    """What is left of an expired session."""

    second_proxy_delete: Literal["not-found", "no-content"] = "not-found"
    """What the deletion of a proxy configuration that is not there answers."""

    proxy_delete_sessions: Literal["keep", "close"] = "keep"
    """What the deletion of the proxy configuration does to open sessions."""

    list_order: Literal["oldest-first", "newest-first"] = "oldest-first"
    """The order of ListProxySessions."""

    page_size: int | None = None
    """Sessions on a page when the request does not say; None is the most that a request may ask for."""

    last_page_token: Literal["absent", "null"] = "absent"
    """What stands for NextToken on the last page; the model allows no null, traces of other services show one."""

    foreign_token: Literal["refuse", "first-page"] = "refuse"
    """What a NextToken does that was not given for this connector and filter: 400, or the first page."""

    null_members: Literal["refuse", "absent"] = "refuse"
    """Whether a member sent as null breaks the contract, or counts as absent (the rule of Smithy's restJson1)."""

    unknown_query: Literal["refuse", "ignore"] = "refuse"
    """What a query parameter that the operation does not have does; ``refuse`` answers 400."""

    def __post_init__(self) -> None:
        for name, known in _settings().items():
            chosen = getattr(self, name)
            is_number = name in _OTHER_SETTINGS and type(chosen) is int and chosen > 0
            if chosen not in known and not is_number:
                text, spelled = f"{name}={chosen}", [f"{name}={setting}" for setting in known]
                raise InvalidOptionError(f"there is no policy {text!r}{did_you_mean(text, spelled)}")

    @classmethod
    def each(cls) -> tuple[Policies, ...]:
        """The defaults, then the defaults with one rule switched, for every setting of every rule."""
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
        """The policies that ``name=setting`` texts ask for, as ``str`` of one of `each` spells them.

        Raises:
            InvalidOptionError: there is no such rule or setting; the message has those that there are.
        """
        chosen: dict[str, Any] = {}
        for text in texts:
            name, _, value = text.partition("=")
            known = {str(setting): setting for setting in _settings().get(name, ())}
            if not known:
                raise InvalidOptionError(f"there is no policy {text!r}{did_you_mean(name, _settings())}")
            chosen[name] = known.get(value, int(value) if value.isascii() and value.isdecimal() else value)
        return cls(**chosen)

    def __str__(self) -> str:
        changed = [
            f"{field.name}={getattr(self, field.name)}"
            for field in dataclasses.fields(self)
            if getattr(self, field.name) != field.default
        ]
        return ",".join(changed) or "defaults"


@functools.cache
def _settings() -> dict[str, tuple[Any, ...]]:
    """The settings of each rule; those that are numbers have one besides the default as an example."""
    hints, found = typing.get_type_hints(Policies), dict[str, tuple[Any, ...]]()
    for field in dataclasses.fields(Policies):
        if typing.get_origin(hints[field.name]) is Literal:
            found[field.name] = typing.get_args(hints[field.name])
        else:
            others = (False, True) if hints[field.name] is bool else _OTHER_SETTINGS[field.name]
            found[field.name] = tuple(dict.fromkeys((field.default, *others)))
    return found


DEFAULTS = Policies()
"""The default of each rule."""
