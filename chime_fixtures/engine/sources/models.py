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
_PYDANTIC_ANNOTATIONS = ("discriminator",)
"""Keywords in schemas of pydantic that assert nothing: OpenAPI's `discriminator`, beside the `oneOf` that does."""


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
    if options.get("dialect", "auto") == "auto":
        options["dialect"] = "2020-12"
    options["annotations"] = {*_PYDANTIC_ANNOTATIONS, *options.get("annotations", ())}
    return Contract(schema_of_model(model), name=name, expression=f"Contract.of({name})", **options)


def schema_of_model(model: Any) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a model, as its library makes it.

    Raises:
        InvalidDocumentError: it is not a model, or its library makes no JSON Schema of it.
        MissingExtraError: pydantic is not installed, and the type requires it.
    """
    is_class = isinstance(model, type)
    try:
        schema: dict[str, Any]
        if is_class and hasattr(model, "model_json_schema"):
            schema = model.model_json_schema(by_alias=True, mode="validation")
        elif not is_class and hasattr(model, "json_schema") and hasattr(model, "validate_python"):
            schema = model.json_schema(by_alias=True, mode="validation")
        elif is_class and hasattr(model, "__struct_fields__"):
            schema = _schema_of_struct(model)
        elif is_class and hasattr(model, "__attrs_attrs__"):
            raise InvalidDocumentError(
                _name(model), "is an attrs class, of which nothing makes a JSON Schema; write one"
            )
        elif _is_type(model):
            schema = _type_adapter(model).json_schema(by_alias=True, mode="validation")
        else:
            remedy = "; pass its class" if _is_type(type(model)) else ""
            raise InvalidDocumentError(_name(model), f"is not {_ACCEPTED}{remedy}")
    except (AttributeError, NameError, RuntimeError, TypeError, ValueError) as error:
        # The errors of pydantic and msgspec are of these types.
        raise InvalidDocumentError(_name(model), f"no JSON Schema can be made of it: {first_line(error)}") from error
    return schema


def _type_adapter(model: Any) -> Any:
    try:
        from pydantic import TypeAdapter
    except ImportError as error:
        raise MissingExtraError("pydantic", "pydantic") from error
    return TypeAdapter(model)


def _schema_of_struct(model: Any) -> dict[str, Any]:
    # The module of a struct has imported it.
    import msgspec

    schema: dict[str, Any] = msgspec.json.schema(model)
    return schema


def _is_type(model: Any) -> bool:
    """True if the value may be the type of data: a dataclass, not any class; a generic, not a function."""
    if isinstance(model, type):
        is_record = dataclasses.is_dataclass(model) or typing.is_typeddict(model) or issubclass(model, enum.Enum)
        return is_record or (issubclass(model, tuple) and hasattr(model, "_fields"))
    return isinstance(model, types.UnionType) or typing.get_origin(model) is not None


def _name(model: Any) -> str:
    name = getattr(model, "__qualname__", None) or repr(model)
    return name if isinstance(name, str) else repr(model)
