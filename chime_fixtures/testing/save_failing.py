"""Fixture files of the failing examples of Hypothesis tests."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import itertools
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis.errors import FailedHealthCheck, InvalidArgument, Unsatisfiable
from hypothesis.strategies import DataObject, SearchStrategy

from chime_fixtures.engine.violation import Violation
from chime_fixtures.testing.file_names import file_name


@contextlib.contextmanager
def saving(handle: Any, folder: Path, test: str, ignored: Collection[str] = ()) -> Iterator[None]:
    """Save the shrunk example of a test that fails in this context, one JSON file for each argument.

    The file of an argument is named after the test and the argument: ``test_parser.test_name.session.json``. A value
    that the test draws from `st.data()` is named by its number and label: ``test_parser.test_name.data.1-body.json``.
    `file_name` has the rule.
    A datetime is written as ISO 8601, a violation as its instance; values that are not JSON are skipped. If a file
    can't be written, the failure gets a note.

    Args:
        handle: the attribute `hypothesis` of the test function, which Hypothesis documents for test runners.
        folder: the folder of the files, created with the first one.
        test: the id of the test in pytest.
        ignored: the arguments that are not drawn.
    """
    inner = handle.inner_test
    drawn: dict[str, str] = {}

    @functools.wraps(inner)
    def recording(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        # The last run before the test ends is the shrunk example's.
        drawn.clear()
        for name, value in kwargs.items():
            if isinstance(value, DataObject):
                _record_draws(value, name, drawn)
            elif name not in ignored:
                _record(drawn, name, value)
        return inner(*args, **kwargs)

    handle.inner_test = recording
    try:
        yield
    except (FailedHealthCheck, InvalidArgument, Unsatisfiable, pytest.xfail.Exception):  # no example has failed
        raise
    except (Exception, SystemExit, pytest.fail.Exception, BaseExceptionGroup) as error:
        _write(folder, test, drawn, error)
        raise
    finally:
        handle.inner_test = inner


def _record_draws(data: DataObject, argument: str, drawn: dict[str, str]) -> None:
    # Every `data()` argument of an example is the same object.
    if "draw" in vars(data):
        return
    draw, numbers = data.draw, itertools.count(1)

    def recorded_draw(strategy: SearchStrategy[Any], label: Any = None) -> Any:
        __tracebackhide__ = True
        name = f"{argument}.{next(numbers)}"
        value = draw(strategy, label)
        _record(drawn, name if label is None else f"{name}-{label}", value)
        return value

    vars(data)["draw"] = recorded_draw


def _record(drawn: dict[str, str], name: str, value: Any) -> None:
    """Encode a value at once: the code under test may modify it later."""
    instance = value.instance if isinstance(value, Violation) else value
    with contextlib.suppress(TypeError, ValueError, RecursionError):
        drawn[name] = json.dumps(instance, ensure_ascii=False, indent=2, default=_instant)


def _instant(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _write(folder: Path, test: str, drawn: Mapping[str, str], failure: BaseException) -> None:
    for name, text in drawn.items():
        path = folder / f"{file_name(test, name)}.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # A lone surrogate can't be encoded in UTF-8; Python's escape of it is also JSON's.
            path.write_text(f"{text}\n", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            failure.add_note(f"{path} could not be written: {error.strerror or error}")
