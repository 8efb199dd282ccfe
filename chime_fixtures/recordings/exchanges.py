"""One recorded exchange: a request and its response, with their place in the file."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from chime_fixtures.engine.errors import InvalidDocumentError

MAX_BODY_BYTES = 64 * 2**20
"""The longest body after decompression."""

NOT_A_RECORDING = "is not a recording: a VCR cassette has interactions, and a HAR file has log.entries"
"""The reason of an error about any other document."""

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW_BITS = 47
"""zlib's window bits for a gzip or a zlib header."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its response, as a recording has them.

    Attributes:
        source: the name of the file.
        number: the position in the file, from 1.
        method: the HTTP method, in capitals.
        url: the whole URL.
        request_headers: the header fields of the request, with names in lower case.
        request_body: the bytes of its body, decompressed; None if it had a body that the recording does not have.
        status: the HTTP status of the response; None if there was no response.
        response_headers: the header fields of the response, with names in lower case.
        response_body: the bytes of its body, decompressed; None if it had a body that the recording does not have.
        line: the line of the exchange; None if the format of the recording does not show it.
    """

    source: str
    number: int
    method: str
    url: str
    request_headers: Mapping[str, str] = field(repr=False)
    request_body: bytes | None = field(repr=False)
    status: int | None
    response_headers: Mapping[str, str] = field(repr=False)
    response_body: bytes | None = field(repr=False)
    line: int | None = None

    @property
    def place(self) -> str:
        """The place in the file, for messages: ``create.yaml:12: exchange 2``."""
        line = "" if self.line is None else f":{self.line}"
        return f"{self.source}{line}: exchange {self.number}"


def target_of(exchange: Exchange, urls: re.Pattern[str]) -> tuple[str, str] | None:
    """Return the base of an exchange's URL, which a pattern matches, with the path and query after it, or None."""
    match = urls.match(exchange.url)
    if match is None:
        return None
    rest = exchange.url[match.end() :].partition("#")[0]
    return match[0], rest if rest.startswith("/") else f"/{rest}"


def from_base64(text: str, place: str) -> bytes:
    """Return the bytes of a body in base64.

    Raises:
        InvalidDocumentError: the text is not base64.
    """
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError) as error:
        raise InvalidDocumentError(place, f"a body is not valid base64: {error}; record it again") from error


def decompressed(body: bytes, headers: Mapping[str, str], source: str, number: int) -> bytes:
    """Return a body without its content coding; recorders store it with the coding or without.

    Raises:
        InvalidDocumentError: the body is damaged, or longer than 64 MiB.
    """
    is_deflated = headers.get("content-encoding", "").lower() == "deflate" and body[:1] == b"\x78"
    if not is_deflated and not body.startswith(_GZIP_MAGIC):
        return body
    try:
        decompressor = zlib.decompressobj(_GZIP_WINDOW_BITS)
        plain = decompressor.decompress(body, MAX_BODY_BYTES)
    except zlib.error as error:
        raise InvalidDocumentError(source, f"exchange {number}: a body cannot be decompressed: {error}") from error
    if decompressor.unconsumed_tail:
        limit = f"at most {MAX_BODY_BYTES} bytes are supported"
        raise InvalidDocumentError(source, f"exchange {number}: a body is too long: {limit}; shorten it")
    if not decompressor.eof:
        raise InvalidDocumentError(source, f"exchange {number}: a compressed body is cut; record it again")
    return plain
