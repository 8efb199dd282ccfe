"""Package data, each file with its version and source: names, and ranges of fictitious telephone numbers."""

from __future__ import annotations

import functools
import importlib.resources
import json
from typing import Any


@functools.cache
def load(name: str) -> dict[str, Any]:
    """A file of package data by its name without the ending, parsed once.

    Raises:
        FileNotFoundError: unknown name.
    """
    text = importlib.resources.files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
