"""Packs: the finite sets of a contract as one JSON document, for tests in any language."""

from __future__ import annotations

from chime_fixtures.packs.cases import KINDS, Kind, Pack, PackCase, build_pack
from chime_fixtures.packs.pack_formats import PACK_FORMATS, PackFormat

__all__ = ["KINDS", "PACK_FORMATS", "Kind", "Pack", "PackCase", "PackFormat", "build_pack"]
