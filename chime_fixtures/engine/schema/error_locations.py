"""Where a judge says that a keyword stands, in our words.

jsonschema-rs names the place in the document; jsonschema names the way through the references, without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.schema.graph import Subschema
from chime_fixtures.engine.schema.keywords import (
    ASSERTIONS,
    CHILD_LIST,
    CHILD_MAP,
    CHILD_SINGLE,
    REFERENCES,
    STAND_FOR_THEMSELVES,
)

_HAS_PART = frozenset({*CHILD_LIST, *CHILD_MAP})
_IS_APPLICATOR = frozenset({*CHILD_SINGLE, *_HAS_PART})


def keyword_location(path: Iterable[str | int], by_pointer: Mapping[str, Subschema]) -> tuple[str, str]:
    """The keyword that failed and where it stands; for a `false` schema the applicator, and the schema's own place."""
    tokens = list(path)
    # An applicator that stands for itself hides what is below it.
    for length in range(len(tokens) + 1):
        schema = by_pointer.get(json_pointer.join(tokens[:length]))
        rest = tokens[length : length + 1]
        if schema is None or not rest or rest[0] not in schema.keywords:
            continue
        keyword = str(rest[0])
        if keyword in STAND_FOR_THEMSELVES or keyword in ASSERTIONS:
            return keyword, schema.at(keyword)
    place = json_pointer.join(tokens)
    for length in range(len(tokens) - 1, -1, -1):
        schema = by_pointer.get(json_pointer.join(tokens[:length]))
        if schema is not None and tokens[length] in _IS_APPLICATOR and tokens[length] in schema.keywords:
            return str(tokens[length]), place
    return "false", place


def keyword_from_schema_path(path: Iterable[str | int], validator: str) -> str:
    """The keyword that failed, from a way on which references leave no trace."""
    tokens = iter(path)
    keyword = "false"
    for token in tokens:
        if token in REFERENCES:
            continue
        keyword = str(token)
        if keyword == "contains":
            return validator
        if keyword in STAND_FOR_THEMSELVES or keyword not in _IS_APPLICATOR:
            return keyword
        if keyword in _HAS_PART:
            next(tokens, None)
    return keyword
