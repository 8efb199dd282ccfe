"""JSON Schemas of pydantic models: what pydantic generates, with rules of its validators that it leaves out.

Pydantic's own schema of an `HttpUrl` is any URI, that of a `Decimal` any string, and that of a `PastDate` any date, so
that the model refuses most values of such a schema.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from chime_fixtures.engine.regex import format_grammars as grammars

ANNOTATIONS = ("discriminator",)
"""Keywords that assert nothing: OpenAPI's `discriminator` stands beside the `oneOf` that does."""

_PAST_YEARS = "^(?:[01]|20(?:[01]|2[0-4]))"
_FUTURE_YEARS = "^(?:[3-9]|2[1-9])"
"""The years of dates in the past and future: before 2025 and from 2100 on, so that a schema is the same on each day."""

_NAIVE_DATE_TIME = rf"^(?!0000){grammars.DATE}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,6}})?$"
_SHORT_NUMBERS = "^[^0-9]*(?:[0-9]{1,5}[^0-9]+)*$"
"""A duration of numbers that a `timedelta` holds."""

_TRIMMED = r"^\S(?:[\s\S]*\S)?$"
_KEYS = {
    "integer": "^(?:0|-?[1-9][0-9]{0,17})$",
    "number": r"^(?:0|-?[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?$",
    "boolean": "^(?:true|false)$",
}
"""The pattern of a key, by the JSON type of the value that it is parsed to."""

_HOST = rf"(?:[A-Za-z][A-Za-z0-9]*(?:[.-][A-Za-z][A-Za-z0-9]*)*|{grammars.IPV4})"
_AFTER_SCHEME = rf"://(?:[A-Za-z0-9]+(?::[A-Za-z0-9]+)?@)?{_HOST}(?::[1-9][0-9]{{0,3}})?(?:[/?#][!-~]*)?$"

_LABEL = "[A-Za-z0-9]{1,16}(?:-[A-Za-z0-9]{1,15}){0,2}"
_SPECIAL_DOMAINS = ("arpa", "invalid", "local", "localhost", "onion", "test")
"""The domains that email-validator refuses."""


def _in_any_case(text: str) -> str:
    return "".join(f"[{letter.upper()}{letter}]" for letter in text)


def _prefixes(first: int, last: int) -> str:
    return f"/(?:{'|'.join(map(str, range(first, last + 1)))})"


_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_GROUP = "[0-9A-Fa-f]{1,4}"
_IPV4_INTERFACE = f"{grammars.IPV4}(?:{_prefixes(0, 32)})?"
_IPV6_INTERFACE = f"{grammars.IPV6}(?:{_prefixes(0, 128)})?"
# The bits after the prefix are zero. Networks whose prefix ends within a number other than 0 are left out.
_IPV4_NETWORK = "|".join(
    [
        rf"{grammars.IPV4}(?:/32)?",
        *(rf"{_BYTE}\." * count + r"\.".join("0" * (4 - count)) + _prefixes(8 * count, 31) for count in range(4)),
    ]
)
_IPV6_NETWORK = "|".join(
    [
        f"{grammars.IPV6}(?:/128)?",
        *(":".join([_GROUP] * count) + "::" + _prefixes(16 * count, 127) for count in range(8)),
    ]
)

FORMATS: dict[str, str | None] = {
    **{
        f"uuid{version}": "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-" + str(version) + "[0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-"
        "[0-9A-Fa-f]{12}$"
        for version in range(1, 9)
    },
    # The last symbol before the padding has no bits of another byte.
    "base64": "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$",
    "base64url": "^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]==|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048]=)?$",
    "email": (
        rf"^{grammars.LOCAL_PART}@(?:{_LABEL}\.){{1,3}}(?!(?:{'|'.join(map(_in_any_case, _SPECIAL_DOMAINS))})$)"
        "[A-Za-z]{2,20}$"
    ),
    "fraction": "^-?[0-9]{1,9}(?:/[1-9][0-9]{0,8})?$",
    "ipv4interface": f"^{_IPV4_INTERFACE}$",
    "ipv4network": f"^(?:{_IPV4_NETWORK})$",
    "ipv6interface": f"^{_IPV6_INTERFACE}$",
    "ipv6network": f"^(?:{_IPV6_NETWORK})$",
    "ipvanyaddress": f"^(?:{grammars.IPV4}|{grammars.IPV6})$",
    "ipvanyinterface": f"^(?:{_IPV4_INTERFACE}|{_IPV6_INTERFACE})$",
    "ipvanynetwork": f"^(?:{_IPV4_NETWORK}|{_IPV6_NETWORK})$",
    "name-email": rf"^[A-Za-z]{{1,12}}(?: [A-Za-z]{{1,12}})? <[A-Za-z0-9]{{1,16}}@(?:{_LABEL}\.){{1,2}}(?:com|org)>$",
    "path": None,
}
"""The patterns of formats that pydantic generates and JSON Schema does not define, and the email of its validator."""


def schema_of_type(model: Any) -> dict[str, Any]:
    """The JSON Schema of the values that a type's validator accepts, by alias: of a model, or any type."""
    schema: dict[str, Any]
    if isinstance(model, type) and issubclass(model, BaseModel):
        by_alias = model.model_config.get("validate_by_alias", True)
        schema = model.model_json_schema(by_alias=by_alias, mode="validation", schema_generator=_ValidatorSchemas)
    elif isinstance(model, type) and hasattr(model, "model_json_schema"):
        # Another library's class with the methods of a model.
        schema = model.model_json_schema()
    else:
        adapter = model if isinstance(model, TypeAdapter) else TypeAdapter(model)
        schema = adapter.json_schema(by_alias=True, mode="validation", schema_generator=_ValidatorSchemas)
    return schema


def formats_in(schema: Any) -> dict[str, str | None]:
    """Those of `FORMATS` that occur in a schema."""
    found: dict[str, str | None] = {}
    stack = [schema]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            name = value.get("format")
            if isinstance(name, str) and name in FORMATS:
                found[name] = FORMATS[name]
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return found


class _ValidatorSchemas(GenerateJsonSchema):
    """Pydantic's generator, with rules that its validators have and its schemas lack."""

    def str_schema(self, schema: Any) -> dict[str, Any]:
        generated = super().str_schema(schema)
        is_measured = generated.get("minLength", 0) > 0 or "pattern" in generated
        is_stripped = schema.get("strip_whitespace", self._config.str_strip_whitespace)
        return _also(generated, _TRIMMED) if is_stripped and is_measured else generated

    def bytes_schema(self, schema: Any) -> dict[str, Any]:
        generated = super().bytes_schema(schema)
        # The limits are those of bytes; of ASCII characters each is one.
        return _also(generated, r"^[\x00-\x7f]*$") if "maxLength" in generated else generated

    def decimal_schema(self, schema: Any) -> dict[str, Any]:
        limits = {name: schema.get(name) for name in ("ge", "gt", "le", "lt", "multiple_of")}
        places, digits = schema.get("decimal_places"), schema.get("max_digits")
        if places is None and digits is not None:
            places = digits // 2
        whole = None if digits is None else digits - places
        numbers: dict[str, Any] = super().decimal_schema(schema)["anyOf"][0]
        if places is not None:
            numbers = {"allOf": [numbers, {"multipleOf": float(f"1e-{places}") if places else 1}]}
        if whole is not None:
            numbers = {"allOf": [numbers, {"exclusiveMinimum": -(10**whole), "exclusiveMaximum": 10**whole}]}
        if any(value is not None for name, value in limits.items() if (name, value) != ("ge", 0)):
            # No pattern has the limits of a number.
            return numbers
        sign = "" if limits["ge"] == 0 else "-?"
        integer = "0" if whole == 0 else f"[0-9]{{1,{whole or 20}}}"
        fraction = "" if places == 0 else rf"(?:\.[0-9]{{1,{places or 20}}})?"
        return {"anyOf": [numbers, {"type": "string", "pattern": f"^{sign}{integer}{fraction}$"}]}

    def date_schema(self, schema: Any) -> dict[str, Any]:
        return _within(super().date_schema(schema), schema, dt.timedelta(1), dt.timedelta(0))

    def datetime_schema(self, schema: Any) -> dict[str, Any]:
        if schema.get("tz_constraint") == "naive":
            generated = {"type": "string", "pattern": _NAIVE_DATE_TIME}
        else:
            generated = super().datetime_schema(schema)
        # Two days more than the bound are enough for each time of day and each offset.
        return _within(generated, schema, dt.timedelta(2), dt.timedelta(2))

    def timedelta_schema(self, schema: Any) -> dict[str, Any]:
        return _also(super().timedelta_schema(schema), _SHORT_NUMBERS)

    def url_schema(self, schema: Any) -> dict[str, Any]:
        return _with_schemes(super().url_schema(schema), schema.get("allowed_schemes"))

    def multi_host_url_schema(self, schema: Any) -> dict[str, Any]:
        generated = super().multi_host_url_schema(schema)
        return _with_schemes({**generated, "format": "uri"}, schema.get("allowed_schemes"))

    def dict_schema(self, schema: Any) -> dict[str, Any]:
        generated = super().dict_schema(schema)
        if "patternProperties" in generated:
            generated.setdefault("additionalProperties", False)
        keys = schema.get("keys_schema", {})
        if keys.get("type") == "enum":
            values = [each.value for each in keys["members"]]
            # Only the members of an enumeration of integers are parsed from text.
            names = _names({"enum": [str(each) for each in values] if keys.get("sub_type") == "int" else values})
        else:
            names = _names(self.generate_inner(keys)) if keys else None
        return generated if names is None else {**generated, "propertyNames": names}

    def tagged_union_schema(self, schema: Any) -> dict[str, Any]:
        generated = super().tagged_union_schema(schema)
        # The tag decides which model validates, and must be there even if its field has a default.
        tag = generated.get("discriminator", {}).get("propertyName")
        return {**generated, "required": [tag]} if tag else generated


def _names(keys: dict[str, Any]) -> dict[str, Any] | bool | None:
    """The schema of the names that are parsed to keys of a schema; None if the names are such keys themselves."""
    if "anyOf" in keys:
        return {"anyOf": [each if (names := _names(each)) is None else names for each in keys["anyOf"]]}
    constants = keys.get("enum", [keys["const"]] if "const" in keys else [])
    if constants:
        texts = [each for each in constants if isinstance(each, str)]
        return {"enum": texts} if texts else False
    pattern = _KEYS.get(str(keys.get("type")))
    return {"pattern": pattern} if pattern else None


def _also(schema: dict[str, Any], pattern: str) -> dict[str, Any]:
    """A schema of strings with one more pattern."""
    if "pattern" not in schema:
        return {**schema, "pattern": pattern}
    return {**schema, "allOf": [*schema.get("allOf", ()), {"pattern": pattern}]}


def _within(
    generated: dict[str, Any], rules: dict[str, Any], exclusive: dt.timedelta, inclusive: dt.timedelta
) -> dict[str, Any]:
    """A schema of dates that are past or future, or in bounds.

    Args:
        generated: the schema without these rules.
        rules: pydantic's schema of the type.
        exclusive: the distance from an exclusive bound to the first date.
        inclusive: the same for an inclusive bound.
    """
    if rules.get("now_op") is not None:
        generated = _also(generated, _PAST_YEARS if rules["now_op"] == "past" else _FUTURE_YEARS)
    for name, distance in (("ge", inclusive), ("gt", exclusive), ("le", -inclusive), ("lt", -exclusive)):
        if rules.get(name) is not None:
            bound = rules[name]
            try:
                date = dt.date(bound.year, bound.month, bound.day) + distance
            except OverflowError:
                continue
            generated = _also(generated, _dates_from(date) if name in {"ge", "gt"} else _dates_to(date))
    return generated


def _dates_from(date: dt.date) -> str:
    """A pattern that texts match which begin with this date or a later one."""
    text = date.isoformat()
    later = [f"{text[:i]}[{int(digit) + 1}-9]" for i, digit in enumerate(text) if digit.isdecimal() and digit != "9"]
    return f"^(?:{'|'.join([text, *later])})"


def _dates_to(date: dt.date) -> str:
    """A pattern that texts match which begin with this date or an earlier one."""
    text = date.isoformat()
    earlier = [f"{text[:i]}[0-{int(digit) - 1}]" for i, digit in enumerate(text) if digit.isdecimal() and digit != "0"]
    return f"^(?:{'|'.join([text, *earlier])})"


def _with_schemes(schema: dict[str, Any], schemes: list[str] | None) -> dict[str, Any]:
    """A schema of URLs with one of these schemes and a host, or in the case of a file without."""
    if not schemes:
        return schema
    if schemes == ["file"]:
        return _also(schema, "^file:///[!-~]*$")
    names = "|".join(scheme.replace("+", r"\+").replace(".", r"\.") for scheme in schemes)
    return _also(schema, f"^(?:{names}){_AFTER_SCHEME}")
