"""The dialects of OpenAPI 3.0 and 3.1: schemas of components, and of the bodies of requests and responses."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from chime_fixtures.engine.schema.dialects import Dialect, KeywordFacts
from chime_fixtures.engine.schema.drafts import DRAFT_4, DRAFT_2020_12, draft_with

Direction = Literal["request", "response"]
"""The message that contains a value; None for a component by itself."""

_HIDDEN_BY: dict[Direction | None, str | None] = {None: None, "request": "readOnly", "response": "writeOnly"}


def hiding_keyword(direction: Direction | None) -> str | None:
    """The keyword of the properties that messages of a direction do not have."""
    return _HIDDEN_BY[direction]


class _OpenAPIDialect(Dialect):
    """A dialect of a document for one direction, pickled by both, so that it stays one object.

    Args:
        base: the dialect without a direction.
        name: its name in messages.
        direction: the direction.
        keywords: the facts of each keyword.
    """

    def __init__(
        self, base: Dialect, name: str, direction: Direction | None, keywords: Iterable[KeywordFacts], **facts: Any
    ) -> None:
        arguments: dict[str, Any] = {
            "uri": base.uri,
            "validator_uri": base.validator_uri,
            "replacements": base.replacements,
            "id_keyword": base.id_keyword,
            "ref_is_alone": base.ref_is_alone,
            **facts,
        }
        super().__init__(name=name, validator=base.validator, keywords=keywords, **arguments)
        self.direction: Direction | None = direction

    def __reduce__(self) -> tuple[Any, ...]:
        return openapi_dialect, (self.uri, self.direction)


def _annotations(*names: str) -> list[KeywordFacts]:
    return [KeywordFacts(name=name, role="annotation") for name in names]


def _with_range(facts: KeywordFacts) -> KeywordFacts:
    return replace(facts, behaviour=f"{facts.rule} (and range)")


# It takes from draft 4 what it means by a keyword, but does not have all of them.
_LACKING_IN_3_0 = frozenset({"$schema", "id", "definitions", "patternProperties", "additionalItems", "dependencies"})

OPENAPI_3_0 = _OpenAPIDialect(
    DRAFT_4,
    "OpenAPI 3.0",
    None,
    [
        *(facts for name, facts in DRAFT_4.keywords.items() if name not in _LACKING_IN_3_0),
        _with_range(DRAFT_4["type"]),
        *_annotations("nullable", "readOnly", "writeOnly", "deprecated"),
    ],
    uri="https://spec.openapis.org/oas/3.0/schema",
    validator_uri=DRAFT_4.uri,
    replacements={
        "const": "write an enum of one value",
        "examples": "write example",
        "patternProperties": "write additionalProperties, or use OpenAPI 3.1",
    },
)
"""OpenAPI 3.0, read by validators of draft 4 after the translation in `sources.openapi_schemas`."""

OPENAPI_3_1 = _OpenAPIDialect(
    DRAFT_2020_12,
    "OpenAPI 3.1",
    None,
    [*DRAFT_2020_12.keywords.values(), _with_range(DRAFT_2020_12["type"])],
    uri="https://spec.openapis.org/oas/3.1/dialect/base",
    validator_uri=DRAFT_2020_12.uri,
)
"""OpenAPI 3.1: draft 2020-12 with annotations."""

_BY_URI = {dialect.uri: dialect for dialect in (OPENAPI_3_0, OPENAPI_3_1)}


@functools.cache
def openapi_dialect(uri: str, direction: Direction | None) -> Dialect | None:
    """The dialect of schemas in messages of a direction; None if the URI is unknown.

    In a request, `readOnly: true` is an assertion that never holds; in a response, `writeOnly: true` is one.

    Args:
        uri: a value of `jsonSchemaDialect`, or the URI of `OPENAPI_3_0`.
        direction: the direction; None for a component by itself.
    """
    base = _BY_URI.get(uri.rstrip("#")) or draft_with(uri)
    keyword = hiding_keyword(direction)
    if base is None or keyword is None or direction is None:
        return base
    hidden = KeywordFacts(name=keyword, behaviour="hidden", is_exact=True, forbids=True, check=_is_not_hidden)
    name = f"{base.name} ({direction})"
    return _OpenAPIDialect(base, name, direction, (base.keywords | {keyword: hidden}).values())


def _is_not_hidden(value: Any, instance: Any, is_valid: Any) -> bool:
    return value is not True
