"""The properties of Unicode by which a pattern can ask: general categories, and the three that need no table."""

from __future__ import annotations

from chime_fixtures.engine.regex.charsets import EVERYTHING, Intervals, complement, general_category

# Unicode Standard Annex 44, table 12, with the aliases of PropertyValueAliases.txt.
_CATEGORIES = {
    "Letter": "L",
    "Uppercase_Letter": "Lu",
    "Lowercase_Letter": "Ll",
    "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm",
    "Other_Letter": "Lo",
    "Mark": "M",
    "Combining_Mark": "M",
    "Nonspacing_Mark": "Mn",
    "Spacing_Mark": "Mc",
    "Enclosing_Mark": "Me",
    "Number": "N",
    "Decimal_Number": "Nd",
    "digit": "Nd",
    "Letter_Number": "Nl",
    "Other_Number": "No",
    "Punctuation": "P",
    "punct": "P",
    "Connector_Punctuation": "Pc",
    "Dash_Punctuation": "Pd",
    "Open_Punctuation": "Ps",
    "Close_Punctuation": "Pe",
    "Initial_Punctuation": "Pi",
    "Final_Punctuation": "Pf",
    "Other_Punctuation": "Po",
    "Symbol": "S",
    "Math_Symbol": "Sm",
    "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk",
    "Other_Symbol": "So",
    "Separator": "Z",
    "Space_Separator": "Zs",
    "Line_Separator": "Zl",
    "Paragraph_Separator": "Zp",
    "Other": "C",
    "Control": "Cc",
    "cntrl": "Cc",
    "Format": "Cf",
    "Surrogate": "Cs",
    "Private_Use": "Co",
    "Unassigned": "Cn",
}
_SHORT = frozenset(_CATEGORIES.values())


def unassigned() -> Intervals:
    """The code points of which a later version of Unicode may say something else."""
    return general_category("Cn")


def unicode_property(name: str) -> Intervals | None:
    """The code points that have a property, written as in ECMA 262; None for one that is not driven."""
    if name == "Any":
        return EVERYTHING
    if name == "ASCII":
        return ((0, 0x7F),)
    if name == "Assigned":
        return complement(unassigned())
    key, equals, value = name.rpartition("=")
    if equals and key not in {"gc", "General_Category"}:
        return None
    short = _CATEGORIES.get(value, value)
    return general_category(short) if short in _SHORT else None
