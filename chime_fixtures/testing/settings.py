"""Settings and markers of tests: the contract, the form and the policies, each checked once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import pytest

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.representations import FORMS
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import EngineError, SchemaWarning, did_you_mean
from chime_fixtures.engine.normal_form.nodes import Objects
from chime_fixtures.engine.schema.options import read_formats
from chime_fixtures.engine.sources.named import named_contract
from chime_fixtures.service import Policies

MARKER = "chime_contract"

T = TypeVar("T")


class ContractsOfTests:
    """The contracts of a run's tests: each setting and each marker is read once.

    Args:
        config: the configuration of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        # A schema is not hashable; the marks are kept, so that the id of one is not used again.
        self._of_marks: dict[int, tuple[pytest.Mark, Contract]] = {}

    def of(self, node: Any) -> Contract:
        """The contract of a test: that of its closest marker, or else of the settings.

        Args:
            node: the test; in `pytest_generate_tests`, its definition.

        Raises:
            UsageError: the contract can't be read, or is not one of objects.
        """
        mark = node.get_closest_marker(MARKER)
        if mark is None:
            return self.of_settings
        known = self._of_marks.get(id(mark))
        if known is None:
            known = self._of_marks[id(mark)] = mark, self._read_mark(mark, node.nodeid)
        return known[1]

    @functools.cached_property
    def of_settings(self) -> Contract:
        """The contract of the settings, which tests without a marker have.

        Raises:
            UsageError: the contract can't be read, or is not one of objects.
        """
        name = str(self._config.getini(MARKER))
        return self.named(name, self._config.rootpath, MARKER) if name else load_contract("ProxySession")

    def named(self, name: str, folder: Path, subject: str) -> Contract:
        """The contract of a name, read with the options of the settings.

        Args:
            name: a file with a pointer, or a module with a model.
            folder: the folder that the file is relative to.
            subject: the option or setting with the name, for errors.

        Raises:
            UsageError: the contract can't be read, or is not one of objects.
        """
        config = self._config
        try:
            contract = named_contract(
                name,
                folder=folder,
                resources=config.getini("chime_contract_resources"),
                formats=read_formats(config.getini("chime_contract_formats")),
                annotations=config.getini("chime_contract_annotations"),
                dialect=config.getini("chime_contract_dialect"),
                strict=bool(config.getini("chime_contract_strict")),
            )
        # A filter of warnings may raise them.
        except (EngineError, SchemaWarning) as error:
            raise pytest.UsageError(f"{subject}: {error}") from error
        return _of_objects(contract, subject)

    def _read_mark(self, mark: pytest.Mark, test: str) -> Contract:
        subject = f"{MARKER} of {test}"
        try:
            (schema,) = mark.args
        except ValueError:
            raise pytest.UsageError(f"{subject}: pass one contract, not {len(mark.args)}") from None
        folder: Path = self._config.rootpath
        try:
            if isinstance(schema, str):
                contract = named_contract(schema, folder=folder, **mark.kwargs)
            elif isinstance(schema, PathLike):
                contract = Contract.of(folder / schema, **mark.kwargs)
            else:
                contract = Contract.of(schema, **mark.kwargs)
        except (EngineError, SchemaWarning, TypeError) as error:
            raise pytest.UsageError(f"{subject}: {error}") from error
        return _of_objects(contract, subject)


def _of_objects(contract: Contract, subject: str) -> Contract:
    if contract.root.branch(Objects) is None:
        raise pytest.UsageError(f"{subject}: {contract.name} has no objects; pass the schema of a session")
    return contract


def read_baseline(read: Callable[[Path], T], path: Path, option: str, update_option: str) -> T:
    """Return what is read from the file of a baseline.

    Args:
        read: reads the file.
        path: the file.
        option: the option that names the file.
        update_option: the option that writes it.

    Raises:
        UsageError: the file is absent or unreadable.
    """
    try:
        return read(path)
    except FileNotFoundError:
        raise pytest.UsageError(f"{option}: {path} does not exist; write it with {update_option}") from None
    except OSError as error:
        raise pytest.UsageError(f"{option}: {path}: {error.strerror}") from None


def check_form(form: object) -> None:
    """Check the setting `chime_form`.

    Raises:
        UsageError: the form is unknown.
    """
    if form not in FORMS:
        raise pytest.UsageError(f"chime_form: unknown form {form!r}{did_you_mean(str(form), FORMS)}")


def read_policies(config: pytest.Config) -> Policies:
    """The policies of the setting `chime_policies`.

    Raises:
        UsageError: a policy or its setting is unknown.
    """
    try:
        return Policies.read(config.getini("chime_policies"))
    except EngineError as error:
        raise pytest.UsageError(f"chime_policies: {error}") from error
