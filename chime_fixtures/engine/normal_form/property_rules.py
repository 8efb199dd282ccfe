"""What the members of an object must be: by name, by pattern, and for names that no schema lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from chime_fixtures.engine.dnf.clauses import ObjectConstraints, PropertyNames
from chime_fixtures.engine.dnf.requirements import UNSATISFIABLE, Requirement
from chime_fixtures.engine.normal_form.nodes import Constants, Node, PropertyFamily, Strings
from chime_fixtures.engine.regex import Language, PatternError
from chime_fixtures.engine.regex.patterns import matched_by_all, matched_by_ecma, matched_by_none

_FRESH = "unknown"
"""What a member is called that no schema names, where it may be."""


class PropertyRules:
    """The members of one clause.

    Attributes:
        is_impossible: whether such a member can't be there.
    """

    def __init__(self, facts: ObjectConstraints, node_of: Callable[[Iterable[Requirement]], Node]) -> None:
        self._facts = facts
        self._node_of = node_of
        # What the schemas of `propertyNames` allow: a choice of languages, of which names are made with the first.
        self._allowed = _languages(node_of(facts.names)) if facts.names else []
        self._names = self._allowed[0] if self._allowed else (Language.finite([]) if facts.names else None)
        self._closed = [(self._resolved(region), literal) for region, literal in facts.closed]
        self._extra: dict[str, list[Requirement]] = {}
        self.is_impossible = False
        self._patterns = tuple(
            dict.fromkeys(
                [
                    *(pattern for pattern, _ in facts.patterns),
                    *(pattern for region, _ in self._closed if region for pattern in region.patterns),
                ]
            )
        )
        for region, literal in facts.exists:
            self._demand(self._language(region), [literal])
        for literal in facts.bad_names:
            self._demand(next(iter(_languages(node_of([literal]))), None), [])

    @property
    def demanded(self) -> tuple[str, ...]:
        """Concrete names for the members that must be there though no schema names them."""
        return tuple(self._extra)

    # Names -------------------------------------------------------------------------------------------------------

    def _resolved(self, region: PropertyNames) -> PropertyNames | None:
        """The region with what its tracker has evaluated left out; None where nothing is left."""
        if region.annotation_consumer is None:
            return region
        evaluated = self._facts.evaluated.get(region.annotation_consumer, PropertyNames())
        if evaluated is None:
            return None
        return PropertyNames(None, region.names | evaluated.names, (*region.patterns, *evaluated.patterns))

    def _language(self, region: PropertyNames) -> Language | None:
        """The names of a region; None where there are none."""
        found = self._resolved(region)
        if found is None:
            return None
        language = Language.all_strings() if found.pattern is None else matched_by_all(found.pattern)
        for pattern in found.patterns:
            language &= matched_by_none(pattern)
        return language - Language.finite(found.names) if found.names else language

    def _demand(self, language: Language | None, asked: list[Requirement]) -> None:
        """Find a name of that language for a member that must be there."""
        if language is None:
            self.is_impossible = True
            return
        if self._names is not None and not self._facts.bad_names:
            language &= self._names
        taken = {*self._extra, *self._facts.forbidden}
        fresh = language - Language.finite({*taken, *self._facts.named, *self._facts.required})
        for candidates in (fresh, language - Language.finite(taken) if taken else language):
            name = _first(candidates)
            if name is not None:
                self._extra[name] = asked
                return
        self.is_impossible = True

    # What they must be -------------------------------------------------------------------------------------------

    def node(self, name: str) -> Node:
        """What a member of that name must be."""
        return self._node_of(self._asked(name))

    def _asked(self, name: str) -> list[Requirement]:
        facts = self._facts
        asked = [*facts.named.get(name, ()), *self._extra.get(name, ())]
        asked += [literal for pattern, literal in facts.patterns if name in matched_by_ecma(pattern)]
        asked += [literal for region, literal in self._closed if region is not None and _is_in(name, region)]
        is_bad = facts.names and not any(name in language for language in self._allowed)
        if is_bad and not (facts.bad_names and name in self._extra):
            asked.append(UNSATISFIABLE)
        return asked

    @property
    def rest(self) -> Node:
        """What a member must be that is named nowhere."""
        if self._names is not None and self._names.is_empty:
            return self._node_of([UNSATISFIABLE])
        return self._node_of([literal for region, literal in self._closed if region is not None])

    def families(self, known: frozenset[str]) -> Iterator[PropertyFamily]:
        """Members whose names are not listed, by the patterns that are found in their names."""
        if not self._patterns:
            names = self._names
            if names is not None and known:
                names -= Language.finite(known)
            if names is None or not names.is_empty:
                yield PropertyFamily(names, self.rest)
            return
        every = Language.all_strings() if self._names is None else self._names
        if known:
            every -= Language.finite(known)
        for chosen in (None, *self._patterns):
            language = every
            try:
                for pattern in self._patterns:
                    language &= matched_by_all(pattern) if pattern == chosen else matched_by_none(pattern)
                if language.is_empty and chosen is not None:
                    # Wherever it is found, another one is found too: one name stands for all.
                    name = _first(every & matched_by_all(chosen))
                    language = Language.finite([] if name is None else [name])
            except PatternError:
                continue
            name = _first(language)
            if name is not None:
                yield PropertyFamily(language, self._node_of(self._asked(name)))


def _is_in(name: str, region: PropertyNames) -> bool:
    return name not in region.names and not any(name in matched_by_ecma(pattern) for pattern in region.patterns)


def _first(language: Language) -> str | None:
    """A readable member of a language; None where it is empty."""
    if language.is_empty:
        return None
    size = len(_FRESH)
    length = size if language.has_length(size) else language.shortest
    assert length is not None
    return language.construct(length, _FRESH)


def _languages(node: Node) -> list[Language]:
    """The strings of a node, a language for each of its shapes."""
    found = []
    for shape in node.string_branches:
        if isinstance(shape, Strings):
            found.append(shape.language)
        elif isinstance(shape, Constants):
            found.append(Language.finite([value for value in shape.values if isinstance(value, str)]))
    return [language for language in found if not language.is_empty]
