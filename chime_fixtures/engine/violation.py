"""The two records that every room shares: a rule of a schema, and a breach of one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from chime_fixtures.engine import pointer as json_pointer

_AT_THE_PARENT = frozenset({"required", "dependentRequired"})


@dataclass(frozen=True, slots=True)
class Constraint:
    """One assertion of a schema.

    Attributes:
        path: where in an instance it applies: a JSON Pointer in which ``*`` stands for any item or unnamed member.
        keyword: the keyword that asserts.
        value: what the keyword is set to.
        schema_pointer: where the keyword stands in its document, as a JSON Pointer.
    """

    path: str
    keyword: str
    value: Any = field(hash=False)
    schema_pointer: str

    def __str__(self) -> str:
        return f"{self.path or '/'} {self.keyword} {_quote(self.value)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One instance that breaks one constraint: made by us, or found by a judge in what somebody sent.

    Attributes:
        instance: the whole JSON document.
        pointer: the place in it that a validator reports: the object for `required`, `additionalProperties` and their
            like, the array for `contains`, `minItems` and theirs, else the value.
        keyword: the keyword that failed.
        limit: what the schema sets the keyword to.
        schema_pointer: where the keyword stands in its document.
        variant: which way it was broken; for `required` the member that is missing.
        because: the leaf under `anyOf`, `oneOf` or `not`, in words, where one is known.
        contested: the engines that disagree with the judge about it.
    """

    instance: Any = field(hash=False)
    pointer: str
    keyword: str
    limit: Any = field(hash=False)
    schema_pointer: str
    variant: str | None = None
    because: str | None = None
    contested: tuple[str, ...] = ()

    @property
    def value(self) -> Any:
        """What stands at `pointer`."""
        return json_pointer.resolve(self.instance, self.pointer)

    @property
    def id(self) -> str:
        """``<member>[.<index>].<keyword>[.<variant>]``: safe as a file name and as a test id."""
        parts = [*json_pointer.split(self.pointer), self.keyword]
        if self.variant:
            parts.append(self.variant)
        return ".".join(_safe(part) for part in parts)

    @property
    def summary(self) -> str:
        """One line: which member, which keyword, which limit, which value."""
        place = ".".join(json_pointer.split(self.pointer)) or "the document"
        if self.keyword in _AT_THE_PARENT and self.variant:
            return f"{place} breaks {self.keyword}: {self.variant} is missing"
        text = f"{place} breaks {self.keyword} {_quote(self.limit)}: found {_quote(self.value)}"
        if isinstance(self.value, (str, list)) and self.keyword.endswith(("Length", "Items")):
            text += f" ({len(self.value)} {'characters' if isinstance(self.value, str) else 'items'})"
        return text + (f" ({self.because})" if self.because else "")

    def as_dict(self) -> dict[str, Any]:
        """A JSON object with the names of JSON Schema 2020-12's "basic" output, and ours beside them."""
        return {
            "id": self.id,
            "valid": False,
            "instanceLocation": self.pointer,
            "keywordLocation": self.schema_pointer,
            "keyword": self.keyword,
            "limit": self.limit,
            "variant": self.variant,
            "contested": list(self.contested),
            "error": self.summary,
        }

    def __str__(self) -> str:
        return self.summary


def _safe(part: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", part) or "-"


def _quote(value: Any, *, most: int = 60) -> str:
    """A value as ASCII JSON, cut in the middle of its length when it is long."""
    text = json.dumps(value, default=repr)
    return text if len(text) <= most else f"{text[: most - 20]}…{text[-10:]}"
