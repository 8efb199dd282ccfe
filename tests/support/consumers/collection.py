"""The whole collection, in four families."""

from __future__ import annotations

from tests.support.consumers import clients, clocks, pagers, parsers, pipelines, validators, writers

FAMILIES = {
    "parsers": (*parsers.CASES, *writers.CASES, *clocks.CASES),
    "validators": validators.CASES,
    "clients": (*clients.CASES, *pagers.CASES),
    "pipelines": pipelines.CASES,
}
CASES = tuple(case for cases in FAMILIES.values() for case in cases)
