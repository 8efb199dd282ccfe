"""Writers: consumers that put the strings of a session into a narrower format, such as bytes or CSV."""

from __future__ import annotations

import csv
import html
import io
import json
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from tests.support.consumers.consumer import Consumer, equals


def name_of(session):
    return session.get("Name")


def column_64(session):
    return session["Name"][:64] if "Name" in session else None


def column_of_bytes(size):
    def write(session):
        return session["Name"].encode()[:size].decode(errors="ignore") if "Name" in session else None

    return write


def column_of_utf16(size):
    def write(session):
        text = session.get("Name")
        return None if text is None else text.encode("utf-16-le")[:size].decode("utf-16-le", errors="ignore")

    return write


def in_latin_1(session):
    return session["Name"].encode("latin-1").decode("latin-1") if "Name" in session else None


def tidied(session):
    return session["Name"].strip() if "Name" in session else None


def name_or_nothing(session):
    return session.get("Name") or None


def titled(session):
    return session["Name"]


def csv_cells(session):
    return [session.get("ProxySessionId", ""), session.get("Name", ""), session.get("Status", "")]


def csv_written(session):
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow(csv_cells(session))
    return out.getvalue()


def csv_joined(session):
    return ",".join(csv_cells(session)) + "\r\n"


def csv_quoted_in_a_hurry(session):
    return ",".join(f'"{cell}"' for cell in csv_cells(session)) + "\r\n"


def reads_back_as_csv(consumer, session):
    assert list(csv.reader(io.StringIO(consumer(session), newline=""))) == [csv_cells(session)]


def cell_defused(session):
    text = session.get("Name", "")
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def is_no_formula(consumer, session):
    assert not consumer(session).startswith(("=", "+", "-", "@", "\t", "\r"))


def html_escaped(session):
    return f"<td>{html.escape(session.get('Name', ''))}</td>"


def html_raw(session):
    return f"<td>{session.get('Name', '')}</td>"


class _Texts(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text = ""

    def handle_data(self, data):
        self.text += data


def shows_the_name(consumer, session):
    # References to NUL and other controls are not letters to HTML: what counts is that the text is not markup.
    page = _Texts()
    page.feed(consumer(session))
    page.close()
    assert page.text == session.get("Name", "")


def log_line(session):
    return f"session {json.dumps(session.get('Name', ''))} is here"


def log_line_raw(session):
    return f"session {session.get('Name', '')} is here"


def is_one_line(consumer, session):
    assert len(consumer(session).splitlines()) == 1


def path_escaped(session):
    parts = (session.get("VoiceConnectorId", "c"), session.get("ProxySessionId", "s"))
    return "/voice-connectors/{}/proxy-sessions/{}".format(*(quote(part, safe="") for part in parts))


def path_raw(session):
    return (
        f"/voice-connectors/{session.get('VoiceConnectorId', 'c')}/proxy-sessions/{session.get('ProxySessionId', 's')}"
    )


def path_half_escaped(session):
    return quote(path_raw(session))


def leads_to_the_session(consumer, session):
    path = urlsplit(f"https://host{consumer(session)}").path
    ids = [session.get("VoiceConnectorId", "c"), session.get("ProxySessionId", "s")]
    assert [unquote(part) for part in path.split("/")] == ["", "voice-connectors", ids[0], "proxy-sessions", ids[1]]


def file_named(session):
    return PurePosixPath("out") / f"s-{quote(session.get('ProxySessionId', 's'), safe='')}.json"


def file_named_raw(session):
    return PurePosixPath("out") / f"{session.get('ProxySessionId', 's')}.json"


def stays_in_its_folder(consumer, session):
    assert consumer(session).parent == PurePosixPath("out")


CONSUMERS = (
    Consumer("name cut at 64", "valid", equals(name_of), name_of, column_64),
    Consumer("column of 128 bytes", "valid", equals(name_of), column_of_bytes(512), column_of_bytes(128)),
    Consumer("column of 128 UTF-16 units", "valid", equals(name_of), column_of_utf16(512), column_of_utf16(256)),
    Consumer("three bytes a character", "valid", equals(name_of), column_of_bytes(512), column_of_bytes(384)),
    Consumer("name in Latin-1", "valid", equals(name_of), name_of, in_latin_1),
    Consumer("name stripped", "valid", equals(name_of), name_of, tidied),
    Consumer("empty name taken for none", "valid", equals(name_of), name_of, name_or_nothing),
    Consumer("absent name is a crash", "valid", equals(name_of), name_of, titled),
    Consumer("CSV joined with commas", "valid", reads_back_as_csv, csv_written, csv_joined),
    Consumer("CSV quotes not doubled", "valid", reads_back_as_csv, csv_written, csv_quoted_in_a_hurry),
    Consumer("formula in a sheet", "valid", is_no_formula, cell_defused, lambda session: session.get("Name", "")),
    Consumer("markup in a page", "valid", shows_the_name, html_escaped, html_raw),
    Consumer("line end in a log", "valid", is_one_line, log_line, log_line_raw),
    Consumer("ids unescaped in a path", "valid", leads_to_the_session, path_escaped, path_raw),
    Consumer("slashes left in a path", "valid", leads_to_the_session, path_escaped, path_half_escaped),
    Consumer("id as a file name", "valid", stays_in_its_folder, file_named, file_named_raw),
)
