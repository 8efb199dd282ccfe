"""One schema of a folder, measured: the engine makes values and violations of it, and outside validators judge them."""

from __future__ import annotations

import functools
import gc
import json
import random
import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import jsonschema
import jsonschema_rs

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases import Edge
from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, iter_violations
from chime_fixtures.engine.errors import EngineError, UnsatisfiableSchemaError, UnsupportedSchemaError
from chime_fixtures.engine.schema.cross_validator import LimitError, with_limited_backtracking
from chime_fixtures.engine.schema.dialects import Dialect
from chime_fixtures.engine.schema.documents import SchemaDocument, without_declaration
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.schema.rejections import is_panic
from chime_fixtures.engine.violation import Violation
from tests.support.locations import Locations
from tests.support.timing import OutOfTime, limited, timed

SUPPORTED, UNSUPPORTED, UNSATISFIABLE = "supported", "unsupported", "unsatisfiable"
NOT_FOUND, CRASHED, TIMED_OUT = "no value found", "crashed", "timed out"

MAX_CPU_SECONDS = 20.0
"""The time limit of the engine for one schema, all phases together."""

MAX_JUDGE_CPU_SECONDS = 60.0
"""The time limit of the outside validators for one schema."""

MAX_JUDGED_EDGES = 50
MAX_JUDGED_LABELS = 20

_WITH_NAME = frozenset(
    (
        *("properties", "patternProperties", "prefixItems", "anyOf", "oneOf", "allOf", "dependentSchemas"),
        *("$defs", "definitions", "dependencies"),
    )
)

OLDEST_WITH_REF_SIBLINGS = "2019-09"
"""The draft by which a schema without `$schema` is read if siblings of `$ref` count, and it has some."""


class LabelledInstance(NamedTuple):
    """An instance of a file with the verdict that it claims."""

    instance: Any
    is_valid: bool


@dataclass(kw_only=True)
class Row:
    """The result for one schema.

    Attributes:
        file: its file.
        status: one of the six constants above.
        reason: the message of the error.
        dialect: the draft by which it is read.
        seconds: CPU seconds by phase: `compile`, `values`, `edges`, `catalogue`.
        values: the values and edges that were judged.
        judged_once: those that jsonschema-rs alone judged, since Python's `re` might have backtracked without end.
        rejected: those that a validator rejects, as JSON, with the validator.
        tests: the labelled instances.
        against: (label, reason) of each verdict against the label of an instance; no reason if none was found.
        denied: True if no value is said to exist, or none was found, though an instance of the file is valid.
        violations: the violations of the catalogue.
        labels: the violations that were judged.
        mislabelled: those that jsonschema-rs does not reject with exactly one error at the pointer and keyword.
        reachable: the locations that any value, edge or valid instance of the file reaches.
        reached: those of them that values reach.
        unreached: the others.
        silent: those of the others that `Contract.unreached` does not list.
        disproved: the locations that are reachable, though `Contract.unreached` lists them as proved.
        peak_mb: the peak memory of the process.
        growth_mb: its increase by this schema.
    """

    file: str
    status: str = SUPPORTED
    reason: str = ""
    dialect: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    values: int = 0
    judged_once: int = 0
    rejected: list[str] = field(default_factory=list)
    tests: int = 0
    against: list[tuple[str, str]] = field(default_factory=list)
    denied: bool = False
    violations: int = 0
    labels: int = 0
    mislabelled: list[str] = field(default_factory=list)
    reachable: int = 0
    reached: int = 0
    unreached: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    disproved: list[str] = field(default_factory=list)
    peak_mb: float = 0.0
    growth_mb: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The extent of a measurement.

    Attributes:
        values: the number of values to judge; 0 to compare verdicts with the labels of instances alone.
        seed: the seed of the values and of the sampled violations.
        counts_ref_siblings: True to read a schema without `$schema` by a draft in which siblings of `$ref` count.
        catalogue: False to make values only.
    """

    values: int = 50
    seed: int = 0
    counts_ref_siblings: bool = False
    catalogue: bool = True


def read(path: Path) -> tuple[Any, list[LabelledInstance]]:
    """The schema of a file, and its labelled instances if it has any."""
    document = json.loads(path.read_bytes())
    if isinstance(document, dict) and "schema" in document and isinstance(document.get("tests"), list):
        tests = [LabelledInstance(test["data"], test["valid"]) for test in document["tests"]]
        return document["schema"], tests
    return document, []


def measure(path: Path, settings: Settings) -> Row:
    """The row of one file."""
    # The garbage of an earlier schema is not counted.
    gc.collect()
    before = _peak_mb()
    row = Row(file=path.name)
    schema, tests = read(path)
    if settings.counts_ref_siblings and _has_ref_siblings(schema) and "$schema" not in schema:
        # It is read by one draft, but jsonschema would read a part by the draft that the part declares.
        schema = _without_declarations(schema)
    row.tests = len(tests)
    with _recorded(row):
        run = _run(row, schema, settings)
        row.peak_mb = _peak_mb()
        with limited(MAX_JUDGE_CPU_SECONDS, cpu=True):
            judges = Judges(schema, run.contract.document.dialect)
            if settings.values:
                _judge(row, run, judges, tests, settings)
            _compare(row, run.contract, judges, tests)
    row.peak_mb = row.peak_mb or _peak_mb()
    row.growth_mb = row.peak_mb - before
    if row.status in {UNSATISFIABLE, NOT_FOUND}:
        with suppress(Exception):
            judges = Judges(schema, _document(schema, settings).dialect)
            row.denied = any(judges.verdicts(test.instance) == (True, True) for test in tests)
    return row


def _document(schema: Any, settings: Settings) -> SchemaDocument:
    """A schema as the engine reads it."""
    counts_siblings = settings.counts_ref_siblings and _has_ref_siblings(schema)
    return SchemaDocument(
        schema, options=SchemaOptions(dialect=OLDEST_WITH_REF_SIBLINGS if counts_siblings else "auto")
    )


def _has_ref_siblings(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_ref_siblings, value))
    if not isinstance(value, dict):
        return False
    has_siblings = not value.keys() <= {"$ref", "definitions", "$defs"}
    return (isinstance(value.get("$ref"), str) and has_siblings) or any(map(_has_ref_siblings, value.values()))


def _without_declarations(value: Any) -> Any:
    """A schema in which no part declares a draft."""
    if isinstance(value, list):
        return list(map(_without_declarations, value))
    if not isinstance(value, dict):
        return value
    return {
        name: _without_declarations(each)
        for name, each in value.items()
        if name != "$schema" or not isinstance(each, str)
    }


class _Run(NamedTuple):
    """A contract with what the engine made of it; instances of edges and violations are made when they are read."""

    contract: Contract
    values: list[Any]
    edges: Sequence[Edge]
    violations: Sequence[Violation]


def _run(row: Row, schema: Any, settings: Settings) -> _Run:
    with limited(MAX_CPU_SECONDS, cpu=True):
        with timed(row.seconds, "compile"):
            document = _document(schema, settings)
            row.dialect = document.dialect.name
            contract = Contract(document)
        if not settings.values:
            return _Run(contract, [], [], [])
        with timed(row.seconds, "values"):
            values = [generate(contract, seed=settings.seed, index=index) for index in range(settings.values)]
        edges: Sequence[Edge] = ()
        violations: Sequence[Violation] = ()
        if settings.catalogue:
            with timed(row.seconds, "edges"):
                edges = enumerate_edges(contract)
            with timed(row.seconds, "catalogue"):
                violations = sampled_violations(row, contract, random.Random(settings.seed))
    return _Run(contract, values, edges, violations)


class Counted(Protocol):
    """A row with a number of violations."""

    violations: int


def sampled_violations(row: Counted, contract: Contract, rng: random.Random) -> list[Violation]:
    """Count the violations, and keep a sample of the uncontested ones; the others are not held in memory."""
    kept: list[Violation] = []
    seen = 0
    for violation in iter_violations(contract):
        row.violations += 1
        if violation.contested:
            continue
        seen += 1
        if len(kept) < MAX_JUDGED_LABELS:
            kept.append(violation)
        elif (index := rng.randrange(seen)) < MAX_JUDGED_LABELS:
            kept[index] = violation
    return kept


@contextmanager
def _recorded(row: Row) -> Iterator[None]:
    """Record an exception as the status of the row."""
    try:
        yield
    except UnsupportedSchemaError as error:
        row.status, row.reason = UNSUPPORTED, str(error)
    except UnsatisfiableSchemaError as error:
        row.status, row.reason = UNSATISFIABLE, str(error)
    except EngineError as error:
        row.status, row.reason = NOT_FOUND, str(error)
    except OutOfTime:
        row.status, row.reason = TIMED_OUT, f"in {[*row.seconds][-1]}"
        if row.peak_mb:
            row.reason = "in the outside validators"
    except Exception as error:  # noqa: BLE001  # it is what is looked for
        row.status, row.reason = CRASHED, f"{type(error).__name__}: {error}"


class Judges:
    """jsonschema-rs and jsonschema for one schema by its draft, formats on unless they are ignored.

    Attributes:
        limited: the instances that jsonschema-rs alone judged: Python's `re` might have backtracked for too many steps.
    """

    def __init__(self, schema: Any, dialect: Dialect, *, formats: bool = True) -> None:
        self.limited = 0
        self._schema = schema
        self._draft: Any = getattr(jsonschema_rs, dialect.validator)
        plain: Any = getattr(jsonschema, dialect.validator)
        # Python's `re` takes exponential time for some patterns.
        limited_plain = jsonschema.validators.extend(plain, with_limited_backtracking(plain, _name_patterns(schema)))
        # A schema that refers to itself would take the class of its declaration.
        self._plain = limited_plain(
            without_declaration(schema), format_checker=plain.FORMAT_CHECKER if formats else None
        )
        self.rs = self._draft(schema, validate_formats=formats, offline=True)
        self._without_formats = functools.partial(Judges, schema, dialect, formats=False)

    def verdicts(self, instance: Any) -> tuple[bool, bool]:
        """The verdicts of jsonschema-rs and jsonschema; True for the latter if it has none."""
        try:
            second = self._plain.is_valid(instance)
        except LimitError:
            self.limited += 1
            second = True
        except BaseException as error:  # a pattern or reference that it can't read, a depth that it does not reach
            if not isinstance(error, Exception) and not is_panic(error):
                raise
            second = True
        return self.rs.is_valid(instance), second

    def labels(self, instance: Any) -> set[tuple[str, str]]:
        """The pointer and keyword of each error of jsonschema-rs, by the convention of the engine."""
        return {
            (json_pointer.join(error.instance_path), self._keyword(error)) for error in self.rs.iter_errors(instance)
        }

    def _keyword(self, error: jsonschema_rs.ValidationError) -> str:
        """The keyword that failed, from the path of an error in the schema."""
        if error.kind.name == "propertyNames" and error.kind.error.schema_path:
            return self._keyword(error.kind.error)
        keyword, above, holder = "false", None, self._schema
        tokens = list(error.schema_path)
        while tokens:
            keyword, above = str(tokens.pop(0)), holder
            holder = _part(holder, keyword)
            # A path leaves out empty names.
            is_map = keyword in _WITH_NAME or isinstance(holder, list)
            if is_map and tokens and (_part(holder, tokens[0]) is not None or _part(holder, "") is None):
                holder = _part(holder, tokens.pop(0))
            elif keyword in _WITH_NAME:
                holder = _part(holder, "")
        if keyword == "maxContains" and self._matching(above, error.instance) <= holder:
            # jsonschema-rs reports `maxContains` for too few matches, too.
            return "minContains" if "minContains" in above else "contains"
        return keyword

    def _matching(self, schema: Any, items: list[Any]) -> int:
        return sum(map(self._plain.evolve(schema=schema["contains"]).is_valid, items))

    @functools.cached_property
    def locations(self) -> Locations:
        """The declared locations of the schema."""
        return Locations(self._schema, self._draft)

    def reason(self, instance: Any, *, label: bool) -> str:
        """The reason why a verdict is against a label; empty if none is known."""
        verdicts = self.verdicts(instance)
        if len(set(verdicts)) == 2:  # both verdicts
            return "the validators disagree"
        if label in verdicts:
            return ""
        if self._without_formats().verdicts(instance) == (label, label):
            return "the label ignores formats"
        return "both validators contradict the label, by the schema's own draft"


def _name_patterns(value: Any) -> set[str]:
    """The patterns of `patternProperties` anywhere in a schema."""
    if isinstance(value, list):
        return set().union(*map(_name_patterns, value))
    if not isinstance(value, dict):
        return set()
    patterns = value.get("patternProperties")
    own = set(patterns) if isinstance(patterns, dict) else set()
    return own.union(*map(_name_patterns, value.values()))


def _part(value: Any, token: Any) -> Any:
    """The part of a schema at a token; None if there is none."""
    try:
        return value[token]
    except (LookupError, TypeError):
        return None


def _without_empty_names(pointer: str) -> str:
    """The pointer as jsonschema-rs reports it: its paths leave out properties with an empty name."""
    return json_pointer.join(filter(None, json_pointer.split(pointer)))


def _judge(row: Row, run: _Run, judges: Judges, tests: list[LabelledInstance], settings: Settings) -> None:
    """Judge values, edges and a sample of the violations; count the locations that they reach."""
    rng = random.Random(settings.seed)
    sampled = run.edges if len(run.edges) <= MAX_JUDGED_EDGES else rng.sample(run.edges, MAX_JUDGED_EDGES)
    edges = [edge.instance for edge in sampled]
    for value in [*run.values, *edges]:
        row.values += 1
        verdicts = judges.verdicts(value)
        if False in verdicts:
            names = [
                name for name, verdict in zip(("jsonschema-rs", "jsonschema"), verdicts, strict=True) if not verdict
            ]
            row.rejected.append(f"{', '.join(names)}: {json.dumps(value)[:500]}")
    row.judged_once = judges.limited
    for violation in run.violations:
        row.labels += 1
        found = judges.labels(violation.instance)
        if found != {(_without_empty_names(violation.pointer), violation.keyword)}:
            row.mislabelled.append(f"{violation.id}: {sorted(found)}: {json.dumps(violation.instance)[:500]}")
    locations = judges.locations
    reached: set[str] = set()
    for value in run.values:
        reached |= locations.reached(value)
    witnesses = [*edges, *(test.instance for test in tests if judges.verdicts(test.instance) == (True, True))]
    reachable = set(reached).union(*map(locations.reached, witnesses))
    # A value contains each location before this index, or the contract lists it as unreached.
    index, last = settings.values, 300 + 10 * len(locations.declared)
    with suppress(OutOfTime), limited(MAX_CPU_SECONDS, cpu=True):
        while not reachable <= reached and index < last:
            reached |= locations.reached(generate(run.contract, seed=settings.seed, index=index))
            index += 1
        if index >= last:
            named = {each.schema_pointer for each in run.contract.unreached}
            row.silent = sorted(reachable - reached - named - locations.below(named))
            row.disproved = sorted(
                {each.schema_pointer for each in run.contract.unreached if each.is_proved} & reachable
            )
    row.reachable, row.reached = len(reachable), len(reachable & reached)
    row.unreached = sorted(reachable - reached)


def _compare(row: Row, contract: Contract, judges: Judges, tests: list[LabelledInstance]) -> None:
    """Compare the contract's verdicts with the labels of the instances, and state the reason of each difference."""
    for instance, label in tests:
        if contract.is_valid(instance) != label:
            row.against.append(("valid" if label else "invalid", judges.reason(instance, label=label)))


# Memory ------------------------------------------------------------------------------------------------------------


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
