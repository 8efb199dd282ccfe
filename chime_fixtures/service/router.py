"""From a method and a raw path to an operation: exact segments, split before anything is decoded."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Sequence
from dataclasses import dataclass

from chime_fixtures.chime.operations import Operation

REMEMBERED = 1024
"""How many paths are remembered by those who read them."""

_NEAR = 0.72
_OTHER_METHOD = 0.04


@dataclass(frozen=True, slots=True)
class Route:
    """One operation, with its path taken apart."""

    operation: Operation
    literals: tuple[tuple[int, str], ...]
    parameters: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """An operation that a request is for, with the raw segments that stand for its path parameters."""

    operation: Operation
    segments: dict[str, str]


class Router:
    """The routes of all operations, compiled once.

    Args:
        operations: what there is to route to.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = tuple(operations)
        self._routes: dict[tuple[str, int], list[Route]] = {}
        for operation in operations:
            segments = operation.path.split("/")
            route = Route(
                operation,
                tuple((place, text) for place, text in enumerate(segments) if not text.startswith("{")),
                tuple((place, text.strip("{}")) for place, text in enumerate(segments) if text.startswith("{")),
            )
            self._routes.setdefault((operation.method, len(segments)), []).append(route)

        # A consumer asks for the same few paths again and again.
        self._remembered = functools.lru_cache(maxsize=REMEMBERED)(self._match)

    def match(self, method: str, path: str) -> Match | None:
        """The operation of a raw path, or None."""
        return self._remembered(method, path)

    def _match(self, method: str, path: str) -> Match | None:
        segments = path.split("/")
        for route in self._routes.get((method, len(segments)), ()):
            for place, text in route.literals:
                if segments[place] != text:
                    break
            else:
                return Match(route.operation, {name: segments[place] for place, name in route.parameters})
        return None

    def allowed(self, path: str) -> tuple[str, ...]:
        """The methods that the path has operations for."""
        methods = sorted({operation.method for operation in self._operations})
        return tuple(method for method in methods if self._match(method, path))

    def nearest(self, method: str, path: str) -> tuple[str, ...]:
        """At most two operations that the request may have meant, the nearest first, as ``Name (METHOD path)``."""
        scores: list[tuple[float, Operation]] = []
        for operation in self._operations:
            template = operation.path
            likeness = difflib.SequenceMatcher(None, _shape(template, template), _shape(path, template)).ratio()
            # The right path with another method beats a like path with the same method, but not by much.
            scores.append((likeness - (operation.method != method) * _OTHER_METHOD, operation))
        best = sorted(scores, key=lambda score: -score[0])[:2]
        return tuple(
            f"{operation.name} ({operation.method} {operation.path})"
            for score, operation in best
            if score >= max(_NEAR, best[0][0] - _OTHER_METHOD / 2)
        )


def _shape(path: str, template: str) -> list[str]:
    """The letters of a path, with one sign for whatever stands where the template has a parameter."""
    wanted = template.split("/")
    shape: list[str] = []
    for place, text in enumerate(path.split("/")):
        parameter = place < len(wanted) and wanted[place].startswith("{")
        shape += ["/", "{}"] if parameter and text else ["/", *text]
    return shape
