"""Contracts from a name: `FILE[#/POINTER]` or `package.module:Model`, as on the command line and in settings."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import sys
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import Any, Unpack

from chime_fixtures.engine.contract import Contract, Schema
from chime_fixtures.engine.errors import (
    InvalidDocumentError,
    InvalidOptionError,
    NoValueError,
    did_you_mean,
    first_line,
)
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.options import SchemaArguments, SchemaOptions
from chime_fixtures.engine.sources.files import ENDINGS, read_documents
from chime_fixtures.engine.sources.models import contract_of_model

_MODEL_NAME = re.compile(r"(?P<module>[^\W\d]\w+(?:\.[^\W\d]\w*)*):(?P<attribute>[^\W\d]\w*(?:\.[^\W\d]\w*)*)")
"""A model's name. A module of one letter is none, since that is a drive of Windows."""

_MODULE_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")


def contract_from(schema: Schema, **options: Unpack[SchemaArguments]) -> Contract:
    """The contract of a file, a model, or a text that names one."""
    if isinstance(schema, str):
        return named_contract(schema, **options)
    if isinstance(schema, PathLike):
        return Contract.from_file(schema, **options)
    return contract_of_model(schema, **options)


def named_contract(
    name: str,
    *,
    folder: Path | None = None,
    resources: Sequence[str | PathLike[str]] = (),
    **options: Unpack[SchemaArguments],
) -> Contract:
    """The contract of a file or model by its name.

    Args:
        name: ``FILE[#/POINTER]``, or ``package.module:Model`` for a model, a contract or a schema in a module.
        folder: the folder to which files are relative, and where modules are found that are nowhere else; by default
            files are relative to the working directory.
        resources: further files and folders that the references of a file may reach.
        options: the options of `Contract.of`.

    Raises:
        InvalidDocumentError: a file can't be read, or a module can't be imported or has no such model.
        InvalidOptionError: options are given with the name of a contract, or resources with that of a model.
    """
    match = _MODEL_NAME.fullmatch(name)
    is_file = os.path.isfile(name if folder is None else folder / name)  # noqa: PTH113  # NUL is allowed
    if match is None or is_file:
        if not is_file and _MODULE_NAME.fullmatch(name) and not name.lower().endswith(ENDINGS):
            raise InvalidDocumentError(
                name, "is not FILE[#/POINTER] or package.module:Model; name the file or the model"
            )
        if folder is not None:
            name, resources = str(folder / name), [folder / each for each in resources]
        return Contract.from_file(name, resources=resources, **options)
    if resources:
        raise InvalidOptionError(f"resources: {name} is not a file; pass resources with a file only")
    value = _attribute(_module(match["module"], name, folder), match["attribute"], name)
    if isinstance(value, str | PathLike):
        raise InvalidDocumentError(name, f"is a {type(value).__name__}, not a model, a contract or a schema")
    try:
        return Contract.of(value, **options)
    except InvalidDocumentError as error:
        raise InvalidDocumentError(name, error.reason) from error
    except InvalidOptionError as error:
        raise InvalidOptionError(f"{name}: {error}") from error


def named_document(
    name: str,
    *,
    folder: Path | None = None,
    resources: Sequence[str | PathLike[str]] = (),
    **options: Unpack[SchemaArguments],
) -> SchemaDocument:
    """The schema of a file or model by its name, which need not have a value.

    The arguments and errors are those of `named_contract`.
    """
    try:
        return named_contract(name, folder=folder, resources=resources, **options).document
    except NoValueError:
        if folder is not None:
            name, resources = str(folder / name), [folder / each for each in resources]
        return read_documents(name, resources=resources, options=SchemaOptions(**options))


def _module(module: str, name: str, folder: Path | None) -> ModuleType:
    if folder is not None and str(folder.absolute()) not in sys.path:
        # At the end, so that its files hide no other module; for good, since a module may import others later.
        sys.path.append(str(folder.absolute()))
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            raise InvalidDocumentError(name, _explain_missing(error.name)) from error
        reason = first_line(error)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a module may raise anything
        reason = f"{type(error).__name__}: {first_line(error)}"
    raise InvalidDocumentError(name, f"module {module} cannot be imported: {reason}")


def _explain_missing(module: str) -> str:
    """The reason why a module was not found, and the remedy."""
    parent, _, child = module.rpartition(".")
    if parent:
        found = sys.modules.get(parent)
        known = [each.name for each in pkgutil.iter_modules(getattr(found, "__path__", []))]
        return f"package {parent} has no module {child!r}" + did_you_mean(child, known)
    return f"no module is named {module!r}; install it, or run this in the folder that contains it"


def _attribute(module: ModuleType, path: str, name: str) -> Any:
    value: Any = module
    owner = f"module {module.__name__}"
    for part in path.split("."):
        if not hasattr(value, part):
            known = [each for each, defined in vars(value).items() if _is_public(each, defined, module)]
            raise InvalidDocumentError(name, f"{owner} has no attribute {part!r}{did_you_mean(part, known)}")
        value = getattr(value, part)
        owner = part
    return value


def _is_public(name: str, value: Any, module: ModuleType) -> bool:
    """True if a name is that of a contract, a schema, or a class that the module defines."""
    if isinstance(value, type):
        return not name.startswith("_") and value.__module__ == module.__name__
    return not name.startswith("_") and (isinstance(value, Contract | dict) or hasattr(value, "json_schema"))
