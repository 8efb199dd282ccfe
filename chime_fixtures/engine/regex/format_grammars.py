"""Grammars of JSON Schema's formats as parts of patterns, each with the specification that defines it.

A `LENIENT_...` pattern is wider than the grammar: it matches at least every string that some engine accepts.
"""

from __future__ import annotations

# RFC 3339, section 5.6, without leap seconds and lower-case `t` and `z`.
DATE = (
    "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
)
_HOURS = "(?:[01][0-9]|2[0-3])"
_OFFSET = f"[+-]{_HOURS}:[0-5][0-9]"
TIME = rf"{_HOURS}:[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,9}})?(?:Z|{_OFFSET})"
LENIENT_TIME = rf"{_HOURS}:[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?(?:[Zz]|{_OFFSET})"


def _duration(number: str, *, gaps: bool) -> str:
    """RFC 3339, appendix A; with `gaps`, a unit between two others may be absent."""
    y, m, d, h, s, w = (number + unit for unit in "YMDHSW")
    if gaps:
        return f"P(?:{y})?(?:{m})?(?:{d})?(?:{w})?(?:(?:{number})?T(?:{h})?(?:{m})?(?:{s})?)?"
    days = f"(?:{y}(?:{m}(?:{d})?)?|{m}(?:{d})?|{d})"
    times = f"T(?:{h}(?:{m}(?:{s})?)?|{m}(?:{s})?|{s})"
    return f"P(?:{days}(?:{times})?|{times}|{w})"


DURATION = _duration("[0-9]{1,9}", gaps=False)
LENIENT_DURATION = _duration("[-+0-9.,eE]+", gaps=True)
INCOMPLETE_DURATION = "^[-+]?PT?$|[^DHMSWY]$"
# An engine that accepts an exponent may reject a large one.
EXPONENT = "[eE]"

# Letters outside ASCII that every engine accepts; all characters outside ASCII.
NON_ASCII_LETTERS = r"\u00e0-\u00f6\u00f8-\u00ff"
NON_ASCII = r"\u0080-\u{10ffff}"


# RFC 1123, section 2.1; labels of at most 63 characters.
def host(letters: str = "A-Za-z", max_label_length: int = 63) -> str:
    """A host name whose labels consist of digits, these letters, and hyphens inside."""
    letter = f"[0-9{letters}]"
    label = f"{letter}(?:[0-9{letters}-]{{0,{max_label_length - 2}}}{letter})?"
    return rf"(?:{label}\.)*{label}"


HOST = host()
LENIENT_HOST = host(f"A-Za-z{NON_ASCII}")
# An encoded label is longer; IDNA excludes capital letters.
IDN_HOST = host(f"a-z{NON_ASCII_LETTERS}", 16)
# "--" at the third and fourth position marks an encoded label: engines differ on the encodings that they know.
RESERVED_LABEL = r"(?:^|[.@])[^.@]{2}--"


# RFC 5321, section 4.1.2, without quoted strings and address literals.
def local_part(letters: str = "") -> str:
    """The local part of an address, before the `@`: at most 64 characters with its dots."""
    atom = f"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~{letters}-]"
    return rf"{atom}{{1,16}}(?:\.{atom}{{1,15}}){{0,3}}"


LOCAL_PART = local_part()

# RFC 2673, section 3.2; RFC 4291, section 2.2.
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4 = rf"{_BYTE}(?:\.{_BYTE}){{3}}"
_GROUP = "[0-9A-Fa-f]{1,4}"


def _ipv6() -> str:
    """All eight groups, or fewer on both sides of "::"; the last two groups may be an IPv4 address."""
    options = [f"(?:{_GROUP}:){{7}}{_GROUP}", f"(?:{_GROUP}:){{6}}{IPV4}"]
    for before in range(8):
        head = f"{_GROUP}(?::{_GROUP}){{{before - 1}}}" if before else ""
        options.append(f"{head}::(?:{_GROUP}(?::{_GROUP}){{0,{6 - before}}})?" if before < 7 else f"{head}::")
        if before < 6:
            options.append(f"{head}::(?:{_GROUP}:){{0,{5 - before}}}{IPV4}")
    return f"(?:{'|'.join(options)})"


IPV6 = _ipv6()

# RFC 3986, appendix A, and RFC 3987. Of the IPv6 addresses only "::", "::1" and those without "::".
IP_LITERAL = rf"\[(?:::1?|(?:{_GROUP}:){{7}}{_GROUP})\]"
LENIENT_IP_LITERAL = r"\[[0-9A-Za-z:.%_~!$&'()*+,;=-]*\]"
_SCHEME = "[A-Za-z][A-Za-z0-9+.-]*"


def _uri_character(extra: str) -> str:
    return rf"(?:[A-Za-z0-9._~!$&'()*+,;={extra}-]|%[0-9A-Fa-f]{{2}})"


def _query_and_fragment(letters: str) -> str:
    query = _uri_character(f":@/?{letters}") + "*"
    return rf"(?:\?{query})?(?:#{query})?"


def _from_root(letters: str, ip_literal: str) -> str:
    """Two slashes and an authority, or one slash and a path."""
    segment = _uri_character(f":@{letters}")
    names = f"{ip_literal}|{_uri_character(letters)}*" if ip_literal else f"{_uri_character(letters)}*"
    authority = f"(?:{_uri_character(':' + letters)}*@)?(?:{names})(?::[0-9]*)?"
    return f"//{authority}(?:/{segment}*)*|/(?:{segment}+(?:/{segment}*)*)?"


def uri(letters: str = "", *, ip_literal: str = IP_LITERAL) -> str:
    """A URI, or with letters outside ASCII an IRI.

    Args:
        letters: additional characters, as in a character class.
        ip_literal: the pattern of an address in brackets; empty for none.
    """
    segment = _uri_character(f":@{letters}")
    return f"{_SCHEME}:(?:{_from_root(letters, ip_literal)}|{segment}+(?:/{segment}*)*)?{_query_and_fragment(letters)}"


def reference(letters: str = "", *, ip_literal: str = IP_LITERAL) -> str:
    """A URI reference: a URI, or one relative to another; the arguments are those of `uri`."""
    segment = _uri_character(f":@{letters}")
    first = _uri_character(f"@{letters}")
    relative = f"(?:{_from_root(letters, ip_literal)}|{first}+(?:/{segment}*)*)?{_query_and_fragment(letters)}"
    return f"(?:{uri(letters, ip_literal=ip_literal)}|{relative})"


# RFC 4122, section 3. Some engines also accept signs, spaces, underscores and digits of other scripts as hexadecimal.
UUID = "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_LENIENT_DIGIT = rf"[-0-9A-Fa-fx_+\s\x1c-\x1f\x85{NON_ASCII}{{}}urnid:]"
LENIENT_UUID = f"{_LENIENT_DIGIT}{{8}}-(?:{_LENIENT_DIGIT}{{4}}-){{3}}{_LENIENT_DIGIT}{{12,}}"

# RFC 6901, and the draft "Relative JSON Pointers".
POINTER = "(?:/(?:[^/~]|~[01])*)*"
# One engine rejects a number with a digit after a zero.
RELATIVE_POINTER = f"(?:0|[1-9]+0?)(?:#|{POINTER})"
LENIENT_RELATIVE_POINTER = f"[0-9{NON_ASCII}]+(?:#|{POINTER})"

# RFC 6570, sections 2.1 to 2.4.
_VARIABLE = r"[A-Za-z0-9_](?:\.?[A-Za-z0-9_])*(?::[1-9][0-9]{0,2}|\*)?"
TEMPLATE = rf"(?:[A-Za-z0-9._~!$()*+,;=:@/?#&\[\]-]|\{{[+#./;?&]?{_VARIABLE}(?:,{_VARIABLE})*\}})*"
LENIENT_TEMPLATE = r"(?:[^{}]|\{[^{}]+\})*"

# A small subset of the syntax that ECMA 262 and Python share.
_CLASS = r"\[\^?(?:[A-Za-z0-9_.]|a-z|A-Z|0-9)+\]"
_ATOM = rf"(?:[A-Za-z0-9_ ,:;/@.-]|\\[dDwWsS.*+?/\\]|{_CLASS})"
_QUANTIFIER = r"(?:[*+?]|\{[1-9](?:,[1-9]{2})?\})"
_PIECE = rf"(?:{_ATOM}{_QUANTIFIER}?|\((?:\?:)?{_ATOM}+(?:\|{_ATOM}+)*\){_QUANTIFIER}?)"
REGEX = rf"\^?{_PIECE}*\$?"
INVALID_REGEX = r"(?:[*+?]\w*|\w*[([]\w*|\w*\)\w*|\w+[*+]\*\w*|\w*\\|\w*\(\?\w*|\w*\[z-a\]\w*)"
