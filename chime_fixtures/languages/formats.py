"""The formats of JSON Schema as languages: only values on which the engines agree that they are valid.

Left out of `date-time` on purpose, though RFC 3339 has them: leap seconds, the year 0000, small t and z.
"""

from __future__ import annotations

import functools

from chime_fixtures.languages.language import Language

_DAYS = (
    "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
)
_HOURS = "(?:[01][0-9]|2[0-3])"
_CLOCK = rf"{_HOURS}:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,9}})?(?:Z|[+-]{_HOURS}:[0-5][0-9])"

_PATTERNS = {"date-time": f"^{_DAYS}T{_CLOCK}$"}
_WITHOUT = {"date-time": "^0000"}


@functools.cache
def format_language(name: str) -> Language | None:
    """The values of a format that every engine accepts; None for a format that is not driven."""
    pattern = _PATTERNS.get(name)
    if pattern is None:
        return None
    language = Language.from_pattern(pattern)
    return language - Language.from_pattern(_WITHOUT[name]) if name in _WITHOUT else language
