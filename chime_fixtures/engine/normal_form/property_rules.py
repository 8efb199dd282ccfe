"""The nodes of the properties of an object: by name, by pattern, and for names that no schema lists."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from chime_fixtures.engine.dnf.clauses import ObjectConstraints, PropertyNames
from chime_fixtures.engine.dnf.limits import CONTESTED_NAMES, TOO_LARGE_PATTERN, Limit
from chime_fixtures.engine.dnf.requirements import UNSATISFIABLE, Requirement
from chime_fixtures.engine.normal_form.nodes import Constants, Node, Nodes, PropertyFamily, Strings
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

MAX_TRIED_NAMES = 1000
"""Names that are tried for the properties of one object that must be present."""

MAX_INTERSECTIONS = 1000
"""Intersections of sets of names for the properties of one object that must be present."""

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
        sets: sets of names, in one of which its name is.
        matches: True for a name in one of the sets by ECMA 262.
        requirements: the requirements on the property.
    """

    sets: tuple[_NameSet, ...]
    matches: Callable[[str], bool]
    requirements: list[Requirement]


class PropertyRules:
    """The properties of one clause.

    Attributes:
        limits: the limits that left out names, or ways to name properties.
    """

    def __init__(self, constraints: ObjectConstraints, nodes: Nodes) -> None:
        self._constraints = constraints
        self._nodes = nodes
        self._intersected = 0
        self._tried = 0
        self.limits: set[Limit] = (
            {CONTESTED_NAMES} if any(each.is_contested for each, _ in constraints.additional) else set()
        )
        # The languages that the schemas of `propertyNames` allow.
        by_schemas = constraints.property_names
        self._allowed = self._languages(nodes.node(by_schemas)) if by_schemas else []
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
        for branch, _, _ in node.strings.branches:
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
        if all(each.sets for each in some):
            for found, names in enumerate(self._assign(some, {})):
                if found == MAX_ASSIGNMENTS:
                    self.limits.add(Limit(MAX_ASSIGNMENTS, "ways to name properties"))
                    return
                yield names

    def _some_property(self, names: PropertyNames, requirement: Requirement) -> _SomeProperty:
        resolved = self._resolved(names)
        if names.annotation_consumer is not None:
            # A listed name is unevaluated, too, if the branch that lists it is not satisfied.
            self.limits.add(Limit(1, "way to leave a property unevaluated"))
        if resolved is None:
            return _SomeProperty((), lambda _: False, [requirement])
        found = _NameSet(lambda _: True, Language.all_strings)
        if resolved.pattern is not None:
            found = _NameSet.of(matched_by_all(resolved.pattern))
        for pattern in resolved.patterns:
            found &= _NameSet.of(matched_by_none(pattern))
        found = found.without(frozenset(resolved.names))

        def matches(name: str) -> bool:
            return _is_in(name, resolved) and (resolved.pattern is None or name in matched_by_ecma(resolved.pattern))

        return _SomeProperty(self._allow(found), matches, [requirement])

    def _invalid_name(self, requirement: Requirement) -> _SomeProperty:
        languages = self._languages(self._nodes.node([requirement]))
        sets = tuple(each for language in languages for each in self._allow(_NameSet.of(language)))
        return _SomeProperty(sets, lambda name: any(name in language for language in languages), [])

    def _allow(self, names: _NameSet) -> tuple[_NameSet, ...]:
        """The names of a set that `propertyNames` allows."""
        if not self._constraints.property_names:
            return (names,)
        return tuple(names & _NameSet.of(language) for language in self._allowed)

    def _assign(self, wanted: list[_SomeProperty], names: Names) -> Iterator[Names]:
        constraints = self._constraints
        if constraints.maximum is not None and len({*names, *constraints.required}) > constraints.maximum:
            return
        if not wanted:
            yield names
            return
        first, rest = wanted[0], wanted[1:]
        for name in self._candidates(first, rest, names):
            self._tried += 1
            if self._tried > MAX_TRIED_NAMES:
                self.limits.add(Limit(MAX_TRIED_NAMES, "names of properties"))
                return
            yield from self._assign(rest, {**names, name: [*names.get(name, ()), *first.requirements]})

    def _candidates(self, some: _SomeProperty, others: list[_SomeProperty], names: Names) -> Iterator[str]:
        """Names for a property: a new one, one that serves others, too, one that is there already, or in the schema."""
        constraints = self._constraints
        taken = frozenset({*names, *constraints.forbidden, *constraints.properties, *constraints.required})
        seen = set()
        is_full = constraints.maximum is not None and len({*names, *constraints.required}) >= constraints.maximum
        for part in self._parts([each.without(taken) for each in some.sets], others) if not is_full else ():
            name = self._first_of(part)
            if name is not None and name not in seen:
                seen.add(name)
                if self._may_be_present(name, names, some):
                    yield name
        for name in (*names, *constraints.required, *constraints.properties):
            if name not in seen and name not in constraints.forbidden and some.matches(name):
                seen.add(name)
                if self._may_be_present(name, names, some):
                    yield name

    def _parts(self, sets: list[_NameSet], others: list[_SomeProperty]) -> Iterator[_NameSet]:
        """The parts of some sets whose names serve no other property, one, or several; then those in each region."""
        yield from self._shared(sets, others)
        if self._patterns or self._constraints.property_names:
            for region in self._regions:
                if region.is_satisfiable and region.language is not None:
                    yield from self._shared([names & _NameSet.of(region.language) for names in sets], others)

    def _shared(self, sets: list[_NameSet], others: list[_SomeProperty]) -> Iterator[_NameSet]:
        """The intersections of some sets with those of no other property, of one, and of several.

        A set is intersected with those alone that do not contain its first name: that name serves the others already.
        """
        found = {(start, frozenset[_NameSet]()): names for start, names in enumerate(sets)}
        while found:
            following: dict[tuple[int, frozenset[_NameSet]], _NameSet] = {}
            for (start, operands), names in found.items():
                name = self._first_of(names)
                if name is None:
                    continue
                yield names
                unserved = (each.sets for each in others if not any(part.contains(name) for part in each.sets))
                for other in itertools.chain.from_iterable(unserved):
                    key = (start, operands | {other})
                    if key not in following:
                        self._intersected += 1
                        following[key] = names & other
                    if self._intersected > MAX_INTERSECTIONS:
                        self.limits.add(Limit(MAX_INTERSECTIONS, "intersections of sets of property names"))
                        return
            found = following

    def _first_of(self, names: _NameSet) -> str | None:
        """A name of a set, unless its automaton is too large."""
        try:
            return names.first
        except PatternError:
            self.limits.add(TOO_LARGE_PATTERN)
            return None

    def _may_be_present(self, name: str, names: Names, some: _SomeProperty) -> bool:
        return not self._nodes.is_refuted((*self._requirements(name, names), *some.requirements))

    @functools.cached_property
    def _regions(self) -> list[_Region]:
        """The allowed names by the patterns that they match: none, each one, and several if there are few patterns."""
        by_patterns = self._products if len(self._patterns) <= MAX_PRODUCT_PATTERNS else self._singles
        allowed = self._allowed if self._constraints.property_names else [Language.all_strings()]
        regions = []
        for language in itertools.chain.from_iterable(map(by_patterns, allowed)):
            name = _first(language)
            if name is not None:
                regions.append(_Region(language, tuple(self._requirements(name, {}, is_named=False))))
        return regions

    def _products(self, allowed: Language) -> Iterable[Language]:
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

    def _singles(self, allowed: Language) -> Iterable[Language]:
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
        return self._nodes.node(self._requirements(name, names))

    def _requirements(self, name: str, names: Names, *, is_named: bool = True) -> list[Requirement]:
        """The requirements on the property of a name; without those on the name itself if it stands for its region."""
        constraints = self._constraints
        requirements = [*constraints.properties.get(name, ()), *names.get(name, ())] if is_named else []
        requirements += [each for pattern, each in constraints.pattern_properties if name in matched_by_ecma(pattern)]
        requirements += [each for others, each in self._additional if others is not None and _is_in(name, others)]
        if constraints.property_names and not any(name in language for language in self._allowed):
            requirements.append(UNSATISFIABLE)
        return requirements

    @property
    def additional(self) -> Node:
        """The node of a property that no schema names."""
        if self._constraints.property_names and not self._allowed:
            return self._nodes.node([UNSATISFIABLE])
        return self._nodes.node([requirement for names, requirement in self._additional if names is not None])

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
        if not self._patterns and not self._constraints.property_names:
            yield PropertyFamily(None, self.additional)
            return
        for region in self._regions:
            language = region.language
            if language is not None and known:
                language -= Language.finite(known)
            if language is not None and not language.is_empty:
                yield PropertyFamily(language, self._nodes.node(region.requirements))


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
