"""Declared locations of a schema, and those that an instance reaches, by the evaluation of jsonschema-rs alone.

A location is a property, an item, a branch or a member of an enumeration, as the pointer of its subschema or member.
It is the outside judge of the promise that values reach each location, or `Contract.unreached` names it. Nothing of
the engine is used here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urljoin

import jsonschema_rs

_SINGLE = frozenset(
    {"items", "additionalItems", "additionalProperties", "contains", "unevaluatedItems", "unevaluatedProperties"}
)
"""Keywords with one subschema, for parts of the instance; `items` may have a list of them in older drafts."""

_CONDITIONAL = frozenset({"then", "else"})
_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies"})
_BY_INDEX = frozenset({"prefixItems", "anyOf", "oneOf"})
_SKIPPED = frozenset({"not", "if", "propertyNames"})
"""Keywords whose subschemas declare no location."""

_DATA = frozenset({"enum", "const", "default", "examples"})
"""Keywords whose values are not schemas."""

_REF_IS_ALONE = (jsonschema_rs.Draft4Validator, jsonschema_rs.Draft6Validator, jsonschema_rs.Draft7Validator)
"""The drafts that ignore the siblings of `$ref`."""

_BASE = "https://schema.invalid/"


def escape(token: str | int) -> str:
    """A token of a pointer."""
    return str(token).replace("~", "~0").replace("/", "~1")


class Locations:
    """The declared locations of one schema, whose references stay in it.

    Args:
        schema: the schema.
        draft: the class of jsonschema-rs for its draft.

    Attributes:
        declared: the pointers of all of them.
    """

    def __init__(self, schema: Any, draft: Callable[..., Any] = jsonschema_rs.Draft202012Validator) -> None:
        schema = _written_out(schema)
        self._validator = draft(schema, validate_formats=True, offline=True)
        self._identifier = "id" if draft is jsonschema_rs.Draft4Validator else "$id"
        self._ref_is_alone = draft in _REF_IS_ALONE
        self._schema = schema
        self._roots: dict[str, str] = {"": "", _BASE: ""}
        self._anchors: dict[str, str] = {}
        self._bases: dict[str, str] = {}
        self._index(schema, "", _BASE)
        self._schemas: dict[str, Any] = {}
        self.declared: set[str] = set()
        self._walk()

    def _index(self, value: Any, pointer: str, base: str) -> None:
        """Record the URI and the anchors of each schema."""
        if isinstance(value, dict):
            identifier = value.get(self._identifier)
            if isinstance(identifier, str):
                if identifier.startswith("#"):
                    self._anchors[f"{base}{identifier}"] = pointer
                else:
                    base = urljoin(base, identifier).rstrip("#")
                    self._roots[base] = pointer
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(value.get(keyword), str):
                    self._anchors[f"{base}#{value[keyword]}"] = pointer
            self._bases[pointer] = base
            for name, each in value.items():
                if name not in _DATA:
                    self._index(each, f"{pointer}/{escape(name)}", base)
        elif isinstance(value, list):
            for index, each in enumerate(value):
                self._index(each, f"{pointer}/{index}", base)

    def _walk(self) -> None:
        stack = [("", self._schema)]
        while stack:
            pointer, schema = stack.pop()
            if pointer in self._schemas:
                continue
            self._schemas[pointer] = schema
            if not isinstance(schema, dict):
                continue
            self.declared.update(f"{pointer}/enum/{index}" for index in range(len(schema.get("enum", ()))))
            for inner, child, is_location in self._children(pointer, schema):
                if not self._is_forbidden(inner, child):
                    if is_location:
                        self.declared.add(inner)
                    stack.append((inner, child))

    def _children(self, pointer: str, schema: dict[str, Any]) -> Iterator[tuple[str, Any, bool]]:
        """The subschemas for the same value and its parts, True for those that are locations."""
        if self._ref_is_alone and "$ref" in schema:
            schema = {"$ref": schema["$ref"]}
        for keyword, value in schema.items():
            at = f"{pointer}/{escape(keyword)}"
            if keyword == "contains" and schema.get("minContains") == 0:
                # jsonschema-rs does not evaluate it, since it is always satisfied.
                continue
            if keyword == "additionalItems" and not isinstance(schema.get("items"), list):
                continue
            if isinstance(value, list) and (keyword in _BY_INDEX or keyword in {"allOf", "items"}):
                yield from ((f"{at}/{index}", child, keyword != "allOf") for index, child in enumerate(value))
            elif keyword in _SINGLE or (keyword in _CONDITIONAL and "if" in schema):
                yield at, value, True
            elif keyword in _BY_NAME and isinstance(value, dict):
                # `dependencies` may also list names.
                schemas = {name: child for name, child in value.items() if isinstance(child, dict | bool)}
                yield from ((f"{at}/{escape(name)}", child, True) for name, child in schemas.items())
            elif keyword in {"$ref", "$dynamicRef", "$recursiveRef"} and isinstance(value, str):
                target = self._target(self._bases.get(pointer, _BASE), value)
                if target is not None:
                    yield target, self._resolve(target), False

    def _is_forbidden(self, pointer: str, schema: Any) -> bool:
        """True for a false schema, and for one that refers to it, or has it in its allOf."""
        stack, seen = [(pointer, schema)], {pointer}
        while stack:
            current, value = stack.pop()
            if value is False:
                return True
            parts = (
                {key: value[key] for key in ("allOf", "$ref", "$dynamicRef") if key in value}
                if isinstance(value, dict)
                else {}
            )
            for inner, child, _ in self._children(current, parts):
                if inner not in seen:
                    seen.add(inner)
                    stack.append((inner, child))
        return False

    def _target(self, base: str, reference: str) -> str | None:
        uri, _, fragment = urljoin(base, reference).partition("#")
        if fragment and not fragment.startswith("/"):
            return self._anchors.get(f"{uri}#{fragment}")
        root = self._roots.get(uri)
        return None if root is None else root + unquote(fragment)

    def _resolve(self, pointer: str) -> Any:
        value = self._schema
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            value = value[int(name)] if isinstance(value, list) else value[name]
        return value

    def below(self, pointers: Iterable[str]) -> set[str]:
        """The declared locations that only these ones, and those below them, lead to."""
        excluded = set(pointers)
        kept, stack = {""}, [""]
        while stack:
            schema = self._schemas[pointer := stack.pop()]
            for inner, child, _ in self._children(pointer, schema) if isinstance(schema, dict) else ():
                if inner not in excluded and inner not in kept and not self._is_forbidden(inner, child):
                    kept.add(inner)
                    stack.append(inner)
        members = {each for each in self.declared if each.split("/")[-2:-1] == ["enum"] and each not in self._schemas}
        reachable = {each for each in members - excluded if each.rsplit("/", 2)[0] in kept}
        return self.declared - kept - reachable

    def reached(self, instance: Any) -> set[str]:
        """The declared locations that a valid instance reaches; none for an invalid one."""
        evaluation = self._validator.evaluate(instance)
        found: set[str] = set()
        if not evaluation.valid:
            return found
        evaluated: set[tuple[str, str]] = set()
        skipped: list[str] = []
        for unit in evaluation.list()["details"]:
            path, location = unit["evaluationPath"], unit["instanceLocation"]
            evaluated.add((path, location))
            if not unit["valid"] or path.startswith(tuple(skipped)):
                continue
            pointer = self._pointer(unit["schemaLocation"])
            parent, _, keyword = pointer.rpartition("/")
            # A reference may lead to the same pointer as a keyword.
            is_keyword = parent in self._schemas and path.rpartition("/")[2] == keyword
            if is_keyword and keyword in _SKIPPED:
                skipped.append(f"{path}/")
            elif is_keyword and keyword == "enum":
                value = self._part(instance, location)
                members = enumerate(self._schemas[parent]["enum"])
                found.update(f"{pointer}/{index}" for index, member in members if _equal(member, value))
            elif is_keyword and keyword == "additionalItems":
                # It is reported at the whole value only.
                value, items = self._part(instance, location), self._schemas[parent].get("items")
                if isinstance(value, list) and isinstance(items, list) and len(value) > len(items):
                    found.add(pointer)
            # The keyword itself is reported at the whole value, its subschema at each part.
            is_part = bool(location) and (path, location.rpartition("/")[0]) in evaluated
            if pointer in self.declared and (is_part or not (is_keyword and keyword in _SINGLE)):
                found.add(pointer)
        return found & self.declared

    def _pointer(self, location: str) -> str:
        if not location or location.startswith("/"):
            return location
        uri, _, fragment = location.partition("#")
        return self._roots.get(uri, "") + unquote(fragment)

    @staticmethod
    def _part(instance: Any, pointer: str) -> Any:
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            instance = instance[int(name)] if isinstance(instance, list) else instance[name]
        return instance


def _written_out(value: Any) -> Any:
    """The same schema with ``{}`` for ``true`` where jsonschema-rs evaluates only the former."""
    if isinstance(value, list):
        return [_written_out(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: {} if each is True and name in _SINGLE else each if name in _DATA else _written_out(each)
        for name, each in value.items()
    }


def _equal(left: Any, right: Any) -> bool:
    """True if two values are equal as JSON: true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[name], right[name]) for name in left)
    return bool(left == right)
