"""``python -m chime_fixtures`` is the command ``chime-fixtures``."""

from __future__ import annotations

from chime_fixtures.cli import main

main()
