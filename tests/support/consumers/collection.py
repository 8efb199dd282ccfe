"""All consumers, in five families; those of `blind` were written from the contract alone."""

from __future__ import annotations

from tests.support.consumers import blind, clients, clocks, pagers, parsers, pipelines, validators, writers

FAMILIES = {
    "parsers": (*parsers.CONSUMERS, *writers.CONSUMERS, *clocks.CONSUMERS),
    "validators": validators.CONSUMERS,
    "clients": (*clients.CONSUMERS, *pagers.CONSUMERS),
    "pipelines": pipelines.CONSUMERS,
    "blind": blind.CONSUMERS,
}
CONSUMERS = tuple(consumer for family in FAMILIES.values() for consumer in family)
