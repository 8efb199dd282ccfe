"""Failing examples of Hypothesis tests, written as fixture files."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import hashlib
import itertools
import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis.errors import FailedHealthCheck, InvalidArgument, Unsatisfiable
from hypothesis.strategies import DataObject, SearchStrategy

from chime_fixtures.engine.violation import Violation

_MOST_BYTES = 200
"""Of a file's name: systems take 255."""


@contextlib.contextmanager
def saving(handle: Any, folder: Path, test: str, passed_over: Collection[str] = ()) -> Iterator[None]:
    """While it is in force, a failing test leaves each argument of its shrunk example as a file of JSON.

    The file of an argument is named after the test and the argument: ``test_parser.test_name.session.json``. What a
    test draws from `st.data()` goes by its number and label: ``test_parser.test_name.data.1-body.json``. An
    instant is written as ISO 8601, a violation as its instance; what JSON can't hold is passed over. A file that can't
    be written is a note of the failure.

    Args:
        handle: the attribute `hypothesis` of the test function, as Hypothesis documents it for runners of tests.
        folder: where the files go; made when the first is written.
        test: the id of the test in pytest.
        passed_over: the arguments that are not drawn.
    """
    inner = handle.inner_test
    drawn: dict[str, str] = {}

    @functools.wraps(inner)
    def remembering(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        # The last run before the test ends is the shrunk example's.
        drawn.clear()
        for name, value in kwargs.items():
            if isinstance(value, DataObject):
                _follow(value, name, drawn)
            elif name not in passed_over:
                _keep(drawn, name, value)
        return inner(*args, **kwargs)

    handle.inner_test = remembering
    try:
        yield
    except (FailedHealthCheck, InvalidArgument, Unsatisfiable, pytest.xfail.Exception):  # no example is to blame
        raise
    except (Exception, SystemExit, pytest.fail.Exception, BaseExceptionGroup) as error:
        _write(folder, _stem(test), drawn, error)
        raise
    finally:
        handle.inner_test = inner


def _follow(data: DataObject, argument: str, drawn: dict[str, str]) -> None:
    # All arguments of an example that are `data()` are one object.
    if "draw" in vars(data):
        return
    draw, numbers = data.draw, itertools.count(1)

    def remembered(strategy: SearchStrategy[Any], label: Any = None) -> Any:
        __tracebackhide__ = True
        name = f"{argument}.{next(numbers)}"
        value = draw(strategy, label)
        _keep(drawn, name if label is None else f"{name}-{label}", value)
        return value

    vars(data)["draw"] = remembered


def _keep(drawn: dict[str, str], name: str, value: Any) -> None:
    """Keep a value as text at once: the code under test may change what it is given."""
    instance = value.instance if isinstance(value, Violation) else value
    with contextlib.suppress(TypeError, ValueError, RecursionError):
        drawn[name] = json.dumps(instance, ensure_ascii=False, indent=2, default=_instant)


def _instant(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _stem(test: str) -> str:
    return test.rpartition("/")[2].replace(".py::", ".").replace("::", ".")


def _file_name(text: str) -> str:
    """Without directories or characters that a system may refuse, and not too long."""
    name = re.sub(r"[^\w.\-\[\]]+", "-", text)
    if len(name.encode()) <= _MOST_BYTES:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name.encode()[:_MOST_BYTES].decode(errors='ignore')}-{digest}"


def _write(folder: Path, stem: str, drawn: Mapping[str, str], failure: BaseException) -> None:
    for name, text in drawn.items():
        path = folder / f"{_file_name(f'{stem}.{name}')}.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Half of a surrogate pair has no UTF-8; Python's escape of it is JSON's as well.
            path.write_text(f"{text}\n", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            failure.add_note(f"{path}: cannot be written: {error.strerror or error}")
