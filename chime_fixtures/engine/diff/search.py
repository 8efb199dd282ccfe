"""The search for a value of one schema that another one rejects; an exhaustive search without one is a proof."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chime_fixtures.engine.diff.sides import Side, SidesValidators
from chime_fixtures.engine.errors import EngineError
from chime_fixtures.engine.normal_form.nodes import Node, limiting_node
from chime_fixtures.engine.normal_form.normalise import NodeFactory, max_nodes_of
from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.values import Builder
from chime_fixtures.engine.values.choices import LimitedChoices, RandomChoices, TooManyChoicesError

MAX_TRIES = 25
"""Values that are constructed before the search ends without a witness."""

MAX_SMALLEST_CHOICES = 50_000


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search.

    Attributes:
        witness: a value that both validators accept by the one schema and reject by the other; None if none was found.
        is_proved: True if no such value exists.
        limit: the reason why neither is known.
    """

    witness: Any = None
    has_witness: bool = False
    is_proved: bool = False
    limit: str | None = None


def search(accepting: Side, rejecting: Side, *, others: Sequence[Side] = ()) -> Found:
    """Search for a value that one schema accepts and the other one rejects.

    Args:
        accepting: the schema that accepts it.
        rejecting: the schema that rejects it.
        others: reductions of the rejecting schema that accept it, too.
    """
    for is_lenient in (False, True):
        options = _options(accepting, rejecting, is_lenient=is_lenient)
        root = _root(accepting, rejecting, others, options)
        try:
            found = _value(root, (accepting, *others), rejecting)
        except (EngineError, RecursionError) as error:
            return Found(limit=_reason(error))
        if found.has_witness or not found.is_proved:
            return found
        if not _has_formats(accepting, rejecting):
            break
    if accepting.formats != rejecting.formats and _conflict(accepting, rejecting):
        return Found(limit="a format that the two schemas define differently")
    if not rejecting.has_exact_patterns:
        return Found(limit="a pattern whose automaton is too large to be complemented")
    return found


def _root(accepting: Side, rejecting: Side, others: Sequence[Side], options: SchemaOptions) -> Node:
    sides = [accepting, *others, rejecting]
    factory = NodeFactory(options, SidesValidators(sides), max_nodes_of([side.graph for side in sides]))
    return factory.node([side.requirement(must_hold=side is not rejecting) for side in sides])


def _value(root: Node, accepting: Sequence[Side], rejecting: Side) -> Found:
    if root.min_depth is None:
        limited = limiting_node(root)
        return Found(is_proved=True) if limited is None else Found(limit=str(min(limited.limits)))

    def is_difference(value: Any) -> bool:
        is_accepted = all(side.validators.is_valid(value) for side in accepting)
        return is_accepted and not rejecting.validators.is_valid(value)

    builder = Builder(root, is_difference)
    for value in _candidates(builder):
        if is_difference(value) and all(side.accepts(value) for side in accepting) and rejecting.rejects(value):
            return Found(witness=value, has_witness=True)
    return Found(limit=f"{MAX_TRIES} constructed values")


def _candidates(builder: Builder) -> Iterator[Any]:
    """Values of the difference, the smallest one first."""
    for seed in range(3):
        choices = LimitedChoices(random.Random(seed), MAX_SMALLEST_CHOICES)
        try:
            yield builder.smallest(builder.root, choices)
        except TooManyChoicesError:
            break
    for seed in range(MAX_TRIES):
        yield builder.build(RandomChoices(random.Random(seed)))


# Formats --------------------------------------------------------------------------------------------------------------


class _LenientFormats(SchemaOptions):
    """Options by which a format has every string that some validator accepts, so that a proof covers all of them.

    A format that only the rejecting schema has rejects every string that is not accepted by all validators.
    """

    def __init__(self, plain: SchemaOptions, shared: Iterable[str]) -> None:
        super().__init__(formats=plain.formats, spellings=plain.spellings)
        self._plain = plain
        self._shared = frozenset(shared)

    def format(self, name: str) -> Language | None:
        """Every string of a format that some validator accepts."""
        rejected = self._plain.not_in_format(name)
        return None if rejected is None else rejected.complement()

    def not_in_format(self, name: str) -> Language | None:
        """The strings that not every validator accepts; for a format of both schemas those that every one rejects."""
        if name in self._shared:
            return self._plain.not_in_format(name)
        accepted = self._plain.format(name)
        return None if accepted is None else accepted.complement()


def _options(accepting: Side, rejecting: Side, *, is_lenient: bool) -> SchemaOptions:
    ignored = {name: None for side in (rejecting, accepting) for name in side.ignored_formats}
    formats = {**ignored, **rejecting.formats, **accepting.formats}
    custom = {name: pattern for name, pattern in formats.items() if pattern is not None or name in ignored}
    spellings = {*accepting.document.options.spellings, *rejecting.document.options.spellings}
    plain = SchemaOptions(formats=custom, spellings=sorted(spellings))
    return _LenientFormats(plain, accepting.formats.keys() & rejecting.formats.keys()) if is_lenient else plain


def _has_formats(accepting: Side, rejecting: Side) -> bool:
    return bool(accepting.formats or rejecting.formats)


def _conflict(accepting: Side, rejecting: Side) -> bool:
    """True if a name of a format means something else in the other schema."""
    shared = accepting.formats.keys() & rejecting.formats.keys()
    differing = any(accepting.formats[name] != rejecting.formats[name] for name in shared)
    return (
        differing
        or not accepting.ignored_formats.isdisjoint(rejecting.formats)
        or not rejecting.ignored_formats.isdisjoint(accepting.formats)
    )


def _reason(error: BaseException) -> str:
    limit = getattr(error, "limit", None)
    if isinstance(limit, str):
        return limit
    return "the depth of the schemas" if isinstance(error, RecursionError) else str(error).splitlines()[0]
