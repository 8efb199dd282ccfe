"""The catalogue of a schema: its violations, found when they are requested, and their transplants."""

from __future__ import annotations

import collections
import functools
import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NoReturn

from chime_fixtures.engine import instances
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.cases.order import by_coverage
from chime_fixtures.engine.cases.unique_labels import constraint_of
from chime_fixtures.engine.cases.violations import CatalogueEntry, Implied, Search
from chime_fixtures.engine.normal_form.normalise import NormalForm
from chime_fixtures.engine.schema.validators import Validators
from chime_fixtures.engine.values import Builder
from chime_fixtures.engine.violation import Violation


class Catalogue:
    """Every violation of a schema, in the schema's order, found as far as it is iterated; threads may share it.

    Args:
        form: the normal form of the schema.
        validators: its validators, which decide about each violation.
        builder: the construction of its values.
    """

    def __init__(self, form: NormalForm, validators: Validators, builder: Builder) -> None:
        self._new_search = functools.partial(Search, form, validators, builder)
        self._search: Search | None = None
        self._following: Iterator[CatalogueEntry] = iter(())
        self._found: list[CatalogueEntry] = []
        self._ordered: dict[tuple[str | None, str | None, bool], tuple[CatalogueEntry, ...]] = {}
        self._is_complete = False
        self._lock = threading.RLock()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Catalogue can't be copied or pickled; copy or pickle its Contract")

    def __iter__(self) -> Iterator[CatalogueEntry]:
        """The entries; the same ones each time."""
        index = 0
        while index < len(self._found) or self._find(index):
            yield self._found[index]
            index += 1

    def _find(self, index: int) -> bool:
        """Find the entry at an index, which is the next one unless another thread found it; False if there is none."""
        with self._lock:
            if index < len(self._found) or self._is_complete:
                return index < len(self._found)
            try:
                if self._search is None:
                    self._search = self._new_search()
                    self._following = itertools.islice(self._search.entries(), len(self._found), None)
                entry = next(self._following, None)
            except BaseException:
                # An interrupted generator would be exhausted, and the catalogue incomplete.
                self._search = None
                raise
            if entry is None:
                self._is_complete = True
            else:
                self._found.append(entry)
            return entry is not None

    def select(
        self, *, pointer: str | None = None, keyword: str | None = None, contested: bool = True
    ) -> Iterator[CatalogueEntry]:
        """The entries at one location, of one keyword, or without those on which validators disagree."""
        for entry in self:
            label = entry.label
            if (
                (pointer is None or label.pointer == pointer)
                and (keyword is None or label.keyword == keyword)
                and (contested or not label.contested)
            ):
                yield entry

    def in_order_of_coverage(
        self, *, pointer: str | None = None, keyword: str | None = None, contested: bool = True
    ) -> tuple[CatalogueEntry, ...]:
        """The selected entries in the order in which a prefix detects most faulty programs; finds all of them first."""
        selection = pointer, keyword, contested
        if selection not in self._ordered:
            entries = tuple(self.select(pointer=pointer, keyword=keyword, contested=contested))
            self._ordered[selection] = by_coverage(entries)
        return self._ordered[selection]

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Every violation, each with an instance that belongs to the caller."""
        return tuple(entry.copy() for entry in self)

    @functools.cached_property
    def implied(self) -> tuple[Implied, ...]:
        """The constraints that can't be violated alone; finds every violation first."""
        collections.deque(self, maxlen=0)
        assert self._search is not None
        return self._search.implied


def transplant(validators: Validators, violation: Violation, context: Any) -> Violation:
    """The same violation in another valid instance, if it is the only one there; else in a copy of its own instance.

    The result shares nothing with the violation, so that callers may change it.
    """
    try:
        instance = _transplanted(violation, context)
    except LookupError:
        instance = None
    if instance is None or not _is_only_violation(validators, violation, instance):
        instance = instances.copy_json(violation.instance)
    return replace(violation, instance=instance)


def place(validators: Validators, violation: Violation, context: Any) -> Violation:
    """The same violation at its own location of another valid instance, which keeps all its other values.

    Without that location, or if there are further violations, it is transplanted. The context belongs to the result.
    """
    try:
        value = json_pointer.resolve(violation.instance, violation.pointer)
        instance = json_pointer.with_value(context, violation.pointer, instances.copy_json(value))
    except LookupError:
        return transplant(validators, violation, context)
    if not _is_only_violation(validators, violation, instance):
        return transplant(validators, violation, context)
    return replace(violation, instance=instance)


def _transplanted(violation: Violation, context: Any) -> Any:
    """The instance `context` with the whole property of the root that contains the violation."""
    tokens = json_pointer.split(violation.pointer)
    if not tokens or not isinstance(context, dict):
        raise LookupError(violation.pointer)
    return {**context, tokens[0]: instances.copy_json(violation.instance[tokens[0]])}


def _is_only_violation(validators: Validators, violation: Violation, instance: Any) -> bool:
    reported = validators.check(instance)
    return len(reported) == 1 and constraint_of(reported[0]) == constraint_of(violation)
