"""Options that several commands share: the contract, and the format of a report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chime_fixtures.cli import parameter_types
from chime_fixtures.engine.errors import InvalidOptionError

if TYPE_CHECKING:
    from chime_fixtures.engine.contract import Contract

EXIT_CODES = (
    "Exit codes: 0 success; 1 invalid data, a breaking change, or a failed check; 2 an error (wrong usage, unreadable "
    "input, unsupported schema); "
    "130 interrupted; 143 terminated."
)


def _store(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Store an option of `--schema` in the context, so that no command has to pass it on."""
    context.meta[f"{__name__}.{parameter.name}"] = value


def _store_formats(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> None:
    from chime_fixtures.engine.schema.options import read_formats

    try:
        _store(context, parameter, read_formats(values))
    except InvalidOptionError as error:
        raise click.BadParameter(str(error), context, parameter) from error


_SCHEMA_OPTIONS = (
    ("--resource", "PATH", _store, "Another file that the schema refers to, or a folder of them. May be repeated."),
    (
        "--format-pattern",
        "NAME=REGEX",
        _store_formats,
        "A custom format as an ECMA 262 pattern; NAME= ignores the format. May be repeated.",
    ),
    ("--annotation", "KEYWORD", _store, "A custom keyword to ignore without a warning. May be repeated."),
)


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options for reading custom schemas."""
    for name, metavar, callback, text in reversed(_SCHEMA_OPTIONS):
        option = click.option(name, metavar=metavar, multiple=True, expose_value=False, callback=callback, help=text)
        command = option(command)
    text = "The draft of a schema without $schema: auto, 2020-12, 2019-09, 7, 6 or 4."
    option = click.option(
        "--dialect", metavar="DRAFT", default="auto", show_default=True, expose_value=False, callback=_store, help=text
    )
    command = option(command)
    text = "Unknown keywords and formats of a schema are errors, not warnings."
    return click.option("--strict-schema", is_flag=True, expose_value=False, callback=_store, help=text)(command)


def schema_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--schema` for a custom schema, with the options for reading it."""
    text = "A custom JSON Schema or model instead of a bundled contract."
    return click.option("--schema", metavar="FILE[#/POINTER] | MODULE:MODEL", help=text)(reading_options(command))


name_option = click.option(
    "--contract", "name", metavar="NAME", default="ProxySession", show_default=True, help="A bundled contract."
)
report_option = click.option(
    "--report", type=click.Choice(["text", "json"]), default="text", show_default=True, help="The format of the output."
)


output_option = click.option(
    "-o",
    "--output",
    type=parameter_types.file,
    metavar="FILE|URL",
    help="The file; - is stdout, which is the default.",
)


def read_contract(name: str, schema: str | None) -> Contract:
    """The contract of the options: a bundled one, or that of a file or model."""
    from chime_fixtures.chime.contracts import load_contract
    from chime_fixtures.engine.sources.named import named_contract

    if schema is None:
        return load_contract(name)
    return named_contract(schema, folder=Path(), **stored_options())


def contract_expression(name: str, schema: str | None) -> str:
    """The Python expression that makes the contract of the options."""
    if schema is None:
        return f"load_contract({name!r})"
    given = {option: value for option, value in stored_options().items() if value and value != "auto"}
    arguments = "".join(f", {option}={value!r}" for option, value in given.items())
    return f"Contract.{'from_file' if 'resources' in given else 'of'}({schema!r}{arguments})"


def stored_options() -> dict[str, Any]:
    """The options for reading custom schemas, as keyword arguments."""
    options = click.get_current_context().meta
    return {
        "resources": options[f"{__name__}.resource"],
        "formats": options[f"{__name__}.format_pattern"],
        "annotations": options[f"{__name__}.annotation"],
        "dialect": options[f"{__name__}.dialect"],
        "strict": options[f"{__name__}.strict_schema"],
    }
