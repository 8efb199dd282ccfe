"""The formats of JSON Schema as languages: what every engine accepts, and what every engine rejects.

Between the two lies what engines differ on (a leap second, the year 0000, `P1.5D`, `a@b@c`): it is in neither. The
engines are jsonschema-rs and jsonschema with `Draft202012Validator.FORMAT_CHECKER`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from chime_fixtures.engine.regex import format_grammars as g
from chime_fixtures.engine.regex.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    """The patterns of one format.

    Attributes:
        members: what every engine accepts,
        but: without what contains this,
        longest: and without what is longer.
        tolerated: at least all that some engine accepts; the members, if not given,
        intolerable: without what contains this.
        rejected: what every engine rejects, where what is tolerated is no regular language.
    """

    members: str
    but: str | None = None
    longest: int | None = None
    tolerated: str | None = None
    intolerable: str | None = None
    rejected: str | None = None


_HOST = _Format(members=g.HOST, but=g.RESERVED_LABEL, longest=253, tolerated=rf"{g.TOLERATED_HOST}\.?\n?")
_EMAIL = _Format(members=f"{g.LOCAL}@{g.HOST}", but=g.RESERVED_LABEL, longest=254, tolerated=r"[^]*@[^]*")
_FORMATS = {
    "date-time": _Format(members=f"{g.DATE}T{g.TIME}", but="^0000", tolerated=rf"{g.DATE}[Tt]{g.TOLERATED_TIME}\n?"),
    "date": _Format(members=g.DATE, but="^0000", tolerated=g.DATE),
    "time": _Format(members=g.TIME, tolerated=rf"{g.TOLERATED_TIME}\n?"),
    "duration": _Format(
        members=g.DURATION,
        tolerated=f"[-+]?{g.TOLERATED_DURATION}|[^]*{g.EXPONENT}[^]*",
        intolerable=g.UNFINISHED_DURATION,
    ),
    "email": _EMAIL,
    "idn-email": replace(_EMAIL, members=f"{g.local(g.LETTERS_BEYOND)}@{g.HOST}"),
    "hostname": _HOST,
    "idn-hostname": _Format(members=g.IDN_HOST, but=g.RESERVED_LABEL, longest=60, tolerated=r"[^\x00-,/:-@[-`{-\x7f]+"),
    "ipv4": _Format(members=g.IPV4),
    "ipv6": _Format(members=g.IPV6),
    "uri": _Format(members=g.uri(), tolerated=rf"{g.uri(literal=g.TOLERATED_LITERAL)}\n?"),
    "uri-reference": _Format(members=g.reference(), tolerated=rf"{g.reference(literal=g.TOLERATED_LITERAL)}\n?"),
    "iri": _Format(
        members=g.uri(g.LETTERS_BEYOND, literal=""), tolerated=rf"{g.uri(g.BEYOND, literal=g.TOLERATED_LITERAL)}\n?"
    ),
    "iri-reference": _Format(
        members=g.reference(g.LETTERS_BEYOND, literal=""),
        tolerated=rf"{g.reference(g.BEYOND, literal=g.TOLERATED_LITERAL)}\n?",
    ),
    "uuid": _Format(members=g.UUID, tolerated=g.TOLERATED_UUID),
    "json-pointer": _Format(members=g.POINTER),
    "relative-json-pointer": _Format(members=g.RELATIVE_POINTER, tolerated=g.TOLERATED_RELATIVE_POINTER),
    "uri-template": _Format(members=g.TEMPLATE, tolerated=g.TOLERATED_TEMPLATE),
    "regex": _Format(members=g.REGEX, rejected=g.NO_REGEX),
}

FORMATS = frozenset(_FORMATS)
"""The names of the formats that are driven: all of draft 2020-12."""


def _whole(pattern: str) -> Language:
    return Language.from_pattern(f"^(?:{pattern})$")


@functools.cache
def format_language(name: str) -> Language | None:
    """The values of a format that every engine accepts; None for a format that is not driven."""
    found = _FORMATS.get(name)
    if found is None:
        return None
    members = _whole(found.members)
    if found.but is not None:
        members -= Language.from_pattern(found.but)
    return members.between(0, found.longest)


@functools.cache
def format_outside(name: str) -> Language | None:
    """Values that every engine rejects under a format, not all of them; None for a format that is not driven."""
    found = _FORMATS.get(name)
    if found is None:
        return None
    if found.rejected is not None:
        return _whole(found.rejected)
    tolerated = _whole(found.tolerated or found.members)
    return ~(tolerated - Language.from_pattern(found.intolerable) if found.intolerable is not None else tolerated)
