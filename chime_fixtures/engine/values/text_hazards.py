"""The hazards of strings in CSV, HTML, logs, templates, paths, file names, Unicode and conversions to other types.

The most fruitful ones come first. A slash in an identifier is a hazard, a digit in a telephone number is not: a hazard
is left out where every allowed string has it.
"""

from __future__ import annotations

import unicodedata

from chime_fixtures.engine.values.hazard_definitions import TextHazard

MAX_FILE_NAME_BYTES = 255
"""Bytes of the longest file name of common file systems."""

_DEVICES = "(?:CON|PRN|AUX|NUL|COM[1-9]|LPT[1-9]|con|prn|aux|nul|com[1-9]|lpt[1-9])"
_ENDS_WITH_OTHER_BLANK = "[\u00a0\u2002\u2003\u3000]"


def _is_long_in_bytes(text: str) -> bool:
    return len(text.encode("utf-8", "surrogatepass")) > MAX_FILE_NAME_BYTES


def _repeated(text: str) -> str:
    return text * (MAX_FILE_NAME_BYTES // max(len(text), 1) + 1)


def _begins_with_repetition(text: str) -> bool:
    first = 1 if text[:1] == "+" else 0
    return len(text) >= first + 2 and text[first] == text[first + 1]


def _with_first_repeated(text: str) -> str:
    sign = text[: text.startswith("+")]
    return sign + text[len(sign) : len(sign) + 1] + text[len(sign) :]


def _is_decomposed(text: str) -> bool:
    return not unicodedata.is_normalized("NFC", text)


def _is_compatible(character: str) -> bool:
    if not unicodedata.decomposition(character):
        return False
    return unicodedata.normalize("NFKD", character) != unicodedata.normalize("NFD", character)


def _changes_length(character: str) -> bool:
    return len(character.upper()) != 1 or len(character.lower()) != 1


TEXT_HAZARDS = (
    TextHazard(
        "formula",
        "begins with an equals sign, like a formula of a spreadsheet",
        "^=",
        ("=1+1",),
        "=",
        "start",
        roles=("prefix",),
    ),
    TextHazard("comma", "contains a comma, which separates the cells of CSV", ",", ("a,b",), ",", roles=("infix",)),
    TextHazard("quote", "contains a double quote, which CSV and JSON escape", '"', ('a "b" c',), '"', roles=("infix",)),
    TextHazard("slash", "contains a slash, which separates the parts of a path", "/", ("a/b",), "/"),
    TextHazard("line-feed", "contains a line feed, which ends a line of a log or of CSV", "\\n", ("a\nb",), "\n"),
    TextHazard(
        "markup",
        "contains characters that HTML and XML escape",
        "[<>&]",
        ("<b>a</b> &amp; c", "a<b", "a&b"),
        "<b>&'",
        roles=("infix",),
    ),
    TextHazard(
        "astral",
        "contains a character outside the Basic Multilingual Plane: four bytes in UTF-8, two units in UTF-16",
        "[\U00010000-\U0010ffff]",
        ("a \U0001f600",),
        "\U0001f600",
        roles=("infix", "filler"),
    ),
    TextHazard("trailing-blank", "ends with a space, which programs strip", " $", ("a ",), " ", "end"),
    TextHazard(
        "two-bytes",
        "contains a character of two bytes in UTF-8",
        "[\u0080-\u07ff]",
        ("Zo\u00e9",),
        "\u00e9",
        roles=("filler",),
    ),
    TextHazard(
        "leading-zero",
        "begins with a zero, which a conversion to a number drops",
        "^0[0-9]+$",
        ("007", "00"),
        roles=("whole",),
        place="whole",
    ),
    TextHazard(
        "dot-dot",
        "contains two dots, which name the parent folder",
        "(?:^|[/\\\\])\\.\\.(?:[/\\\\]|$)",
        ("../a", ".."),
        roles=("infix",),
        fragment="/../",
        place="whole",
    ),
    TextHazard(
        "percent",
        "contains an escape of URLs, which a program may decode once too often",
        "%[0-9A-Fa-f]{2}",
        ("a%2Fb", "%2F"),
        "/%2F",
        roles=("infix",),
    ),
    TextHazard(
        "three-bytes",
        "contains a character of three bytes in UTF-8",
        "[\u0800-\ud7ff\ue000-\uffff]",
        ("\u65e5\u672c\u8a9e",),
        "\u8a9e",
        roles=("filler",),
    ),
    TextHazard(
        "leading-blank", "begins with a space, which programs strip", "^ ", (" a",), " ", "start", roles=("prefix",)
    ),
    TextHazard(
        "carriage-return-line-feed",
        "contains the line end of HTTP and CSV, which other programs change",
        "\\r\\n",
        ("a\r\nb",),
        "\r\n",
        roles=("infix",),
    ),
    TextHazard("digits", "consists of digits, like a number", "^[0-9]+$", ("42",), place="whole"),
    TextHazard(
        "nul",
        "contains NUL, which ends a string of C and is not a text of PostgreSQL",
        "\\x00",
        ("a\0b",),
        "\0",
        roles=("infix",),
    ),
    TextHazard(
        "apostrophe",
        "contains an apostrophe, which ends a string of SQL",
        "'",
        ("O'Neil", "' OR '1'='1"),
        "'",
    ),
    TextHazard(
        "leading-plus",
        "begins with a plus sign, like a formula of a spreadsheet",
        "^\\+",
        ("+1", "+12065550100"),
        "+",
        "start",
        roles=("prefix",),
    ),
    TextHazard(
        "leading-minus",
        "begins with a hyphen, like a formula of a spreadsheet or an option of a command",
        "^-",
        ("-1",),
        "-",
        "start",
        roles=("prefix",),
    ),
    TextHazard(
        "leading-at",
        "begins with an at sign, like a formula of a spreadsheet",
        "^@",
        ("@a",),
        "@",
        "start",
        roles=("prefix",),
    ),
    TextHazard(
        "dots",
        "is the name of a folder itself or of its parent",
        "^\\.\\.?$",
        ("..", "."),
        place="whole",
        roles=("whole",),
    ),
    TextHazard(
        "long-digits",
        "consists of more digits than a double represents",
        "^[1-9][0-9]{16,}$",
        ("12345678901234567890",),
        roles=("whole",),
        place="whole",
    ),
    TextHazard(
        "long-in-bytes",
        "has more than 255 bytes in UTF-8, too many for a file name",
        "^[\U00010000-\U0010ffff]{64}",
        # Behind characters of one byte, so that a cut at a power of two is inside a character.
        ("a" + "\U0001f600" * 64, "aa" + "\u8a9e" * 85, "a" * 256),
        predicate=_is_long_in_bytes,
        # A character has at most four bytes.
        min_length=MAX_FILE_NAME_BYTES // 4 + 1,
        vary=_repeated,
    ),
    TextHazard(
        "repeated-start",
        "begins with a character and its repetition, which functions that strip remove together",
        "^[+]?(?:00|11|22|33|44|55|66|77|88|99|aa|AA)",
        ("aa", "+112065550100", "11"),
        predicate=_begins_with_repetition,
        start_length=3,
        vary=_with_first_repeated,
        roles=("whole",),
    ),
    TextHazard("percent-sign", "contains a percent sign that is not an escape", "%(?:[^0-9A-Fa-f]|$)", ("100%",), "%-"),
    TextHazard("question-mark", "contains a question mark, which begins the query of a URL", "\\?", ("a?b",), "?"),
    TextHazard("hash", "contains a number sign, which begins the fragment of a URL", "#", ("a#b",), "#"),
    TextHazard("ampersand", "contains an ampersand, which separates parameters", "&", ("a&b=c",), "&"),
    TextHazard("plus", "contains a plus sign, which a query reads as a space", "[\\s\\S]\\+", ("a+b",), "+"),
    TextHazard("colon", "contains a colon, which joins keys and separates the parts of a time", ":", ("a:b",), ":"),
    TextHazard(
        "backslash", "contains a backslash, which begins an escape", "\\\\", ("a\\b",), "\\\t", roles=("infix",)
    ),
    TextHazard("semicolon", "contains a semicolon, which separates cells and statements", ";", ("a;b",), ";"),
    TextHazard("tab", "contains a tab, which separates cells", "\\t", ("a\tb",), "\t"),
    TextHazard("pipe", "contains a vertical bar, which joins keys and commands", "\\|", ("a|b",), "|"),
    TextHazard("blank", "contains only spaces", "^ +$", ("  ", " "), place="whole"),
    TextHazard("two-blanks", "contains two spaces, of which HTML shows one", "[^ ]  [^ ]", ("a  b",), "  "),
    TextHazard(
        "no-break-space",
        "contains a no-break space, which some programs strip",
        "\u00a0",
        ("a\u00a0b",),
        "\u00a0",
    ),
    TextHazard(
        "trailing-unicode-blank",
        "ends with a blank outside ASCII, which some programs strip",
        f"{_ENDS_WITH_OTHER_BLANK}$",
        ("a\u3000",),
        "\u3000",
        "end",
    ),
    TextHazard(
        "decomposed",
        "is not in the normal form NFC: a letter is followed by its accent",
        "[AEIOUaeiou][\u0300\u0301]",
        ("Zoe\u0301",),
        "e\u0301",
        predicate=_is_decomposed,
        is_ever_ascii=False,
        roles=("infix",),
    ),
    TextHazard(
        "compatibility",
        "contains a compatibility character, which the normal form NFKC replaces",
        "[\ufb01\uff21\u2460]",
        ("\ufb01le", "\uff21"),
        "\ufb01",
        character=_is_compatible,
    ),
    TextHazard(
        "case-changes-length",
        "has another length in upper or in lower case",
        "[\u00df\u0130\u0149\ufb01]",
        ("Stra\u00dfe",),
        "\u00df",
        character=_changes_length,
    ),
    TextHazard(
        "dotless-i",
        "contains a letter i of Turkish, whose other case is not of ASCII",
        "[\u0130\u0131]",
        ("\u0130zmir", "\u0131"),
        "\u0131",
    ),
    TextHazard(
        "bidirectional",
        "contains a character that reverses the direction of text",
        "[\u200e\u200f\u202a-\u202e\u2066-\u2069]",
        ("a\u202eb",),
        "\u05d0\u202e",
        roles=("infix",),
    ),
    TextHazard(
        "right-to-left",
        "contains letters from right to left",
        "[\u05d0-\u05ea\u0627-\u064a]",
        ("\u05d0\u05d1",),
        "\u05d0",
    ),
    TextHazard(
        "zero-width",
        "contains a character without a width",
        "[\u200b-\u200d\u2060\ufeff]",
        ("a\u200bb",),
        "\u200b",
    ),
    TextHazard("byte-order-mark", "begins with a byte order mark", "^\ufeff", ("\ufeffa",), "\ufeff", "start"),
    TextHazard(
        "line-separator",
        "contains a line separator of Unicode, which some programs take for a line end",
        "[\u2028\u2029]",
        ("a\u2028b",),
        "\u2028",
        roles=("infix",),
    ),
    TextHazard(
        "next-line",
        "contains a control character that some programs take for a line end",
        "[\\x0b\\x0c\\x1c-\\x1e\u0085]",
        ("a\u0085b",),
        "\u0085",
    ),
    TextHazard("carriage-return", "contains a carriage return alone", "\\r(?:[^\\n]|$)", ("a\rb",), "\r"),
    TextHazard(
        "zero-width-joiner",
        "contains an emoji of several characters",
        "[\U0001f300-\U0001faff]\u200d",
        ("\U0001f469\u200d\U0001f4bb",),
        "\U0001f469\u200d\U0001f4bb",
    ),
    TextHazard(
        "other-digits",
        "contains digits outside ASCII",
        "[\u0660-\u0669\u0966-\u096f\uff10-\uff19]",
        ("\u0664\u0662",),
        "\u0664",
    ),
    TextHazard(
        "null-text",
        "is the name of a null value",
        "^(?:null|NULL|None|nil|undefined|NA|N/A|#N/A)$",
        ("null", "NA"),
        place="whole",
        roles=("whole",),
    ),
    TextHazard(
        "boolean-text",
        "is the name of a boolean value",
        "^(?:true|false|True|False|TRUE|FALSE|yes|no|Yes|No|YES|NO|on|off|ON|y|n|Y|N)$",
        ("true", "NO", "Y"),
        place="whole",
        roles=("whole",),
    ),
    TextHazard(
        "not-a-number-text",
        "is the name of a number that is not finite",
        "^[+-]?(?:NaN|nan|NAN|Infinity|inf|INF)$",
        ("NaN",),
        place="whole",
        roles=("whole",),
    ),
    TextHazard(
        "exponent-text",
        "is read as a number with an exponent",
        "^[0-9]+[eE][0-9]+$",
        ("1e5", "1E5"),
        place="whole",
        roles=("whole",),
    ),
    TextHazard("decimal-text", "is read as a number with a fraction", "^[0-9]+\\.[0-9]+$", ("1.10",), place="whole"),
    TextHazard(
        "date-text",
        "is read as a date by a spreadsheet",
        "^(?:[0-9]{1,2}[-/][0-9]{1,2}|MAR[0-9]{1,2}|SEP[0-9]{1,2})$",
        ("1-2", "MAR1"),
        place="whole",
    ),
    TextHazard(
        "ansi-escape",
        "contains an escape sequence of terminals",
        "\\x1b\\[",
        ("\x1b[31ma\x1b[0m",),
        "\x1b[31m",
    ),
    TextHazard("control", "contains a control character", "[\\x01-\\x08\\x0e-\\x1b\\x1f\\x7f]", ("a\x07b",), "\x07"),
    TextHazard("braces", "contains a placeholder of format strings", "\\{[A-Za-z0-9_]*\\}", ("{0}", "{name}"), "{0}"),
    TextHazard("percent-format", "contains a placeholder of format strings", "%[sdn]", ("%s",), "%s"),
    TextHazard(
        "dollar-brace",
        "contains a placeholder of templates and shells",
        "\\x24\\{",
        ("\x24{x}",),
        "\x24{x}",
    ),
    TextHazard("two-braces", "contains a placeholder of templates", "\\{\\{", ("{{1+1}}",), "{{1}}"),
    TextHazard(
        "dollar", "contains a dollar sign, which begins a reference of replacements", "\\x24", ("\x241",), "\x241"
    ),
    TextHazard("shell", "contains syntax of a shell", "`|\\x24\\(", ("`id`", "\x24(id)"), "`id`"),
    TextHazard("asterisk", "contains an asterisk, which matches any name", "\\*", ("a*",), "*"),
    TextHazard("underscore", "contains an underscore, which LIKE of SQL matches to any character", "_", ("a_b",), "_"),
    TextHazard("sql-comment", "contains the beginning of a comment of SQL", "--", ("a'; --", "a--b"), "--"),
    TextHazard("script", "contains a script of HTML", "<script", ("<script>alert(1)</script>",), "<script>"),
    TextHazard("json-text", "is a JSON text", "^[\\[{][\\s\\S]*[\\]}]$", ('{"a":1}', "[]"), place="whole"),
    TextHazard(
        "parenthesis", "contains an unbalanced parenthesis, an error in a pattern", "^[^)]*\\([^)]*$", ("a(",), "("
    ),
    TextHazard("leading-dot", "begins with a dot, like the name of a hidden file", "^\\.", (".a",), ".", "start"),
    TextHazard("trailing-dot", "ends with a dot, which some file systems drop", "\\.$", ("a.",), ".", "end"),
    TextHazard("tilde", "begins with a tilde, which names a home folder", "^~", ("~a",), "~", "start"),
    TextHazard(
        "device",
        "is the name of a device, which is not a file name on Windows",
        f"^{_DEVICES}(?:\\.[A-Za-z]*)?$",
        ("NUL", "con", "CON"),
        place="whole",
        roles=("whole",),
    ),
    TextHazard("absolute-path", "is an absolute path", "^/|^[A-Za-z]:\\\\", ("/etc/hosts",), "/", "start"),
    TextHazard("url", "begins like a URL", "^[a-z]+://", ("http://a.example/",), "http://", "start"),
    TextHazard("blank-inside", "contains a space, which URLs and commands escape", "[^ ] [^ ]", ("a b",), " "),
    TextHazard(
        "prototype-name",
        "is the name of a member that every object of JavaScript has",
        "^(?:__proto__|constructor|toString)$",
        ("__proto__", "constructor"),
        place="whole",
    ),
    TextHazard("upper-case", "has no small letter", "^[^a-z]*[A-Z][^a-z]*$", ("ORDER",), vary=str.upper),
    TextHazard("lower-case", "has no capital letter", "^[^A-Z]*[a-z][^A-Z]*$", ("order",), vary=str.lower),
    TextHazard(
        "surrogate-neighbour", "contains a character next to the surrogates", "[\ud7ff\ue000]", ("\ue000",), "\ue000"
    ),
    TextHazard(
        "not-a-character",
        "contains a code point that is not a character, or the replacement character",
        "[\ufffd-\uffff]",
        ("a\ufffdb",),
        "\ufffd",
    ),
)
"""The hazards of strings that are not dates or times."""
