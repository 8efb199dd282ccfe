"""The code blocks of the documentation."""

import re
from pathlib import Path

TOP = Path(__file__).parents[2]
_FENCE = re.compile(r"^(<!-- clients -->\n)?```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def code_blocks(text: str, *, clients: bool = False) -> list[tuple[str, str]]:
    """The language and the code of each block of a page; with `clients`, those for `tests/clients` alone."""
    return [(language, body) for marked, language, body in _FENCE.findall(text) if bool(marked) is clients]


def page_text(name: str) -> str:
    """The text of a page of the documentation."""
    return (TOP / "docs" / f"{name}.md").read_text(encoding="utf-8")
