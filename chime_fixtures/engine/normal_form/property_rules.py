"""The nodes of the properties of an object: by name, by pattern, and for names that no schema lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from chime_fixtures.engine.dnf.clauses import ObjectConstraints, PropertyNames
from chime_fixtures.engine.dnf.requirements import UNSATISFIABLE, Requirement
from chime_fixtures.engine.normal_form.nodes import Constants, Node, PropertyFamily, Strings
from chime_fixtures.engine.regex import Language, PatternError
from chime_fixtures.engine.regex.patterns import matched_by_all, matched_by_ecma, matched_by_none

_DEFAULT_NAME = "unknown"
"""The name of a property that no schema lists, if it is allowed."""


class PropertyRules:
    """The nodes of the properties of one clause.

    Attributes:
        is_impossible: True if a property must be present but can't be.
    """

    def __init__(self, constraints: ObjectConstraints, node_of: Callable[[Iterable[Requirement]], Node]) -> None:
        self._constraints = constraints
        self._node_of = node_of
        # The languages that the schemas of `propertyNames` allow; names are constructed from the first.
        by_schemas = constraints.property_names
        self._allowed = _languages(node_of(by_schemas)) if by_schemas else []
        self._names = self._allowed[0] if self._allowed else (Language.finite([]) if by_schemas else None)
        self._additional = [(self._resolved(names), requirement) for names, requirement in constraints.additional]
        self._extra: dict[str, list[Requirement]] = {}
        self.is_impossible = False
        self._patterns = tuple(
            dict.fromkeys(
                [
                    *(pattern for pattern, _ in constraints.pattern_properties),
                    *(pattern for names, _ in self._additional if names for pattern in names.patterns),
                ]
            )
        )
        for names, requirement in constraints.some_property:
            self._require(self._language(names), [requirement])
        for requirement in constraints.invalid_names:
            self._require(next(iter(_languages(node_of([requirement]))), None), [])

    @property
    def some_properties(self) -> tuple[str, ...]:
        """The constructed names of the properties that must be present although no schema lists them."""
        return tuple(self._extra)

    # Names -------------------------------------------------------------------------------------------------------

    def _resolved(self, names: PropertyNames) -> PropertyNames | None:
        """The set without the names that its annotation consumer has evaluated; None if it is empty."""
        if names.annotation_consumer is None:
            return names
        evaluated = self._constraints.evaluated.get(names.annotation_consumer, PropertyNames())
        if evaluated is None:
            return None
        return PropertyNames(None, names.names | evaluated.names, (*names.patterns, *evaluated.patterns))

    def _language(self, names: PropertyNames) -> Language | None:
        """The names of a set as a language; None if it is empty."""
        resolved = self._resolved(names)
        if resolved is None:
            return None
        language = Language.all_strings() if resolved.pattern is None else matched_by_all(resolved.pattern)
        for pattern in resolved.patterns:
            language &= matched_by_none(pattern)
        return language - Language.finite(resolved.names) if resolved.names else language

    def _require(self, language: Language | None, requirements: list[Requirement]) -> None:
        """Construct a name of a language for a property that must be present."""
        if language is None:
            self.is_impossible = True
            return
        if self._names is not None and not self._constraints.invalid_names:
            language &= self._names
        taken = {*self._extra, *self._constraints.forbidden}
        fresh = language - Language.finite({*taken, *self._constraints.properties, *self._constraints.required})
        for candidates in (fresh, language - Language.finite(taken) if taken else language):
            name = _readable_string(candidates)
            if name is not None:
                self._extra[name] = requirements
                return
        self.is_impossible = True

    # Nodes -------------------------------------------------------------------------------------------------------

    def node(self, name: str) -> Node:
        """The node of the property of a name."""
        return self._node_of(self._requirements(name))

    def _requirements(self, name: str) -> list[Requirement]:
        constraints = self._constraints
        requirements = [*constraints.properties.get(name, ()), *self._extra.get(name, ())]
        requirements += [each for pattern, each in constraints.pattern_properties if name in matched_by_ecma(pattern)]
        requirements += [each for names, each in self._additional if names is not None and _is_in(name, names)]
        is_invalid = constraints.property_names and not any(name in language for language in self._allowed)
        if is_invalid and not (constraints.invalid_names and name in self._extra):
            requirements.append(UNSATISFIABLE)
        return requirements

    @property
    def additional(self) -> Node:
        """The node of a property that no schema lists."""
        if self._names is not None and self._names.is_empty:
            return self._node_of([UNSATISFIABLE])
        return self._node_of([requirement for names, requirement in self._additional if names is not None])

    def families(self, known: frozenset[str]) -> Iterator[PropertyFamily]:
        """The properties whose names are not listed, by the patterns that their names match."""
        if not self._patterns:
            names = self._names
            if names is not None and known:
                names -= Language.finite(known)
            if names is None or not names.is_empty:
                yield PropertyFamily(names, self.additional)
            return
        allowed = Language.all_strings() if self._names is None else self._names
        if known:
            allowed -= Language.finite(known)
        for chosen in (None, *self._patterns):
            language = allowed
            try:
                for pattern in self._patterns:
                    language &= matched_by_all(pattern) if pattern == chosen else matched_by_none(pattern)
                if language.is_empty and chosen is not None:
                    # Each name that matches it matches another pattern too: one name stands for all.
                    name = _readable_string(allowed & matched_by_all(chosen))
                    language = Language.finite([] if name is None else [name])
            except PatternError:
                continue
            name = _readable_string(language)
            if name is not None:
                yield PropertyFamily(language, self._node_of(self._requirements(name)))


def _is_in(name: str, names: PropertyNames) -> bool:
    return name not in names.names and not any(name in matched_by_ecma(pattern) for pattern in names.patterns)


def _readable_string(language: Language) -> str | None:
    """A string of a language that resembles ``unknown``; None if the language is empty."""
    if language.is_empty:
        return None
    size = len(_DEFAULT_NAME)
    length = size if language.has_length(size) else language.shortest
    assert length is not None
    return language.construct(length, _DEFAULT_NAME)


def _languages(node: Node) -> list[Language]:
    """The strings of a node, a language for each of its branches."""
    languages = []
    for branch in node.string_branches:
        if isinstance(branch, Strings):
            languages.append(branch.language)
        elif isinstance(branch, Constants):
            languages.append(Language.finite([value for value in branch.values if isinstance(value, str)]))
    return [language for language in languages if not language.is_empty]
