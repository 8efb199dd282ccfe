"""How large a value may have to be: what asks for more is refused by name."""

from __future__ import annotations

MAX_VALUES = 20_000
"""So many parts at most a value has to have; `MAX_STRING_LENGTH` characters count as one."""

MAX_STRING_LENGTH = 100

MOST_ITEMS = 4096
"""A greatest number of items, or of members, that is beyond this is never reached nor passed."""
