"""The grammars of the formats as pieces of patterns, each after the text that defines it.

What is `TOLERATED` is wider than the grammar: it holds at least all that some engine lets pass.
"""

from __future__ import annotations

# RFC 3339, section 5.6; without leap seconds, small t and z.
DATE = (
    "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
)
_HOURS = "(?:[01][0-9]|2[0-3])"
_OFFSET = f"[+-]{_HOURS}:[0-5][0-9]"
TIME = rf"{_HOURS}:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,9}})?(?:Z|{_OFFSET})"
TOLERATED_TIME = rf"{_HOURS}:[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?(?:[Zz]|{_OFFSET})"


def _duration(number: str, *, gaps: bool) -> str:
    """RFC 3339, appendix A; with gaps, a unit may be left out between two others."""
    y, m, d, h, s, w = (number + unit for unit in "YMDHSW")
    if gaps:
        return f"P(?:{y})?(?:{m})?(?:{d})?(?:{w})?(?:(?:{number})?T(?:{h})?(?:{m})?(?:{s})?)?"
    days = f"(?:{y}(?:{m}(?:{d})?)?|{m}(?:{d})?|{d})"
    times = f"T(?:{h}(?:{m}(?:{s})?)?|{m}(?:{s})?|{s})"
    return f"P(?:{days}(?:{times})?|{times}|{w})"


DURATION = _duration("[0-9]{1,9}", gaps=False)
TOLERATED_DURATION = _duration("[-+0-9.,eE]+", gaps=True)
UNFINISHED_DURATION = "^[-+]?PT?$|[^DHMSWY]$"
# An exponent may be too large for the engine that reads one.
EXPONENT = "[eE]"

# Letters outside ASCII on which no engine has a doubt; and all that is outside ASCII.
LETTERS_BEYOND = r"\u00e0-\u00f6\u00f8-\u00ff"
BEYOND = r"\u0080-\u{10ffff}"


# RFC 1123, section 2.1; labels of at most 63 characters.
def host(letters: str = "A-Za-z", longest: int = 63) -> str:
    """A host name whose labels have digits, these letters, and hyphens inside."""
    letter = f"[0-9{letters}]"
    label = f"{letter}(?:[0-9{letters}-]{{0,{longest - 2}}}{letter})?"
    return rf"(?:{label}\.)*{label}"


HOST = host()
TOLERATED_HOST = host(f"A-Za-z{BEYOND}")
# Encoded, a label is longer; and capitals are none of IDNA's letters.
IDN_HOST = host(f"a-z{LETTERS_BEYOND}", 16)
# "--" in the third and fourth place says that a label is encoded: engines differ on which codes they know.
RESERVED_LABEL = r"(?:^|[.@])[^.@]{2}--"


# RFC 5321, section 4.1.2, without quoted strings and address literals.
def local(letters: str = "") -> str:
    """What stands before the @; its length is at most 64 together with the dots."""
    word = f"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~{letters}-]"
    return rf"{word}{{1,16}}(?:\.{word}{{1,15}}){{0,3}}"


LOCAL = local()

# RFC 2673, section 3.2; RFC 4291, section 2.2.
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4 = rf"{_BYTE}(?:\.{_BYTE}){{3}}"
_GROUP = "[0-9A-Fa-f]{1,4}"


def _ipv6() -> str:
    """All eight groups, or some before and some after a "::"; the last two may be written as IPv4."""
    options = [f"(?:{_GROUP}:){{7}}{_GROUP}", f"(?:{_GROUP}:){{6}}{IPV4}"]
    for before in range(8):
        head = f"{_GROUP}(?::{_GROUP}){{{before - 1}}}" if before else ""
        options.append(f"{head}::(?:{_GROUP}(?::{_GROUP}){{0,{6 - before}}})?" if before < 7 else f"{head}::")
        if before < 6:
            options.append(f"{head}::(?:{_GROUP}:){{0,{5 - before}}}{IPV4}")
    return f"(?:{'|'.join(options)})"


IPV6 = _ipv6()

# RFC 3986, appendix A, and RFC 3987. Of the IPv6 addresses only the unspecified one and those without "::".
LITERAL = rf"\[(?:::1?|(?:{_GROUP}:){{7}}{_GROUP})\]"
TOLERATED_LITERAL = r"\[[0-9A-Za-z:.%_~!$&'()*+,;=-]*\]"
_SCHEME = "[A-Za-z][A-Za-z0-9+.-]*"


def _character(extra: str) -> str:
    return rf"(?:[A-Za-z0-9._~!$&'()*+,;={extra}-]|%[0-9A-Fa-f]{{2}})"


def _tail(letters: str) -> str:
    query = _character(f":@/?{letters}") + "*"
    return rf"(?:\?{query})?(?:#{query})?"


def _from_root(letters: str, literal: str) -> str:
    """Two slashes and an authority, or one and a path."""
    segment = _character(f":@{letters}")
    names = f"{literal}|{_character(letters)}*" if literal else f"{_character(letters)}*"
    authority = f"(?:{_character(':' + letters)}*@)?(?:{names})(?::[0-9]*)?"
    return f"//{authority}(?:/{segment}*)*|/(?:{segment}+(?:/{segment}*)*)?"


def uri(letters: str = "", *, literal: str = LITERAL) -> str:
    """A URI; with letters from beyond ASCII, an IRI; `literal` is what an address in brackets may be."""
    segment = _character(f":@{letters}")
    return f"{_SCHEME}:(?:{_from_root(letters, literal)}|{segment}+(?:/{segment}*)*)?{_tail(letters)}"


def reference(letters: str = "", *, literal: str = LITERAL) -> str:
    """A URI, or one that is relative to another."""
    segment = _character(f":@{letters}")
    first = _character(f"@{letters}")
    relative = f"(?:{_from_root(letters, literal)}|{first}+(?:/{segment}*)*)?{_tail(letters)}"
    return f"(?:{uri(letters, literal=literal)}|{relative})"


# RFC 4122, section 3. What else some engine takes for hexadecimal: signs, blanks, low lines, digits of other scripts.
UUID = "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_ODD = rf"[-0-9A-Fa-fx_+\s\x1c-\x1f\x85{BEYOND}{{}}urnid:]"
TOLERATED_UUID = f"{_ODD}{{8}}-(?:{_ODD}{{4}}-){{3}}{_ODD}{{12,}}"

# RFC 6901, and the draft of relative pointers.
POINTER = "(?:/(?:[^/~]|~[01])*)*"
# One engine refuses a number with a digit after a zero.
RELATIVE_POINTER = f"(?:0|[1-9]+0?)(?:#|{POINTER})"
TOLERATED_RELATIVE_POINTER = f"[0-9{BEYOND}]+(?:#|{POINTER})"

# RFC 6570, sections 2.1 to 2.4.
_VARIABLE = r"[A-Za-z0-9_](?:\.?[A-Za-z0-9_])*(?::[1-9][0-9]{0,2}|\*)?"
TEMPLATE = rf"(?:[A-Za-z0-9._~!$()*+,;=:@/?#&\[\]-]|\{{[+#./;?&]?{_VARIABLE}(?:,{_VARIABLE})*\}})*"
TOLERATED_TEMPLATE = r"(?:[^{}]|\{[^{}]+\})*"

# A small part of what ECMA 262 and Python have in common.
_CLASS = r"\[\^?(?:[A-Za-z0-9_.]|a-z|A-Z|0-9)+\]"
_ATOM = rf"(?:[A-Za-z0-9_ ,:;/@.-]|\\[dDwWsS.*+?/\\]|{_CLASS})"
_TIMES = r"(?:[*+?]|\{[1-9](?:,[1-9]{2})?\})"
_PIECE = rf"(?:{_ATOM}{_TIMES}?|\((?:\?:)?{_ATOM}+(?:\|{_ATOM}+)*\){_TIMES}?)"
REGEX = rf"\^?{_PIECE}*\$?"
NO_REGEX = r"(?:[*+?]\w*|\w*[([]\w*|\w*\)\w*|\w+[*+]\*\w*|\w*\\|\w*\(\?\w*|\w*\[z-a\]\w*)"
