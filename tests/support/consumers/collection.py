"""All consumers, in four families."""

from __future__ import annotations

from tests.support.consumers import clients, clocks, pagers, parsers, pipelines, validators, writers

FAMILIES = {
    "parsers": (*parsers.CONSUMERS, *writers.CONSUMERS, *clocks.CONSUMERS),
    "validators": validators.CONSUMERS,
    "clients": (*clients.CONSUMERS, *pagers.CONSUMERS),
    "pipelines": pipelines.CONSUMERS,
}
CONSUMERS = tuple(consumer for family in FAMILIES.values() for consumer in family)
