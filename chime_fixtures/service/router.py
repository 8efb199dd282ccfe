"""Routing of a method and raw path to an operation; paths are split into segments before anything is decoded."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Sequence
from dataclasses import dataclass

from chime_fixtures.chime.operations import Operation

MAX_CACHED_PATHS = 1024
"""The number of paths whose match is cached: consumers request the same few paths again and again."""

_MIN_SIMILARITY = 0.72
_METHOD_PENALTY = 0.04
"""Subtracted from the similarity for another method: less than any difference of the path."""


@dataclass(frozen=True, slots=True)
class Route:
    """The path template of an operation, as pairs of an index and a segment.

    Attributes:
        operation: the operation.
        literals: the literal segments.
        parameters: the names of the path parameters.
    """

    operation: Operation
    literals: tuple[tuple[int, str], ...]
    parameters: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The operation that a request matches, with the raw segment of each path parameter."""

    operation: Operation
    segments: dict[str, str]


class Router:
    """The routes of all operations.

    Args:
        operations: the operations.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = tuple(operations)
        self._routes: dict[tuple[str, int], list[Route]] = {}
        for operation in operations:
            segments = operation.path.split("/")
            route = Route(
                operation,
                tuple((index, segment) for index, segment in enumerate(segments) if not segment.startswith("{")),
                tuple(
                    (index, segment.strip("{}")) for index, segment in enumerate(segments) if segment.startswith("{")
                ),
            )
            self._routes.setdefault((operation.method, len(segments)), []).append(route)
        self._cached_match = functools.lru_cache(maxsize=MAX_CACHED_PATHS)(self._match)

    def match(self, method: str, path: str) -> Match | None:
        """Return the operation of a method and raw path, if there is one."""
        return self._cached_match(method, path)

    def _match(self, method: str, path: str) -> Match | None:
        segments = path.split("/")
        for route in self._routes.get((method, len(segments)), ()):
            if all(segments[index] == literal for index, literal in route.literals):
                return Match(route.operation, {name: segments[index] for index, name in route.parameters})
        return None

    def allowed(self, path: str) -> tuple[str, ...]:
        """Return the methods of a path that match an operation."""
        methods = sorted({operation.method for operation in self._operations})
        return tuple(method for method in methods if self._match(method, path))

    def nearest(self, method: str, path: str) -> tuple[str, ...]:
        """Return at most two similar operations, the most similar first, as ``Name (METHOD path)``."""
        scores: list[tuple[float, Operation]] = []
        for operation in self._operations:
            template = operation.path
            matcher = difflib.SequenceMatcher(None, _characters(template, template), _characters(path, template))
            scores.append((matcher.ratio() - (operation.method != method) * _METHOD_PENALTY, operation))
        best = sorted(scores, key=lambda score: -score[0])[:2]
        return tuple(
            f"{operation.name} ({operation.method} {operation.path})"
            for score, operation in best
            if score >= max(_MIN_SIMILARITY, best[0][0] - _METHOD_PENALTY / 2)
        )


def _characters(path: str, template: str) -> list[str]:
    """The characters of a path; a segment in the place of a template's parameter counts as one."""
    template_segments = template.split("/")
    characters: list[str] = []
    for index, segment in enumerate(path.split("/")):
        is_parameter = index < len(template_segments) and template_segments[index].startswith("{")
        characters += ["/", "{}"] if is_parameter and segment else ["/", *segment]
    return characters
