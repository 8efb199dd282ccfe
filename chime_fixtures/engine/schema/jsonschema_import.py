"""The import of jsonschema without the grammars of IRIs, whose compilation takes a second.

jsonschema imports `rfc3987_syntax` for the formats `iri` and `iri-reference`, which few schemas have. Here it is
imported when the first IRI is checked.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

_GRAMMARS = "rfc3987_syntax"


def import_jsonschema() -> Any:
    """The module `jsonschema`."""
    is_deferred = not {"jsonschema", _GRAMMARS} & sys.modules.keys() and importlib.util.find_spec(_GRAMMARS) is not None
    if not is_deferred:
        return importlib.import_module("jsonschema")
    placeholder = ModuleType(_GRAMMARS)
    vars(placeholder)["is_valid_syntax"] = _is_valid_syntax
    sys.modules[_GRAMMARS] = placeholder
    try:
        return importlib.import_module("jsonschema")
    finally:
        # Another import finds the grammars.
        if sys.modules.get(_GRAMMARS) is placeholder:
            del sys.modules[_GRAMMARS]


def _is_valid_syntax(term: str, value: str) -> bool:
    return bool(importlib.import_module(_GRAMMARS).is_valid_syntax(term, value))
