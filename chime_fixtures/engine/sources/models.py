"""Contracts from models: of pydantic and msgspec, dataclasses, TypedDicts, NamedTuples and enumerations.

A model is recognised by its attributes, so that no library is imported which the model's own module did not import.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from typing import Any, Unpack

from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidDocumentError, MissingExtraError, first_line
from chime_fixtures.engine.schema.options import SchemaArguments

_ACCEPTED = (
    "a contract, a JSON Schema (dict), a file, a pydantic model or TypeAdapter, a dataclass, a TypedDict, "
    "a NamedTuple, an enumeration, or a msgspec Struct"
)


def contract_of_model(model: Any, **options: Unpack[SchemaArguments]) -> Contract:
    """The contract of a model: of the values that it validates, with the names that they have in JSON.

    Args:
        model: a pydantic model or `TypeAdapter`; a dataclass, a `TypedDict`, a `NamedTuple`, an enumeration or another
            type, of which pydantic makes the schema; or a msgspec `Struct`.
        options: the options of `Contract.of`.

    Raises:
        InvalidDocumentError: it is not a model, or its library makes no JSON Schema of it.
        MissingExtraError: pydantic is not installed, and the type requires it.
        UnsupportedSchemaError: the engine does not support the schema of the model.
        UnsatisfiableSchemaError: no value satisfies the schema of the model.
        NoValueFoundError: no value was found before a limit ended the search.
    """
    name = _name(model)
    try:
        schema = _schema_of_struct(model) if _is_struct(model) else None
        if schema is None:
            schema, options = _of_pydantic(model, options)
    except (AttributeError, NameError, RuntimeError, TypeError, ValueError) as error:
        # The errors of pydantic and msgspec are of these types.
        raise InvalidDocumentError(name, f"no JSON Schema can be made of it: {first_line(error)}") from error
    if options.get("dialect", "auto") == "auto":
        options["dialect"] = "2020-12"
    return Contract(schema, name=name, expression=f"Contract.of({name})", **options)


def _is_struct(model: Any) -> bool:
    return isinstance(model, type) and hasattr(model, "__struct_fields__")


def _schema_of_struct(model: Any) -> dict[str, Any]:
    # The module of a struct has imported it.
    import msgspec

    schema: dict[str, Any] = msgspec.json.schema(model)
    return schema


def _of_pydantic(model: Any, options: SchemaArguments) -> tuple[dict[str, Any], SchemaArguments]:
    """The schema of a model or type that pydantic validates, and the options for reading it."""
    is_class = isinstance(model, type)
    is_model = hasattr(model, "model_json_schema") if is_class else hasattr(model, "validate_python")
    if not is_model:
        _require_type(model)
    try:
        from chime_fixtures.engine.sources import pydantic_schemas
    except ImportError as error:
        raise MissingExtraError("pydantic", "pydantic") from error
    schema = pydantic_schemas.schema_of_type(model)
    formats = {**pydantic_schemas.formats_in(schema), **(options.get("formats") or {})}
    annotations = {*pydantic_schemas.ANNOTATIONS, *options.get("annotations", ())}
    return schema, {**options, "formats": formats, "annotations": annotations}


def _require_type(model: Any) -> None:
    """Raise if a value is not the type of data."""
    if _is_type(model):
        return
    if hasattr(model, "__attrs_attrs__") and isinstance(model, type):
        raise InvalidDocumentError(_name(model), "is an attrs class, of which nothing makes a JSON Schema; write one")
    if hasattr(model, "__fields__") and hasattr(model, "schema") and isinstance(model, type):
        remedy = f"pass its schema, Contract({_name(model)}.schema(), dialect='draft 7')"
        raise InvalidDocumentError(_name(model), f"is a model of pydantic 1; {remedy}")
    remedy = "; pass its class" if _is_type(type(model)) or hasattr(model, "model_json_schema") else ""
    raise InvalidDocumentError(_name(model), f"is not {_ACCEPTED}{remedy}")


def _is_type(model: Any) -> bool:
    """True if the value may be the type of data: a dataclass, not any class; a generic, not a function."""
    if isinstance(model, type):
        # A TypedDict of typing_extensions has the attributes of one of typing.
        is_typed_dict = hasattr(model, "__required_keys__") and hasattr(model, "__total__")
        is_named_tuple = issubclass(model, tuple) and hasattr(model, "_fields")
        return dataclasses.is_dataclass(model) or issubclass(model, enum.Enum) or is_typed_dict or is_named_tuple
    return isinstance(model, types.UnionType) or typing.get_origin(model) is not None


def _name(model: Any) -> str:
    name = getattr(model, "__qualname__", None) or repr(model)
    return name if isinstance(name, str) else repr(model)
