"""The public API as text: one line for each name, signature, member, fixture, setting, marker and command-line option.

``python -m tests.support.public_api`` writes `tests/public_api.txt` anew.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path

import click

SNAPSHOT = Path(__file__).parents[1] / "public_api.txt"
MODULES = {
    "chime_fixtures": None,
    "chime_fixtures.service": None,
    "chime_fixtures.profiles": ("DATABASE_VARIABLE", "database", "register"),
    "chime_fixtures.types": (),
}
"""The public modules with their public names: None for those in `__all__`, an empty tuple for all without underscore."""


def lines() -> Iterator[str]:
    """The lines of the snapshot."""
    for module_name, chosen in MODULES.items():
        module = importlib.import_module(module_name)
        names = module.__all__ if chosen is None else chosen or names_defined_in(module)
        for name in sorted(names):
            yield from described(f"{module_name}.{name}", getattr(module, name))
    yield from plugin_lines()
    yield from command_lines()


def names_defined_in(module: types.ModuleType) -> list[str]:
    """The names that a module defines and does not import."""
    imported = {"Literal", "Required", "TypedDict", "datetime"}
    return [name for name in vars(module) if name[0].isalpha() and name not in imported]


def described(path: str, value: object) -> Iterator[str]:
    """The lines of one public name."""
    if not inspect.isclass(value):
        yield f"{path}{signature(value)}" if callable(value) else f"{path} = {value!r}"
        return
    if typing.is_typeddict(value):
        yield f"{path}: {', '.join(sorted(value.__required_keys__)) or 'nothing'} required"
        for name, kind in value.__annotations__.items():
            yield f"{path}.{name}: {inspect.formatannotation(kind)}"
        return
    if issubclass(value, Exception):
        yield f"{path}({', '.join(base.__name__ for base in value.__bases__)})"
    else:
        yield f"{path}{signature(value)}"
    for name, member in sorted(members(value).items()):
        if isinstance(member, property):
            yield f"{path}.{name}: {inspect.get_annotations(member.fget).get('return')}"
        elif isinstance(member, classmethod | staticmethod):
            yield f"{path}.{name}{signature(member.__func__)} [{type(member).__name__}]"
        elif callable(member):
            yield f"{path}.{name}{signature(member)}"
        elif not (dataclasses.is_dataclass(value) or isinstance(member, types.MemberDescriptorType)):
            yield f"{path}.{name}"


def members(kind: type) -> dict[str, object]:
    """The public members that a class has from our own classes, its own first."""
    ours = [base for base in reversed(kind.__mro__) if base.__module__.startswith("chime_fixtures")]
    return {name: member for base in ours for name, member in vars(base).items() if not name.startswith("_")}


def signature(value: object) -> str:
    """A signature that reads the same in each process and on each Python."""
    found = inspect.signature(value)  # type: ignore[arg-type]
    parameters = [
        parameter.replace(default=_plain(parameter.default), annotation=_written(parameter.annotation))
        for parameter in found.parameters.values()
    ]
    return str(found.replace(parameters=parameters, return_annotation=_written(found.return_annotation)))


class _Written(str):
    """A text that is printed without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _plain(default: object) -> object:
    is_plain = isinstance(default, str | int | float | tuple | types.NoneType) or default is inspect.Parameter.empty
    return default if is_plain else _Written("...")


def _written(annotation: object) -> object:
    if annotation is inspect.Parameter.empty:
        return annotation
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return _Written(re.sub(r"ForwardRef\('(.*?)'\)", r"\1", text))


class _Collector:
    """Records what the plugin registers with pytest."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def getgroup(self, *_: object, **__: object) -> _Collector:
        return self

    def addoption(self, *names: str, **_: object) -> None:
        self.lines += [f"pytest option {name}" for name in names]

    def addini(self, name: str, *_: object, **__: object) -> None:
        self.lines.append(f"pytest setting {name}")

    def addinivalue_line(self, _: str, line: str) -> None:
        self.lines.append(f"pytest marker {line.partition(':')[0]}")

    def getoption(self, _: str, **__: object) -> None: ...

    def getini(self, _: str) -> None: ...

    @property
    def pluginmanager(self) -> _Collector:
        return self

    def register(self, *_: object) -> None: ...


def plugin_lines() -> Iterator[str]:
    """The fixtures, options, settings and markers of the pytest plugin."""
    plugin = importlib.import_module("chime_fixtures.pytest_plugin")
    collector = _Collector()
    plugin.pytest_addoption(collector)
    plugin.pytest_configure(collector)
    yield from sorted(collector.lines)
    for name, value in sorted(vars(plugin).items()):
        is_fixture = hasattr(value, "_fixture_function") or hasattr(value, "_pytestfixturefunction")
        if is_fixture and not name.startswith("_"):
            yield f"pytest fixture {name}"


def command_lines() -> Iterator[str]:
    """The commands and their options."""
    main = importlib.import_module("chime_fixtures.cli").cli
    context = click.Context(main)
    for name in sorted(main.list_commands(context)):
        command = main.get_command(context, name)
        for parameter in sorted(command.params, key=lambda each: each.opts):
            yield f"chime-fixtures {name} {' '.join((*parameter.opts, *parameter.secondary_opts))}"


if __name__ == "__main__":
    SNAPSHOT.write_text("".join(f"{line}\n" for line in lines()), encoding="utf-8")
