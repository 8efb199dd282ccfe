"""Labels from the errors of validators: the keyword that failed, and its location in the document.

jsonschema-rs reports the location in the document; jsonschema reports a path that leaves out the references.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.schema.dialects import Dialect
from chime_fixtures.engine.schema.graph import Subschema


class Failure(NamedTuple):
    """An error of jsonschema-rs, with the facts that tell violations of one keyword apart.

    Attributes:
        evaluation_path: the keywords, names and indices from the schema to the keyword, through references; to a
            `false` schema itself.
        location: the names and indices of the value in the instance, without the empty names.
        keyword: the keyword.
        uri: the document that contains it.
        schema_pointer: its location there.
        missing: the name of the missing property, if the keyword requires one.
        subject: the value that fails; the names of the properties that are not allowed; the name that `propertyNames`
            rejects.
    """

    evaluation_path: tuple[str, ...]
    location: tuple[str | int, ...]
    keyword: str
    uri: str
    schema_pointer: str
    missing: str | None
    subject: Any


def keyword_location(path: Iterable[str | int], by_pointer: Mapping[str, Subschema]) -> tuple[str, str]:
    """The keyword that failed and its location; for a `false` schema "false", and the location of the schema."""
    tokens = list(path)
    # An applicator that is reported whole hides the keywords below it.
    for length in range(len(tokens) + 1):
        schema = by_pointer.get(json_pointer.join(tokens[:length]))
        rest = tokens[length : length + 1]
        if schema is None or not rest or rest[0] not in schema.keywords:
            continue
        keyword = str(rest[0])
        # In a document of a registry, jsonschema-rs reports a boolean of draft 4 at the bound that it makes exclusive.
        limiting = schema.dialect.limiting.get(keyword)
        if limiting is not None and schema.keywords.get(limiting) is True:
            keyword = limiting
        if keyword in schema.dialect.labels:
            return keyword, schema.at(keyword)
    return FALSE, json_pointer.join(tokens)


FALSE = "false"
"""The keyword of a `false` schema that no applicator holds."""


def keyword_from_schema_path(path: Iterable[str | int], validator: str, dialect: Dialect) -> str:
    """The keyword that failed, from the path of an evaluation; for a `false` schema the innermost applicator.

    Args:
        path: jsonschema's `absolute_schema_path`, or jsonschema-rs's `evaluation_path`.
        validator: jsonschema's name of the keyword: `contains` fails as itself, `minContains` or `maxContains`.
        dialect: the dialect of the schema.
    """
    tokens = list(path)
    keyword = FALSE
    position = 0
    while position < len(tokens):
        facts = dialect.keywords.get(str(tokens[position]))
        if facts is not None and facts.role == "reference":
            position += 1
            continue
        keyword = str(tokens[position])
        if keyword == "contains":
            return validator
        if facts is None or facts.nesting is None or facts.is_reported_whole:
            return keyword
        position += 1
        # `items` of older drafts has an index if it is a list.
        if facts.nesting in {"array", "object"} or (position < len(tokens) and isinstance(tokens[position], int)):
            position += 1
    return keyword


def instance_pointer(instance: Any, path: tuple[str | int, ...], value: Any) -> str:
    """The location of the value that fails, with the empty names that jsonschema-rs leaves out of its paths."""
    if not path and not (isinstance(instance, dict) and "" in instance):
        return ""
    candidates = list(_possible_pointers(instance, path, ""))
    if len(candidates) > 1:
        candidates = [each for each in candidates if instances.equal(json_pointer.resolve(instance, each), value)]
    return candidates[0] if candidates else json_pointer.join(path)


def _possible_pointers(value: Any, path: tuple[str | int, ...], pointer: str) -> Iterator[str]:
    """The pointers that lead along a path, with or without steps through properties with an empty name."""
    if not path:
        yield pointer
    else:
        token = path[0]
        is_index = isinstance(value, list) and isinstance(token, int) and token < len(value)
        if is_index or (isinstance(value, dict) and token in value):
            yield from _possible_pointers(value[token], path[1:], json_pointer.join([token], base=pointer))
    if isinstance(value, dict) and "" in value and path[:1] != ("",):
        yield from _possible_pointers(value[""], path, f"{pointer}/")
