"""A schema of an older draft, rewritten mechanically as one of draft 2020-12.

Everything that only the benchmark does to a schema is in this module, so that it can be deleted once the engine reads
the older drafts itself. The rewriting has no judgement in it: each rule follows from the difference between two drafts.

| older draft | 2020-12 |
| --- | --- |
| `$schema` of another draft | dropped |
| `id`, `$id` | `$id`; a bare fragment becomes `$anchor` |
| `items` as a list, `additionalItems` | `prefixItems`, `items` |
| `dependencies` | `dependentRequired`, `dependentSchemas` |
| `exclusiveMinimum: true` beside `minimum` | `exclusiveMinimum` with the number; so for the maximum |
| siblings of `$ref`, up to draft-07 | dropped |
| keywords that the schema's own draft does not have | dropped |
| formats that the engine does not know | dropped |
| keywords that 2020-12 does not have | kept, and passed to the engine as annotations |

References into what moved are rewritten. A subschema at a location that only a reference reaches is rewritten too.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.schema.drafts import DRAFT_2020_12
from chime_fixtures.engine.schema.options import SchemaOptions

DRAFT_3 = 3
DRAFT_4 = 4
NEWEST = 2020
OLDEST_WITH_REF_SIBLINGS = 2019

_DRAFTS = {"draft-03": DRAFT_3, "draft-04": DRAFT_4, "draft-05": DRAFT_4, "draft-06": 6, "draft-07": 7, "2019-09": 2019}
"""The draft by a part of the URI of its meta-schema; any other URI is read as the newest."""

_SINCE = {
    **dict.fromkeys(("$id", "const", "contains", "propertyNames", "examples"), 6),
    **dict.fromkeys(("if", "then", "else"), 7),
    **dict.fromkeys(("$anchor", "$defs", "dependentRequired", "dependentSchemas", "minContains", "maxContains"), 2019),
    **dict.fromkeys(("unevaluatedItems", "unevaluatedProperties"), 2019),
    **dict.fromkeys(("prefixItems", "$dynamicRef", "$dynamicAnchor"), 2020),
}
"""The first draft that has a keyword; draft-04 for the others."""

_WITHOUT_UPGRADE = ("$recursiveRef", "$recursiveAnchor")
"""Assertions that are left as they are, so that the engine refuses them."""

_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "items", "prefixItems")
_SINGLES = (
    *("items", "additionalItems", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"),
    *("unevaluatedItems", "unevaluatedProperties"),
)


@dataclass
class Upgraded:
    """A schema of draft 2020-12.

    Attributes:
        schema: the schema.
        annotations: its keywords that draft 2020-12 does not have.
        changes: the rules that changed something; empty if the schema is as it was written.
    """

    schema: Any
    annotations: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)

    @property
    def options(self) -> SchemaOptions:
        """The options with which the engine reads the schema."""
        return SchemaOptions(annotations=self.annotations)


def draft_of(schema: Any) -> int:
    """The number or year of a schema's draft; the newest without a `$schema`."""
    uri = schema.get("$schema") if isinstance(schema, dict) else None
    return next((draft for part, draft in _DRAFTS.items() if part in str(uri)), NEWEST)


def upgrade(schema: Any, *, counts_ref_siblings: bool = False) -> Upgraded:
    """The schema rewritten as one of draft 2020-12; the argument is not changed.

    Args:
        schema: a schema of any draft from 4 on.
        counts_ref_siblings: True to keep the siblings of `$ref` in drafts that ignore them.
    """
    return _Upgrade(schema, counts_ref_siblings=counts_ref_siblings).result


class _Use(NamedTuple):
    """A keyword of a schema at a location of the original document, and the schema that is made of it."""

    made: dict[str, Any]
    keyword: str
    schema: dict[str, Any]
    at: str

    @property
    def value(self) -> Any:
        return self.schema[self.keyword]


class _Upgrade:
    def __init__(self, schema: Any, *, counts_ref_siblings: bool) -> None:
        self._original = schema
        self._draft = draft_of(schema)
        self._drops_siblings = self._draft < OLDEST_WITH_REF_SIBLINGS and not counts_ref_siblings
        self._renamed: dict[str, str] = {}
        self._known: set[str] = set()
        self._options = SchemaOptions()
        self.result = Upgraded(None)
        self.result.schema = self._schema(schema, "")
        self._upgrade_targets()
        if self._renamed:
            self._rewrite_references(self.result.schema)

    def _note(self, rule: str) -> None:
        self.result.changes.add(rule)

    def _schema(self, schema: Any, at: str) -> Any:
        """One subschema at a location of the original document."""
        self._known.add(at)
        if not isinstance(schema, dict):
            return schema
        if self._drops_siblings and isinstance(schema.get("$ref"), str) and len(schema) > 1:
            # What a reference may reach stays.
            kept = {"$ref", "definitions", "$defs"}
            if not schema.keys() <= kept:
                self._note("siblings of $ref")
                schema = {keyword: value for keyword, value in schema.items() if keyword in kept}
        made: dict[str, Any] = {}
        for keyword in schema:
            if _SINCE.get(keyword, 0) > self._draft and keyword != "$defs":
                self._note(f"{keyword} is not in the draft")
            else:
                self._keyword(made, keyword, schema, at)
        return made

    def _keyword(self, made: dict[str, Any], keyword: str, schema: dict[str, Any], at: str) -> None:
        value = schema[keyword]
        below = json_pointer.join([keyword], base=at)
        rule = _RULES.get(keyword)
        if rule is not None and rule(self, _Use(made, keyword, schema, at)):
            return
        if keyword in _MAPS and isinstance(value, dict):
            made[keyword] = {
                name: self._schema(inner, json_pointer.join([name], base=below)) for name, inner in value.items()
            }
        elif keyword in _LISTS and isinstance(value, list):
            made[keyword] = self._list(value, below)
        elif keyword in _SINGLES and isinstance(value, dict | bool):
            made[keyword] = self._schema(value, below)
        else:
            known = keyword in DRAFT_2020_12.keywords or keyword.startswith("x-")
            if not known and keyword not in _WITHOUT_UPGRADE:
                self._note("unknown keywords")
                self.result.annotations.add(keyword)
            made[keyword] = copy.deepcopy(value)

    def _list(self, schemas: list[Any], at: str) -> list[Any]:
        return [self._schema(inner, json_pointer.join([index], base=at)) for index, inner in enumerate(schemas)]

    # Rules: True if the keyword is done with ---------------------------------------------------------------------

    def read_dialect(self, use: _Use) -> bool:
        is_left = self._draft == DRAFT_3 or str(use.value).rstrip("#") == DRAFT_2020_12.uri
        if not is_left:
            self._note("$schema")
        return not is_left

    def read_identifier(self, use: _Use) -> bool:
        value = use.value
        # `id` is a keyword up to draft-04 only; without a `$schema` it may be anything.
        if not isinstance(value, str) or (use.keyword == "id" and self._draft != DRAFT_4):
            return False
        identifier, _, fragment = value.partition("#")
        if use.keyword == "id" or "#" in value:
            self._note("id")
        if identifier:
            use.made["$id"] = identifier
        if fragment and not fragment.startswith("/"):
            use.made["$anchor"] = fragment
        return True

    def read_items(self, use: _Use) -> bool:
        if not isinstance(use.value, list):
            return False
        self._note("items as a list")
        old = json_pointer.join([use.keyword], base=use.at)
        self._renamed[old] = "prefixItems"
        use.made["prefixItems"] = self._list(use.value, old)
        return True

    def read_additional_items(self, use: _Use) -> bool:
        self._note("additionalItems")
        if isinstance(use.schema.get("items"), list):
            old = json_pointer.join([use.keyword], base=use.at)
            self._renamed[old] = "items"
            use.made["items"] = self._schema(use.value, old)
        return True

    def read_dependencies(self, use: _Use) -> bool:
        if not isinstance(use.value, dict):
            return False
        self._note("dependencies")
        old = json_pointer.join([use.keyword], base=use.at)
        self._renamed[old] = "dependentSchemas"
        for name, inner in use.value.items():
            if isinstance(inner, list | str):
                use.made.setdefault("dependentRequired", {})[name] = [inner] if isinstance(inner, str) else inner
            else:
                upgraded = self._schema(inner, json_pointer.join([name], base=old))
                use.made.setdefault("dependentSchemas", {})[name] = upgraded
        return True

    def read_exclusive(self, use: _Use) -> bool:
        if not isinstance(use.value, bool):
            return False
        self._note("boolean exclusive bounds")
        limit = use.schema.get("minimum" if use.keyword == "exclusiveMinimum" else "maximum")
        if use.value and limit is not None:
            use.made[use.keyword] = limit
        return True

    def read_format(self, use: _Use) -> bool:
        is_known = isinstance(use.value, str) and self._options.supports_format(use.value)
        if not is_known:
            self._note("unknown formats")
        return not is_known

    # References --------------------------------------------------------------------------------------------------

    def _upgrade_targets(self) -> None:
        """Rewrite the subschemas at locations that only references reach."""
        while True:
            fresh = {target for target in _local_targets(self.result.schema) if target not in self._known}
            if not fresh:
                return
            for target in sorted(fresh):
                self._known.add(target)
                try:
                    value = json_pointer.resolve(self.result.schema, target)
                    holder = json_pointer.resolve(self.result.schema, target.rpartition("/")[0])
                except (LookupError, ValueError):
                    continue
                token = json_pointer.split(target)[-1]
                holder[int(token) if isinstance(holder, list) else token] = self._schema(value, target)

    def _rewrite_references(self, value: Any) -> None:
        if isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str) and reference.startswith("#/"):
                value["$ref"] = "#" + self._new(unquote(reference[1:]))
            for inner in value.values():
                self._rewrite_references(inner)
        elif isinstance(value, list):
            for inner in value:
                self._rewrite_references(inner)

    def _new(self, pointer: str) -> str:
        """The location in the rewritten document of a location in the original one."""
        tokens = json_pointer.split(pointer)
        prefixes = [json_pointer.join(tokens[:length]) for length in range(1, len(tokens) + 1)]
        return json_pointer.join(
            self._renamed.get(prefix, token) for prefix, token in zip(prefixes, tokens, strict=True)
        )


def _local_targets(value: Any) -> Iterator[str]:
    """The locations in the same document that references lead to."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            yield unquote(reference[1:])
        for inner in value.values():
            yield from _local_targets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _local_targets(inner)


_RULES: dict[str, Callable[[_Upgrade, _Use], bool]] = {
    "$schema": _Upgrade.read_dialect,
    "id": _Upgrade.read_identifier,
    "$id": _Upgrade.read_identifier,
    "items": _Upgrade.read_items,
    "additionalItems": _Upgrade.read_additional_items,
    "dependencies": _Upgrade.read_dependencies,
    "exclusiveMinimum": _Upgrade.read_exclusive,
    "exclusiveMaximum": _Upgrade.read_exclusive,
    "format": _Upgrade.read_format,
}
"""(upgrade, use of the keyword) -> True if the keyword needs no further rewriting."""
