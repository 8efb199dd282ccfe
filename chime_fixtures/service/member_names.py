"""Members of an instance whose names resemble those of its contract, such as ``status`` for ``Status``."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from chime_fixtures.chime.errors import UnknownMemberWarning
from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.normal_form.nodes import Arrays, Node, Objects

_MIN_SIMILARITY = 0.8


class MisspeltMember(NamedTuple):
    """A member that the contract does not have, with the nearest name that it has."""

    pointer: str
    nearest: str


def misspelt_members(contract: Contract, instance: Any) -> list[MisspeltMember]:
    """Return the members whose names are not in the contract, but resemble one that is."""
    return list(_misspelt(contract.root, instance, ()))


def warn_of_misspelt_members(contract: Contract, instance: Any, subject: str) -> None:
    """Warn the caller of the method that preloads the instance of each misspelt member."""
    for pointer, nearest in misspelt_members(contract, instance):
        text = f"{subject} has the member {pointer}, which the contract does not have; did you mean {nearest!r}?"
        warnings.warn(text, UnknownMemberWarning, stacklevel=3)


def _misspelt(node: Node, value: Any, path: tuple[str, ...]) -> Iterator[MisspeltMember]:
    if isinstance(value, dict) and (objects := node.branch(Objects)) is not None:
        known = objects.properties
        for name, member in value.items():
            if name in known:
                yield from _misspelt(known[name], member, (*path, name))
            elif (nearest := _nearest(name, known)) is not None:
                yield MisspeltMember(json_pointer.join([*path, name]), nearest)
    elif isinstance(value, list) and (items := node.branch(Arrays)) is not None:
        for index, item in enumerate(value):
            yield from _misspelt(items.at(index), item, (*path, str(index)))


def _nearest(name: str, known: Iterable[str]) -> str | None:
    folded = {_folded(each): each for each in known}
    searched = _folded(name)
    similar = difflib.get_close_matches(searched, folded, n=1, cutoff=_MIN_SIMILARITY)
    # Two letters that changed places make a short name dissimilar.
    similar += [each for each in folded if sorted(each) == sorted(searched)]
    return folded[similar[0]] if similar else None


def _folded(name: str) -> str:
    """A name without the differences between camel case, snake case and kebab case."""
    return name.casefold().replace("_", "").replace("-", "")
