"""A JSON Schema with all that follows from it: values, labelled cases and verdicts."""

from __future__ import annotations

import functools
import threading
import warnings
from collections.abc import Iterable, Mapping
from os import PathLike
from types import UnionType
from typing import Any, Literal, Protocol, TypeAlias, TypeVar, Unpack

from chime_fixtures.engine.cases import Catalogue, Edge, Evolution, Hazard, edges, evolutions, hazards
from chime_fixtures.engine.cases.valid_matcher import ValidMatcher
from chime_fixtures.engine.cases.violation_matcher import ConstraintPaths, ViolationMatcher
from chime_fixtures.engine.errors import InvalidOptionError, Problem, SchemaWarning, UnsupportedSchemaError
from chime_fixtures.engine.normal_form.locations import Locations
from chime_fixtures.engine.normal_form.nodes import Node
from chime_fixtures.engine.normal_form.normalise import NormalForm
from chime_fixtures.engine.normal_form.unreached import UnreachedLocation
from chime_fixtures.engine.observers import instance_observers
from chime_fixtures.engine.schema.cross_validator import CROSS_CHECK_ENGINE
from chime_fixtures.engine.schema.documents import SchemaDocument
from chime_fixtures.engine.schema.graph import SchemaGraph
from chime_fixtures.engine.schema.options import SchemaArguments, SchemaOptions
from chime_fixtures.engine.schema.rejections import NOT_JSON
from chime_fixtures.engine.schema.validators import Validators
from chime_fixtures.engine.values import Builder
from chime_fixtures.engine.violation import Constraint, Violation

T = TypeVar("T")


class SupportsJsonSchema(Protocol):
    """A pydantic `TypeAdapter`."""

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of the type."""
        ...


Schema: TypeAlias = (
    "Contract | dict[str, Any] | bool | str | PathLike[str] | type[Any] | UnionType | SupportsJsonSchema"
)
"""A contract, a JSON Schema, the name of a file or model, or a model: what `Contract.of` takes."""

MAX_LOCATIONS_IN_WARNING = 3
"""Locations that a warning names."""


class _locked_property(functools.cached_property[T]):  # noqa: N801  # it is used as a decorator
    """A cached property that threads compute once."""

    def __get__(self, instance: Any, owner: Any = None) -> T:  # type: ignore[override]  # never used on the class
        with instance.lock:
            value: T = super().__get__(instance, owner)
            return value


class Contract:
    """A JSON Schema (drafts 4 to 2020-12) as the source of values, edges, hazards, violations and verdicts.

    A `SchemaWarning` names the unknown keywords and formats, which are annotations.

    Args:
        schema: the schema, or a document that contains it.
        name: its name in messages.
        formats: the pattern of a format by its name (ECMA 262, unanchored, as in `pattern`), or None to ignore the
            format.
        annotations: keywords to ignore without a warning, in addition to those that begin with ``x-``.
        dialect: the draft of a schema without `$schema`, as ``"draft 7"``; ``"auto"`` for draft 2020-12, or the newest
            older one if the schema has forms that only older ones assert.
        strict: True if unknown keywords and formats are errors.
        expression: the Python expression that makes the contract, for its `repr`.

    Attributes:
        schema: the schema as it is written.
        validators: jsonschema-rs, which decides, and jsonschema, which cross-checks.
        normal_form: the normal form of the schema.
        root: the node of the whole instance.

    Raises:
        UnsupportedSchemaError: the schema uses what the engine does not support; the error names each location.
        UnsatisfiableSchemaError: no value satisfies the schema.
        NoValueFoundError: no value was found before a limit ended the search.
        SchemaNotFoundError: the document has nothing at its pointer.
    """

    def __init__(
        self,
        schema: dict[str, Any] | bool | SchemaDocument,
        *,
        name: str | None = None,
        formats: Mapping[str, str | None] | None = None,
        annotations: Iterable[str] = (),
        dialect: str = "auto",
        strict: bool = False,
        expression: str | None = None,
    ) -> None:
        if isinstance(schema, SchemaDocument):
            document, is_written_out = schema, False
        elif isinstance(schema, str | PathLike | type):
            reason = f"must be an object or a boolean, not {type(schema).__name__}; Contract.of takes files and models"
            raise UnsupportedSchemaError([Problem("schema", "", reason)])
        else:
            if isinstance(schema, dict) and dialect == "auto" and not _OPENAPI_MEMBERS.isdisjoint(schema):
                _refuse_openapi(schema)
            options = SchemaOptions(formats=formats, annotations=annotations, dialect=dialect, strict=strict)
            document, is_written_out = SchemaDocument(schema, options=options), name is None
        name = name or _title(document.schema)
        self._compile(document, name, expression or f"Contract({document.schema if is_written_out else name!r})")
        self._warn_of_ignored()

    def _compile(self, document: SchemaDocument, name: str, expression: str, *, has_warned: bool = False) -> None:
        self.document = document
        self.name = name
        self._expression = expression
        self._has_warned = has_warned
        try:
            graph = SchemaGraph(self.document)
            self.validators = Validators(self.document, graph)
            self.normal_form = NormalForm(graph, self.document.options, self.validators)
        except RecursionError:
            raise UnsupportedSchemaError([Problem("schema", "", "is nested too deeply; flatten it")]) from None
        self.root: Node = self.normal_form.root
        self._ignored = graph.ignored
        # Called for each record of a file: one call less is worth a line.
        self._is_valid = self.validators.decide
        self.lock = threading.RLock()
        if not self.normal_form.is_exact:
            self.builder.require_value()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle the document alone: the validators of a copy are compiled anew."""
        return _unpickled, (self.document, self.name, self._expression, self._has_warned)

    @classmethod
    def from_file(
        cls,
        path: str | PathLike[str],
        *,
        pointer: str = "",
        resources: Iterable[str | PathLike[str]] = (),
        formats: Mapping[str, str | None] | None = None,
        annotations: Iterable[str] = (),
        dialect: str = "auto",
        strict: bool = False,
    ) -> Contract:
        """The contract at a JSON Pointer of a file; only the given files are read, and nothing is fetched.

        Args:
            path: a file that is a schema, or contains one at the pointer: YAML if its name ends in .yaml or .yml, else
                JSON. The pointer may be in it: ``api.yaml#/components/schemas/Order``.
            pointer: the location of the schema, as ``/components/schemas/Order``.
            resources: further files that references may reach, by their ``$id`` or their path relative to `path`, and
                folders of such files, whose names end in .json, .yaml or .yml.
            formats: the pattern of a format by its name (ECMA 262, unanchored, as in `pattern`), or None to ignore the
                format.
            annotations: keywords to ignore without a warning, in addition to those that begin with ``x-``.
            dialect: the draft of documents without `$schema`, or ``"auto"``.
            strict: True if unknown keywords and formats are errors.

        Raises:
            InvalidOptionError: the dialect is unknown.
            InvalidDocumentError: a file can't be read, or is not JSON or YAML.
            SchemaNotFoundError: the document has nothing at the pointer.
            UnsupportedSchemaError: the schema uses what the engine does not support.
            UnsatisfiableSchemaError: no value satisfies the schema.
            NoValueFoundError: no value was found before a limit ended the search.
        """
        from chime_fixtures.engine.sources.files import read_documents

        options = SchemaOptions(formats=formats, annotations=annotations, dialect=dialect, strict=strict)
        return cls(read_documents(path, pointer=pointer, resources=resources, options=options))

    @classmethod
    def from_openapi(
        cls,
        document: str | PathLike[str] | Mapping[str, Any],
        component: str | None = None,
        *,
        operation: str | None = None,
        part: Literal["request", "response"] | None = None,
        status: int | str | None = None,
        media_type: str | None = None,
        resources: Iterable[str | PathLike[str]] = (),
        formats: Mapping[str, str | None] | None = None,
        annotations: Iterable[str] = (),
        strict: bool = False,
    ) -> Contract:
        """The contract of a component of an OpenAPI document (3.0 or 3.1), or of a body of one of its operations.

        In a request, values have no property with ``readOnly: true``, and none of them is required; in a response the
        same holds for ``writeOnly: true``. A component by itself has both.

        Args:
            document: a JSON or YAML file, or the document.
            component: the name of a schema among the components.
            operation: an ``operationId``, or a method and a path, as ``"POST /orders"``.
            part: the message that contains the values. By default, an operation's response if there is a `status`,
                and its request otherwise.
            status: the status of the response; by default the first of 2xx, else the default response.
            media_type: the media type of the body; by default JSON, else the first one.
            resources: further files that references may reach.
            formats: the pattern of a format by its name (ECMA 262, unanchored, as in `pattern`), or None to ignore the
                format.
            annotations: keywords to ignore without a warning, in addition to those that begin with ``x-``.
            strict: True if unknown keywords and formats are errors.

        Raises:
            InvalidDocumentError: a file can't be read, or is not an OpenAPI document of these versions.
            SchemaNotFoundError: the document does not have the component.
            UnknownNameError: the document does not have the operation.
            InvalidOptionError: the operation does not have that body, or neither it nor a component is named.
            UnsupportedSchemaError: the schema uses what the engine does not support.
            UnsatisfiableSchemaError: no value satisfies the schema.
            NoValueFoundError: no value was found before a limit ended the search.
        """
        from chime_fixtures.engine.sources.files import read_openapi

        options = SchemaOptions(formats=formats, annotations=annotations, strict=strict)
        found = read_openapi(document, resources=resources, options=options)
        name, location, direction = found.find(component, operation, part, status, media_type)
        return cls(found.schema_document(location, direction, options), name=name)

    @classmethod
    def of(cls, schema: Schema, **options: Unpack[SchemaArguments]) -> Contract:
        """The contract of a schema, a file or a model; a contract itself.

        Args:
            schema: a contract; a JSON Schema; a file, as a path or the text ``FILE[#/POINTER]``; a model, or its name
                ``package.module:Model``. A model is a pydantic model or `TypeAdapter`, a dataclass, a `TypedDict`, a
                `NamedTuple`, an enumeration or another type (these require pydantic), or a msgspec `Struct`. Its
                schema is that of validation, by alias.
            options: `formats`, `annotations`, `dialect` and `strict`, as for `Contract`.

        Raises:
            InvalidOptionError: a contract is given with options.
            InvalidDocumentError: a file can't be read, a module can't be imported or has no such model, or a model has
                no JSON Schema.
            MissingExtraError: the type requires pydantic, which is not installed.
            SchemaNotFoundError: the document has nothing at the pointer.
            UnsupportedSchemaError: the schema uses what the engine does not support.
            UnsatisfiableSchemaError: no value satisfies the schema.
            NoValueFoundError: no value was found before a limit ended the search.
        """
        if isinstance(schema, Contract):
            given = [name for name, value in options.items() if value and value != "auto"]
            if given:
                raise InvalidOptionError(f"a contract has its options; pass {', '.join(given)} where it is created")
            return schema
        if isinstance(schema, dict | bool):
            return cls(schema, **options)
        from chime_fixtures.engine.sources.named import contract_from

        return contract_from(schema, **options)

    @property
    def schema(self) -> Any:
        """The schema as it is written."""
        return self.document.schema

    @_locked_property
    def builder(self) -> Builder:
        """The construction of valid values."""
        form = self.normal_form
        return Builder(self.root, None if form.is_exact else self.is_valid, form.examples, self._declared_locations)

    def _declared_locations(self) -> Locations:
        """The declared locations; the first use of the contract's values warns of those that no value reaches."""
        with self.lock:
            has_warned, self._has_warned = self._has_warned, True
        if not has_warned:
            self._warn_of_unreached(self.normal_form.unreached)
        return self.normal_form.locations

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """Every assertion with the location that it applies to, in the schema's order."""
        return self.normal_form.constraints

    @_locked_property
    def edges(self) -> tuple[Edge, ...]:
        """Every labelled edge, in the schema's order; the same ones each time."""
        self._declared_locations()
        return edges.enumerate_edges(self.validators, self.builder)

    @_locked_property
    def hazards(self) -> tuple[Hazard, ...]:
        """Every labelled hazard, at most 1000; the same ones each time."""
        self._declared_locations()
        return hazards.enumerate_hazards(self.validators, self.builder)

    @_locked_property
    def catalogue(self) -> Catalogue:
        """Every labelled violation, found as it is iterated, and the constraints that can't be violated alone."""
        self._declared_locations()
        return Catalogue(self.normal_form, self.validators, self.builder)

    @_locked_property
    def _valid_matcher(self) -> ValidMatcher:
        return ValidMatcher(self.root, self.edges, self.hazards)

    @_locked_property
    def _constraint_paths(self) -> ConstraintPaths:
        return ConstraintPaths(self.normal_form)

    @_locked_property
    def _violation_matcher(self) -> ViolationMatcher:
        return ViolationMatcher(self._constraint_paths, self.validators, self.catalogue)

    @_locked_property
    def evolutions(self) -> tuple[Evolution, ...]:
        """At most 1000 properties and constants that a later version of the contract may add, outer locations first."""
        return evolutions.enumerate_evolutions(self.root)

    @_locked_property
    def unreached(self) -> tuple[UnreachedLocation, ...]:
        """The declared locations that values never contain, each with the reason; those below them are not listed.

        A `SchemaWarning` names those that the normal form excludes, when the first value is made. Where keywords
        interact so that a validator has to check the values, further ones are found here: a value of each location is
        constructed.
        """
        self._declared_locations()
        excluded = self.normal_form.unreached
        not_found = self.builder.unreached_locations()
        self._warn_of_unreached(not_found)
        return (*excluded, *not_found)

    def _warn_of_ignored(self) -> None:
        """Warn of an older draft that was chosen by the forms of keywords, and of unknown keywords and formats."""
        forms = self.document.document_set.old_forms
        sentences = [f"is read as {self.document.dialect.name} because of {', '.join(forms)}"] if forms else []
        sentences += self.document.remarks
        if self._ignored:
            known = list(self._ignored.items())
            shown = ", ".join(f"{name} at {pointer}" for name, pointer in known[:MAX_LOCATIONS_IN_WARNING])
            more = f" and {len(known) - MAX_LOCATIONS_IN_WARNING} more" if len(known) > MAX_LOCATIONS_IN_WARNING else ""
            sentences.append(f"ignored as unknown in {self.document.dialect.name}: {shown}{more}")
        if sentences:
            warnings.warn(f"{self.name}: {'; '.join(sentences)}", SchemaWarning, stacklevel=3)

    def _warn_of_unreached(self, unreached: tuple[UnreachedLocation, ...]) -> None:
        if not unreached:
            return
        shown = "; ".join(map(str, unreached[:MAX_LOCATIONS_IN_WARNING]))
        others = len(unreached) - MAX_LOCATIONS_IN_WARNING
        more = f"; and {others} more, in Contract.unreached" if others > 0 else ""
        warnings.warn(f"{self.name}: {shown}{more}", SchemaWarning, stacklevel=3)

    def is_valid(self, instance: Any) -> bool:
        """True if jsonschema-rs accepts the instance; a value that is not JSON is not valid."""
        try:
            return self._is_valid(instance)
        except NOT_JSON:
            return False

    def check(self, instance: Any) -> tuple[Violation, ...]:
        """Every violation that jsonschema-rs reports, in the schema's order; empty if the instance is valid.

        Raises:
            InvalidDocumentError: the instance is not JSON: a lone surrogate, a NaN, a Python object.
        """
        return self.validators.check(instance)

    def cases_met_by(self, instance: Any) -> tuple[str, ...]:
        """The ids of the cases that an instance realises: edges and hazards if it is valid, else violations.

        An instance realises a case if it is at the same boundary, of the same hazard, or violates the same constraint
        in the same way. Each item of an array realises the cases of the first one.

        Raises:
            InvalidDocumentError: the instance is not JSON.
        """
        return self._valid_matcher.ids(instance) if self.is_valid(instance) else self._violation_matcher.ids(instance)

    def constraints_violated_by(self, instance: Any) -> tuple[Constraint, ...]:
        """The constraints that an instance violates, each one of `constraints`; empty if the instance is valid.

        Raises:
            InvalidDocumentError: the instance is not JSON.
        """
        return self._constraint_paths.constraints(self.validators.failures(instance))

    def contested(self, instance: Any) -> tuple[str, ...]:
        """The validators whose verdict differs from that of jsonschema-rs."""
        return (CROSS_CHECK_ENGINE,) if self.validators.is_contested(instance) else ()

    def evolve(self, instance: Any) -> Any:
        """The instance with additions of a later version: a constant in each enumeration, properties in each object."""
        return evolutions.evolve(self.evolutions, self.validators, instance)

    def __repr__(self) -> str:
        return self._expression


_OPENAPI_MEMBERS = frozenset({"openapi", "swagger"})


def _refuse_openapi(schema: dict[str, Any]) -> None:
    """Raise an error for an OpenAPI document in the place of a schema, with the names of the schemas in it."""
    from chime_fixtures.engine.sources.files import read_openapi
    from chime_fixtures.engine.sources.openapi import is_openapi

    if is_openapi(schema):
        read_openapi(schema, resources=(), options=SchemaOptions()).find(None, None, None, None, None)


def _unpickled(document: SchemaDocument, name: str, expression: str, has_warned: bool) -> Contract:
    contract = Contract.__new__(Contract)
    contract._compile(document, name, expression, has_warned=has_warned)  # noqa: SLF001  # its own class
    return contract


def _title(schema: Any) -> str:
    title = schema.get("title") if isinstance(schema, dict) else None
    return title if isinstance(title, str) else "schema"


def generate(schema: Schema, *, seed: int = 0, index: int = 0, **options: Unpack[SchemaArguments]) -> Any:
    """Valid value number `index` of a seed: a pure function of the schema, the seed and the index.

    Args:
        schema: a contract, a JSON Schema, a file or a model, as for `Contract.of`.
        seed: the seed.
        index: the number of the value.
        options: the options of `Contract.of`.

    Raises:
        UnsupportedSchemaError: the schema uses what the engine does not support.
        UnsatisfiableSchemaError: no value satisfies the schema.
        NoValueFoundError: no value was found before a limit ended the search.
    """
    contract = Contract.of(schema, **options)
    value = contract.builder.build_seeded(seed, index)
    if instance_observers.registered:
        instance_observers.report(contract, value)
    return value
