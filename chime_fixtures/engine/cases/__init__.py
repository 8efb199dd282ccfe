"""Labelled cases of a schema: violations, edges, hazards and evolutions."""

from __future__ import annotations

from chime_fixtures.engine.cases.catalogue import Catalogue, place, transplant
from chime_fixtures.engine.cases.edges import Edge
from chime_fixtures.engine.cases.evolutions import Evolution
from chime_fixtures.engine.cases.hazards import Hazard
from chime_fixtures.engine.cases.violations import CatalogueEntry, Implied

__all__ = ["Catalogue", "CatalogueEntry", "Edge", "Evolution", "Hazard", "Implied", "place", "transplant"]
