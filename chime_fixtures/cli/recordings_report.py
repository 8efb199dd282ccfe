"""The part of `validate` that reads recordings: one line for each finding."""

from __future__ import annotations

import dataclasses
import functools
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chime_fixtures.cli.console import counted, display_path, report_error
from chime_fixtures.engine.errors import InvalidDocumentError

if TYPE_CHECKING:
    from chime_fixtures.cli.console import ByteProgress
    from chime_fixtures.recordings.exchanges import Exchange
    from chime_fixtures.recordings.judging import Finding, Tier

_TIERS: dict[str | None, Tier | None] = {None: "note", "error": "error", "warn": "warning", "ignore": None}
"""The tier of unknown members by `--unknown-members`; None omits them."""


class RecordingsReport:
    """Writes the findings in recordings as text or as one JSON object on each line, and counts them.

    Attributes:
        recordings: the number of recordings that were read.
        unreadable: the number of files that are damaged, or not recordings.
        counts: the number of findings by their tier.
    """

    def __init__(
        self,
        report_format: str,
        progress: ByteProgress,
        *,
        base_url: str | None,
        unknown_members: str | None,
        has_contract: bool,
    ) -> None:
        from chime_fixtures.recordings.judging import Judge

        self.recordings = self.unreadable = 0
        self.counts: dict[Tier, int] = {"error": 0, "warning": 0, "note": 0}
        self._exchanges = self._others = 0
        self._judge = Judge(base_url)
        self._is_json = report_format == "json"
        self._progress = progress
        self._has_contract = has_contract
        self._unknown_tier = _TIERS[unknown_members]

    def add(self, path: str, stream: io.BufferedReader[Any] | None) -> bool:
        """Judge each recording at a path; True if the path has nothing else to be read.

        Args:
            path: a file, a folder, or the name of the stream.
            stream: a stream; None for a path.

        Raises:
            click.UsageError: there is a recording, and the options select a contract.
        """
        from chime_fixtures.recordings.reading import HEAD_BYTES, is_recording

        if stream is not None:
            is_found = is_recording(stream.peek(HEAD_BYTES))
            if is_found:
                self._read(functools.partial(_read_stream, stream, path), path)
            return is_found
        is_found = False
        for recording in _recordings_in(Path(path)):
            is_found = True
            self._read(functools.partial(_read_file, recording), path)
        return is_found and Path(path).is_file()

    @property
    def is_used(self) -> bool:
        """True if a path had a recording."""
        return bool(self.recordings or self.unreadable)

    def _read(self, read: Callable[[], list[Exchange]], path: str) -> None:
        if self._has_contract:
            raise click.UsageError(
                f"{display_path(path)} has recordings, whose operations have contracts of their own; "
                "leave out --contract, --schema and --operation"
            )
        try:
            self._add(read())
        except InvalidDocumentError as error:
            self._add_unreadable(error)

    def _add(self, exchanges: list[Exchange]) -> None:
        self.recordings += 1
        for exchange in exchanges:
            findings = self._judge.judge(exchange)
            if findings is None:
                self._others += 1
                continue
            self._exchanges += 1
            for finding in findings:
                self._add_finding(finding)

    def _add_finding(self, finding: Finding) -> None:
        from chime_fixtures.sampling.json_text import encode

        if finding.keyword == "unknown-member":
            if self._unknown_tier is None:
                return
            finding = dataclasses.replace(finding, tier=self._unknown_tier)
        self.counts[finding.tier] += 1
        self._progress.write(encode(finding.as_dict()) if self._is_json else f"{finding}\n".encode())

    def _add_unreadable(self, error: InvalidDocumentError) -> None:
        from chime_fixtures.sampling.json_text import encode

        self.unreadable += 1
        if self._is_json:
            self._progress.write(encode({"verdict": "unreadable", "location": error.source, "error": error.reason}))
        else:
            report_error(error)

    @property
    def summary(self) -> str:
        """One line with the number of exchanges and findings."""
        exchanges = f"{counted(self._exchanges, 'exchange')} in {counted(self.recordings, 'recording')}"
        tiers = ", ".join(counted(number, tier) for tier, number in self.counts.items())
        others = f", {counted(self._others, 'other exchange')}" if self._others else ""
        unreadable = f", {self.unreadable:,} unreadable" if self.unreadable else ""
        return f"{exchanges}: {tiers}{others}{unreadable}"


def _read_file(path: Path) -> list[Exchange]:
    from chime_fixtures.recordings.reading import read_recording

    return read_recording(path)


def _read_stream(stream: io.BufferedReader[Any], source: str) -> list[Exchange]:
    from chime_fixtures.recordings.reading import MAX_RECORDING_BYTES, parse_recording

    return parse_recording(stream.read(MAX_RECORDING_BYTES + 1), source)


def _recordings_in(path: Path) -> Iterator[Path]:
    """The recordings below a folder, or the path itself if it is one."""
    from chime_fixtures.recordings.reading import EXTENSIONS, is_recording_file

    if path.is_dir():
        for folder, inner, names in os.walk(path):
            inner.sort()
            yield from (each for name in sorted(names) if is_recording_below(each := Path(folder, name)))
    elif path.is_file() and (not EXTENSIONS.isdisjoint(_extensions(path)) or is_recording_file(path)):
        yield path


def is_recording_below(path: Path) -> bool:
    """True if a file in a folder is a recording; other files in YAML belong to something else."""
    from chime_fixtures.recordings.reading import EXTENSIONS, is_recording_file

    extensions = _extensions(path)
    is_candidate = not (EXTENSIONS | {".json"}).isdisjoint(extensions)
    return is_candidate and path.is_file() and is_recording_file(path)


def _extensions(path: Path) -> list[str]:
    return [extension.lower() for extension in path.suffixes[-2:]]
