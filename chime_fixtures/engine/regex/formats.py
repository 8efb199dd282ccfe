"""JSON Schema's formats as languages: the strings that every engine accepts, and those that every engine rejects.

Strings on which engines differ (a leap second, the year 0000, `P1.5D`, `a@b@c`) are in neither. The engines are
jsonschema-rs and jsonschema with `Draft202012Validator.FORMAT_CHECKER`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from chime_fixtures.engine.regex import format_grammars as grammars
from chime_fixtures.engine.regex.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    """The patterns of one format.

    The first three describe the strings that every engine accepts, the others those that every engine rejects.

    Attributes:
        accepted_by_all: a pattern that whole strings match.
        excluding: a pattern that is not found in them.
        max_length: their maximum length.
        accepted_by_any: a pattern that every string matches that some engine accepts; default: `accepted_by_all`.
        rejected_by_all: a pattern that is found only in strings that every engine rejects.
        invalid: a pattern of rejected strings, in place of these two if the accepted ones are not a regular language.
    """

    accepted_by_all: str
    excluding: str | None = None
    max_length: int | None = None
    accepted_by_any: str | None = None
    rejected_by_all: str | None = None
    invalid: str | None = None


_HOST = _Format(
    accepted_by_all=grammars.HOST,
    excluding=grammars.RESERVED_LABEL,
    max_length=253,
    accepted_by_any=rf"{grammars.LENIENT_HOST}\.?\n?",
)
_EMAIL = _Format(
    accepted_by_all=f"{grammars.LOCAL_PART}@{grammars.HOST}",
    excluding=grammars.RESERVED_LABEL,
    max_length=254,
    accepted_by_any=r"[^]*@[^]*",
)
_FORMATS = {
    "date-time": _Format(
        accepted_by_all=f"{grammars.DATE}T{grammars.TIME}",
        excluding="^0000",
        accepted_by_any=rf"{grammars.DATE}[Tt]{grammars.LENIENT_TIME}\n?",
    ),
    "date": _Format(accepted_by_all=grammars.DATE, excluding="^0000", accepted_by_any=grammars.DATE),
    "time": _Format(accepted_by_all=grammars.TIME, accepted_by_any=rf"{grammars.LENIENT_TIME}\n?"),
    "duration": _Format(
        accepted_by_all=grammars.DURATION,
        accepted_by_any=f"[-+]?{grammars.LENIENT_DURATION}|[^]*{grammars.EXPONENT}[^]*",
        rejected_by_all=grammars.INCOMPLETE_DURATION,
    ),
    "email": _EMAIL,
    "idn-email": replace(_EMAIL, accepted_by_all=f"{grammars.local_part(grammars.NON_ASCII_LETTERS)}@{grammars.HOST}"),
    "hostname": _HOST,
    "idn-hostname": _Format(
        accepted_by_all=grammars.IDN_HOST,
        excluding=grammars.RESERVED_LABEL,
        max_length=60,
        accepted_by_any=r"[^\x00-,/:-@[-`{-\x7f]+",
    ),
    "ipv4": _Format(accepted_by_all=grammars.IPV4),
    "ipv6": _Format(accepted_by_all=grammars.IPV6),
    "uri": _Format(
        accepted_by_all=grammars.uri(), accepted_by_any=rf"{grammars.uri(ip_literal=grammars.LENIENT_IP_LITERAL)}\n?"
    ),
    "uri-reference": _Format(
        accepted_by_all=grammars.reference(),
        accepted_by_any=rf"{grammars.reference(ip_literal=grammars.LENIENT_IP_LITERAL)}\n?",
    ),
    "iri": _Format(
        accepted_by_all=grammars.uri(grammars.NON_ASCII_LETTERS, ip_literal=""),
        accepted_by_any=rf"{grammars.uri(grammars.NON_ASCII, ip_literal=grammars.LENIENT_IP_LITERAL)}\n?",
    ),
    "iri-reference": _Format(
        accepted_by_all=grammars.reference(grammars.NON_ASCII_LETTERS, ip_literal=""),
        accepted_by_any=rf"{grammars.reference(grammars.NON_ASCII, ip_literal=grammars.LENIENT_IP_LITERAL)}\n?",
    ),
    "uuid": _Format(accepted_by_all=grammars.UUID, accepted_by_any=grammars.LENIENT_UUID),
    "json-pointer": _Format(accepted_by_all=grammars.POINTER),
    "relative-json-pointer": _Format(
        accepted_by_all=grammars.RELATIVE_POINTER, accepted_by_any=grammars.LENIENT_RELATIVE_POINTER
    ),
    "uri-template": _Format(accepted_by_all=grammars.TEMPLATE, accepted_by_any=grammars.LENIENT_TEMPLATE),
    "regex": _Format(accepted_by_all=grammars.REGEX, invalid=grammars.INVALID_REGEX),
}

FORMATS = frozenset(_FORMATS)
"""The names of the supported formats: all of draft 2020-12."""


def _matching_whole(pattern: str) -> Language:
    return Language.from_pattern(f"^(?:{pattern})$")


@functools.cache
def valid_format_strings(name: str) -> Language | None:
    """The strings of a format that every engine accepts; None for an unsupported format."""
    patterns = _FORMATS.get(name)
    if patterns is None:
        return None
    strings = _matching_whole(patterns.accepted_by_all)
    if patterns.excluding is not None:
        strings -= Language.from_pattern(patterns.excluding)
    return strings.between(0, patterns.max_length)


@functools.cache
def invalid_format_strings(name: str) -> Language | None:
    """Strings that every engine rejects under a format, not all of them; None for an unsupported format."""
    patterns = _FORMATS.get(name)
    if patterns is None:
        return None
    if patterns.invalid is not None:
        return _matching_whole(patterns.invalid)
    accepted = _matching_whole(patterns.accepted_by_any or patterns.accepted_by_all)
    if patterns.rejected_by_all is not None:
        accepted -= Language.from_pattern(patterns.rejected_by_all)
    return accepted.complement()
