"""File names of tests: readable, and different for different tests on every file system."""

from __future__ import annotations

import hashlib
import re

MAX_NAME_BYTES = 200
"""The length of a file name before its digest and suffix; file systems allow 255 bytes."""

DIGEST_DIGITS = 12

_DISTINCT_TEST = re.compile(r"(?:[a-z0-9_]+/)*[a-z0-9_]+\.py(?:::[a-z0-9_]+)+(?:\[[a-z0-9_.-]*\])?")
_DISTINCT_PART = re.compile(r"(?:[a-z0-9_]+(?:\.[0-9]+(?:-[a-z0-9_]+)?)?)?")
_UNSAFE = re.compile(r"[^\w.\[\]-]+")


def file_name(test: str, part: str = "") -> str:
    """The file name of a test, or of a part of its data, without a suffix.

    ``tests/test_parser.py::test_name[64]`` becomes ``tests-test_parser.test_name[64]``. A digest behind a ``~`` follows
    if the name alone may be that of another test: if characters are replaced, if there is upper case, which some file
    systems ignore, or if the name is cut.

    Args:
        test: the id of the test in pytest.
        part: the part of its data, as the name of an argument.
    """
    path, _, names = test.partition("::")
    functions, bracket, parameters = names.partition("[")
    words = [path.removesuffix(".py").replace("/", "-"), functions.replace("::", ".") + bracket + parameters, part]
    full = _UNSAFE.sub("-", ".".join(filter(None, words)))
    name = full.encode()[:MAX_NAME_BYTES].decode(errors="ignore")
    if name == full and _DISTINCT_TEST.fullmatch(test) and _DISTINCT_PART.fullmatch(part):
        return name
    digest = hashlib.sha256(f"{test}\0{part}".encode(errors="surrogatepass")).hexdigest()
    return f"{name}~{digest[:DIGEST_DIGITS]}"
