"""The nodes of the properties of an object: by name, by pattern, and for names that no schema lists."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from chime_fixtures.engine.dnf.clauses import ObjectConstraints, PropertyNames
from chime_fixtures.engine.dnf.limits import TOO_LARGE_PATTERN, Limit
from chime_fixtures.engine.dnf.requirements import UNSATISFIABLE, Requirement
from chime_fixtures.engine.normal_form.nodes import Constants, Node, PropertyFamily, Strings
from chime_fixtures.engine.regex import Language, PatternError
from chime_fixtures.engine.regex.patterns import matched_by_all, matched_by_ecma, matched_by_none

_DEFAULT_NAME = "unknown"
"""The name of a property that no schema names, if it is allowed."""

MAX_PRODUCT_PATTERNS = 8
"""Up to this number of patterns, names that match several of them are constructed, too."""

MAX_REGIONS = 32
"""Regions of names of one object."""

MAX_LISTED_NAMES = 16
"""A region with at most this number of names is listed name by name."""

MAX_ASSIGNMENTS = 8
"""Ways to name the properties that must be present though no schema names them."""

MAX_TRIED_ASSIGNMENTS = 256

Names = dict[str, list[Requirement]]
"""Constructed names of properties that must be present, each with the requirements that it meets."""


@dataclass(frozen=True, slots=True)
class _Region:
    """Names that match the same patterns.

    Attributes:
        language: the names; None for any string.
        requirements: the requirements on a property with such a name.
    """

    language: Language | None
    requirements: tuple[Requirement, ...]

    @property
    def is_satisfiable(self) -> bool:
        """False if a property with such a name is forbidden by a false schema."""
        return not any(each.schema.value is not each.must_hold for each in self.requirements if _is_boolean(each))


class _NameSet:
    """A set of names by a condition; its automaton is constructed on first use, since most sets never need one.

    Attributes:
        contains: True for a name in the set.
    """

    def __init__(self, contains: Callable[[str], bool], construct: Callable[[], Language]) -> None:
        self.contains = contains
        self._construct = construct

    @staticmethod
    def of(language: Language) -> _NameSet:
        """The strings of a language."""
        return _NameSet(language.__contains__, lambda: language)

    @functools.cached_property
    def language(self) -> Language:
        """The names as a language.

        Raises:
            PatternError: its automaton is too large.
        """
        return self._construct()

    def __and__(self, other: _NameSet) -> _NameSet:
        return _NameSet(
            lambda name: self.contains(name) and other.contains(name), lambda: self.language & other.language
        )

    def without(self, names: frozenset[str]) -> _NameSet:
        """The set without some names."""
        if not names:
            return self
        return _NameSet(
            lambda name: name not in names and self.contains(name), lambda: self.language - Language.finite(names)
        )

    @functools.cached_property
    def first(self) -> str | None:
        """The default name if it is in the set, else a similar one; None if the set is empty.

        Raises:
            PatternError: the automaton of the set is too large.
        """
        return _DEFAULT_NAME if self.contains(_DEFAULT_NAME) else _first(self.language)


@dataclass(frozen=True, slots=True)
class _SomeProperty:
    """A property that must be present, in a set of names.

    Attributes:
        names: the set.
        matches: True for a name in the set by ECMA 262.
        requirements: the requirements on the property.
    """

    names: _NameSet
    matches: Callable[[str], bool]
    requirements: list[Requirement]


class PropertyRules:
    """The properties of one clause.

    Attributes:
        limits: the limits that left out names, or ways to name properties.
    """

    def __init__(self, constraints: ObjectConstraints, node_of: Callable[[Iterable[Requirement]], Node]) -> None:
        self._constraints = constraints
        self._node_of = node_of
        self.limits: set[Limit] = set()
        # The languages that the schemas of `propertyNames` allow; names are constructed from the first.
        by_schemas = constraints.property_names
        self._allowed = self._languages(node_of(by_schemas)) if by_schemas else []
        self._names = self._allowed[0] if self._allowed else (Language.finite([]) if by_schemas else None)
        self._additional = [(self._resolved(names), requirement) for names, requirement in constraints.additional]
        self._patterns = tuple(
            dict.fromkeys(
                [
                    *(pattern for pattern, _ in constraints.pattern_properties),
                    *(pattern for names, _ in self._additional if names for pattern in names.patterns),
                ]
            )
        )

    # Names -----------------------------------------------------------------------------------------------------------

    def _languages(self, node: Node) -> list[Language]:
        """The strings of a node, a language for each of its branches."""
        self.limits |= node.strings.limits
        languages = []
        for branch, _ in node.strings.branches:
            if isinstance(branch, Strings):
                languages.append(branch.language)
            elif isinstance(branch, Constants):
                languages.append(Language.finite([value for value in branch.values if isinstance(value, str)]))
        return [language for language in languages if not language.is_empty]

    def _resolved(self, names: PropertyNames) -> PropertyNames | None:
        """The set without the names that its annotation consumer has evaluated; None if it is empty."""
        if names.annotation_consumer is None:
            return names
        evaluated = self._constraints.evaluated.get(names.annotation_consumer, PropertyNames())
        if evaluated is None:
            return None
        return PropertyNames(None, names.names | evaluated.names, (*names.patterns, *evaluated.patterns))

    def assignments(self) -> Iterator[Names]:
        """The ways to name the properties that must be present though no schema names them.

        One property each comes first; one property may also stand for several, or be one that a schema names.
        """
        some = [self._some_property(names, requirement) for names, requirement in self._constraints.some_property]
        some += [self._invalid_name(requirement) for requirement in self._constraints.invalid_names]
        wanted = [each for each in some if each is not None]
        if len(wanted) < len(some):
            return
        found = 0
        for tried, names in enumerate(self._assign(wanted, {})):
            if found == MAX_ASSIGNMENTS or tried == MAX_TRIED_ASSIGNMENTS:
                self.limits.add(Limit(found or tried, "ways to name properties"))
                return
            required = len({*names, *self._constraints.required})
            if self._constraints.maximum is None or required <= self._constraints.maximum:
                found += 1
                yield names

    def _some_property(self, names: PropertyNames, requirement: Requirement) -> _SomeProperty | None:
        resolved = self._resolved(names)
        if resolved is None:
            return None
        found = _NameSet(lambda _: True, Language.all_strings)
        if resolved.pattern is not None:
            found = _NameSet.of(matched_by_all(resolved.pattern))
        for pattern in resolved.patterns:
            found &= _NameSet.of(matched_by_none(pattern))
        found = found.without(frozenset(resolved.names))
        if self._names is not None and not self._constraints.invalid_names:
            found &= _NameSet.of(self._names)

        def matches(name: str) -> bool:
            return _is_in(name, resolved) and (resolved.pattern is None or name in matched_by_ecma(resolved.pattern))

        return _SomeProperty(found, matches, [requirement])

    def _invalid_name(self, requirement: Requirement) -> _SomeProperty | None:
        language = next(iter(self._languages(self._node_of([requirement]))), None)
        return None if language is None else _SomeProperty(_NameSet.of(language), language.__contains__, [])

    def _assign(self, wanted: list[_SomeProperty], names: Names) -> Iterator[Names]:
        if not wanted:
            yield names
            return
        first, rest = wanted[0], wanted[1:]
        for name in self._candidates(first, rest, names):
            yield from self._assign(rest, {**names, name: [*names.get(name, ()), *first.requirements]})

    def _candidates(self, some: _SomeProperty, others: list[_SomeProperty], names: Names) -> Iterator[str]:
        """Names for a property: a new one, one that serves others, too, one that is there already, or in the schema."""
        constraints = self._constraints
        taken = {*names, *constraints.forbidden}
        seen = set()
        fresh = some.names.without(frozenset({*taken, *constraints.properties, *constraints.required}))
        for part in itertools.chain([fresh], self._parts(fresh, others)):
            name = self._first_of(part)
            if name is not None and name not in seen and self._may_be_present(name, some.requirements):
                seen.add(name)
                yield name
        for name in (*names, *constraints.required, *constraints.properties):
            if name not in seen and name not in constraints.forbidden and some.matches(name):
                seen.add(name)
                if self._may_be_present(name, some.requirements):
                    yield name

    def _parts(self, names: _NameSet, others: list[_SomeProperty]) -> Iterator[_NameSet]:
        """The parts of a set whose names serve another property, too, or several, or are in one region."""
        for other in others:
            yield names & other.names
        if self._patterns or self._names is not None:
            for region in self._regions:
                if region.is_satisfiable and region.language is not None:
                    yield names & _NameSet.of(region.language)
        joined = [names]
        for each in others:
            joined = [part & each.names for part in joined]
            yield from joined

    def _first_of(self, names: _NameSet) -> str | None:
        """A name of a set, unless its automaton is too large."""
        try:
            return names.first
        except PatternError:
            self.limits.add(TOO_LARGE_PATTERN)
            return None

    def _may_be_present(self, name: str, requirements: list[Requirement]) -> bool:
        return _Region(None, (*self._requirements(name, {name: []}), *requirements)).is_satisfiable

    @functools.cached_property
    def _regions(self) -> list[_Region]:
        """The allowed names by the patterns that they match: none, each one, and several if there are few patterns."""
        allowed = Language.all_strings() if self._names is None else self._names
        languages = self._products(allowed) if len(self._patterns) <= MAX_PRODUCT_PATTERNS else self._singles(allowed)
        regions = []
        for language in languages:
            name = _first(language)
            if name is not None:
                regions.append(_Region(language, tuple(self._requirements(name, {}, is_named=False))))
        return regions

    def _products(self, allowed: Language) -> list[Language]:
        products = [allowed]
        for pattern in self._patterns:
            following = []
            for language in products:
                for other in (matched_by_none(pattern), matched_by_all(pattern)):
                    try:
                        product = language & other
                    except PatternError:
                        self.limits.add(TOO_LARGE_PATTERN)
                        continue
                    if not product.is_empty:
                        following.append(product)
            if len(following) > MAX_REGIONS:
                self.limits.add(Limit(MAX_REGIONS, "sets of property names"))
            products = following[:MAX_REGIONS]
        return products

    def _singles(self, allowed: Language) -> Iterator[Language]:
        self.limits.add(Limit(MAX_PRODUCT_PATTERNS, "patterns of property names"))
        for chosen in (None, *self._patterns):
            language = allowed
            try:
                for pattern in self._patterns:
                    language &= matched_by_all(pattern) if pattern == chosen else matched_by_none(pattern)
                if language.is_empty and chosen is not None:
                    # Each name that matches it matches another pattern too: one name stands for all.
                    name = _first(allowed & matched_by_all(chosen))
                    language = Language.finite([] if name is None else [name])
            except PatternError:
                continue
            yield language

    # Nodes -----------------------------------------------------------------------------------------------------------

    def node(self, name: str, names: Names) -> Node:
        """The node of the property of a name."""
        return self._node_of(self._requirements(name, names))

    def _requirements(self, name: str, names: Names, *, is_named: bool = True) -> list[Requirement]:
        """The requirements on the property of a name; without those on the name itself if it stands for its region."""
        constraints = self._constraints
        requirements = [*constraints.properties.get(name, ()), *names.get(name, ())] if is_named else []
        requirements += [each for pattern, each in constraints.pattern_properties if name in matched_by_ecma(pattern)]
        requirements += [each for others, each in self._additional if others is not None and _is_in(name, others)]
        is_invalid = constraints.property_names and not any(name in language for language in self._allowed)
        if is_invalid and not (constraints.invalid_names and name in names):
            requirements.append(UNSATISFIABLE)
        return requirements

    @property
    def additional(self) -> Node:
        """The node of a property that no schema names."""
        if self._names is not None and self._names.is_empty:
            return self._node_of([UNSATISFIABLE])
        return self._node_of([requirement for names, requirement in self._additional if names is not None])

    def listed_names(self) -> list[str]:
        """The names of the regions with few names."""
        regions = (region for region in self._regions if region.is_satisfiable and region.language is not None)
        return [
            name
            for region in regions
            if region.language is not None and region.language.count(MAX_LISTED_NAMES + 1) <= MAX_LISTED_NAMES
            for name in region.language.strings()
        ]

    def families(self, known: frozenset[str]) -> Iterator[PropertyFamily]:
        """The properties whose names are not listed, by the patterns that their names match."""
        if not self._patterns and self._names is None:
            yield PropertyFamily(None, self.additional)
            return
        for region in self._regions:
            language = region.language
            if language is not None and known:
                language -= Language.finite(known)
            if language is not None and not language.is_empty:
                yield PropertyFamily(language, self._node_of(region.requirements))


def _is_boolean(requirement: Requirement) -> bool:
    return isinstance(requirement.schema.value, bool) and requirement.path is None


def _is_in(name: str, names: PropertyNames) -> bool:
    return name not in names.names and not any(name in matched_by_ecma(pattern) for pattern in names.patterns)


def _first(language: Language) -> str | None:
    """A readable string of a language; None if it is empty."""
    if language.is_empty:
        return None
    size = len(_DEFAULT_NAME)
    length = size if language.has_length(size) else language.shortest
    assert length is not None
    return language.construct(length, _DEFAULT_NAME)
