"""Failing examples of Hypothesis tests, written as fixture files."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import functools
import itertools
import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from hypothesis.strategies import DataObject, SearchStrategy

from chime_fixtures.contract import Violation
from chime_fixtures.errors import InvalidDocumentError


@contextlib.contextmanager
def saving(handle: Any, folder: Path, test: str, passed_over: Collection[str] = ()) -> Iterator[None]:
    """While it is in force, a failing test leaves each argument of its shrunk example as a file of JSON.

    The file of an argument is named after the test and the argument: ``test_parser.test_name.session.json``. What a
    test draws from `st.data()` goes by its number and label: ``test_parser.test_name.data.1-body.json``. An
    instant is written as ISO 8601, a violation as its instance; what JSON can't hold is passed over.

    Args:
        handle: the attribute `hypothesis` of the test function, as Hypothesis documents it for runners of tests.
        folder: where the files go; made when the first is written.
        test: the id of the test in pytest.
        passed_over: the arguments that are not drawn.

    Raises:
        InvalidDocumentError: a file can't be written.
    """
    inner = handle.inner_test
    drawn: dict[str, Any] = {}

    @functools.wraps(inner)
    def remembering(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        # The last run before the test ends is the shrunk example's; the code under test may change what it is given.
        drawn.clear()
        for name, value in kwargs.items():
            if isinstance(value, DataObject):
                _follow(value, name, drawn)
            elif name not in passed_over:
                drawn[name] = _kept(value)
        return inner(*args, **kwargs)

    handle.inner_test = remembering
    try:
        yield
    except Exception:
        _write(folder, _stem(test), drawn)
        raise
    finally:
        handle.inner_test = inner


def _follow(data: DataObject, argument: str, drawn: dict[str, Any]) -> None:
    draw = data.draw
    numbers = itertools.count(1)

    def remembered(strategy: SearchStrategy[Any], label: Any = None) -> Any:
        __tracebackhide__ = True
        value = draw(strategy, label)
        name = f"{argument}.{next(numbers)}"
        drawn[name if label is None else f"{name}-{label}"] = _kept(value)
        return value

    vars(data)["draw"] = remembered


def _kept(value: Any) -> Any:
    instance = value.instance if isinstance(value, Violation) else value
    return copy.deepcopy(instance) if isinstance(instance, dict | list) else instance


def _stem(test: str) -> str:
    return test.rpartition("/")[2].replace(".py::", ".").replace("::", ".")


def _file_name(text: str) -> str:
    """Without directories or characters that a system may refuse."""
    return re.sub(r"[^\w.\-\[\]]+", "-", text)


def _write(folder: Path, stem: str, drawn: Mapping[str, Any]) -> None:
    for name, value in drawn.items():
        try:
            text = json.dumps(value, ensure_ascii=False, indent=2, default=_instant)
        except (TypeError, ValueError):
            continue
        path = folder / _file_name(f"{stem}.{name}.json")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            raise InvalidDocumentError(str(path), f"cannot be written: {error.strerror or error}") from error


def _instant(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
