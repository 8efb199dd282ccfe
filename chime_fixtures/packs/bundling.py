"""Bundling: a contract's schema and all that it refers to as one schema, for validators that read no other file."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.errors import Problem, UnsupportedSchemaError
from chime_fixtures.engine.schema.dialects import DEFINITIONS
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.drafts import draft_with
from chime_fixtures.engine.schema.graph import SchemaGraph, Subschema
from chime_fixtures.engine.violation import safe_id

_LEFT_OUT = DEFINITIONS | {"$schema", "$vocabulary", "$anchor", "$dynamicAnchor", "$recursiveAnchor"}
"""Keywords that name schemas for references, which are JSON Pointers in a bundle, and those of a whole document."""


def bundle(document: SchemaDocument, *, is_list: bool = False) -> Any:
    """The schema of a document as one schema with `$schema`.

    It has no identifiers, so that one validator can read several bundles, and only keywords of the draft, so that a
    strict validator accepts it. A custom format becomes a `pattern`, and one that asserts nothing is left out. A schema
    that depends on its dynamic scope is unchanged, which is possible if it is alone.

    Args:
        document: the document set with the location of the schema.
        is_list: True for the schema of an array whose items satisfy the schema.

    Raises:
        UnsupportedSchemaError: the schema refers to one of another draft, or depends on its dynamic scope.
    """
    root = SchemaGraph(document).root
    is_unchanged = root.is_dynamically_scoped and document.is_plain and not document.options.formats and not is_list
    bundled = document.schema if is_unchanged else _Bundler(document, root, is_list=is_list).bundled()
    return {"$schema": document.dialect.validator_uri, **bundled} if isinstance(bundled, dict) else bundled


class _Bundler:
    """The conversion of the schemas that a root reaches; those that references reach are named definitions."""

    def __init__(self, document: SchemaDocument, root: Subschema, *, is_list: bool) -> None:
        self._options = document.options
        self._dialect = root.dialect
        self._root = root
        self._is_list = is_list
        self._keywords = (draft_with(self._dialect.validator_uri) or self._dialect).keywords
        self._left_out = _LEFT_OUT | {self._dialect.id_keyword}
        self._section = "$defs" if "$defs" in self._dialect.keywords else "definitions"
        self._references: dict[Subschema, str] = {} if is_list else {root: "#"}
        self._names: set[str] = set()
        self._unread: list[tuple[str, Subschema]] = []

    def bundled(self) -> Any:
        schema: Any
        if self._is_list:
            schema = {"type": "array", "items": {"$ref": self._reference(self._root)}}
        else:
            schema = self._convert(self._root)
        definitions: dict[str, Any] = {}
        while self._unread:
            name, target = self._unread.pop(0)
            definitions[name] = self._convert(target)
        return {**schema, self._section: definitions} if definitions else schema

    def _reference(self, target: Subschema) -> str:
        """The reference to a schema, which becomes a definition if it is not one."""
        if target not in self._references:
            tokens = json_pointer.split(target.pointer)
            title = tokens[-1] if tokens else PurePosixPath(urlsplit(target.uri).path).name
            base = name = safe_id([title])
            number = 2
            while name in self._names:
                name, number = f"{base}-{number}", number + 1
            self._names.add(name)
            self._references[target] = f"#/{self._section}/{name}"
            self._unread.append((name, target))
        return self._references[target]

    def _convert(self, schema: Subschema) -> Any:
        if not isinstance(schema.value, dict):
            return schema.value
        if schema.dialect is not self._dialect:
            reason = f"is {schema.dialect.name} in a schema of {self._dialect.name}; the format native supports both"
            raise UnsupportedSchemaError([Problem("$schema", schema.pointer, reason)])
        converted: dict[str, Any] = {}
        conjuncts: list[Any] = []
        # In older drafts, `$ref` hides the keywords beside it.
        values = schema.keywords if self._dialect.ref_is_alone and "$ref" in schema.keywords else schema.value
        for keyword, value in values.items():
            facts = self._dialect.keywords.get(keyword)
            if facts is None or keyword in self._left_out:
                continue
            if facts.role == "reference":
                conjuncts += [{"$ref": self._reference(target)} for target in self._targets(schema, keyword)]
            elif keyword == "format" and self._is_custom(value):
                language = self._options.formats.get(value)
                conjuncts += [] if language is None else [{"pattern": language}]
            elif facts.forbids and value is True:
                conjuncts.append({"not": {}})
            elif keyword in self._keywords:
                converted[keyword] = self._children(schema, keyword, value)
        return _conjunction(converted, conjuncts)

    def _targets(self, schema: Subschema, keyword: str) -> list[Subschema]:
        if keyword in schema.static_refs:
            return [schema.static_refs[keyword]]
        targets = set(schema.dynamic_refs.values())
        if len(targets) > 1:
            reason = "depends on the dynamic scope, which a bundle does not have; the format native supports it"
            raise UnsupportedSchemaError([Problem(keyword, schema.at(keyword), reason)])
        return list(targets)

    def _is_custom(self, name: Any) -> bool:
        """True if a format is a custom one, or asserts nothing."""
        return name in self._options.formats or self._options.format(name) is None

    def _children(self, schema: Subschema, keyword: str, value: Any) -> Any:
        """The value of a keyword with its subschemas converted."""
        children = schema.children.get(keyword)
        if isinstance(children, dict):
            # In `dependencies` a list of names may be in the place of a schema.
            return {
                name: self._convert(children[name]) if name in children else member for name, member in value.items()
            }
        if isinstance(children, list):
            return [self._convert(child) for child in children]
        return value if children is None else self._convert(children)


def _conjunction(schema: dict[str, Any], conjuncts: list[dict[str, Any]]) -> dict[str, Any]:
    """A schema with further assertions: beside its own where the keywords are free, else in `allOf`."""
    others = []
    for each in conjuncts:
        if schema.keys().isdisjoint(each):
            schema = {**schema, **each}
        else:
            others.append(each)
    return {**schema, "allOf": [*schema.get("allOf", []), *others]} if others else schema
