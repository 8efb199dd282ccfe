"""The command that serves the stub to other processes and languages."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chime_fixtures.cli.console import report_error, write_out
from chime_fixtures.engine.errors import InvalidDocumentError, InvalidOptionError

if TYPE_CHECKING:
    from chime_fixtures.service import Call, ChimeService
    from chime_fixtures.service.signatures import Signatures

_FAULT_HELP = "A fault, as throttle or error:NotFound,operation=GetProxySession,times=2,after=1,commit=true; times=all."
_EXIT_CODES = (
    "Exit codes: 1 a request that Chime has no operation for, or an unused fault (see --lax); "
    "2 it could not be started; 130 interrupted; 143 terminated."
)


@click.command("serve", epilog=_EXIT_CODES)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--public", is_flag=True, help="Let --host be an address that other machines can reach.")
@click.option("--name", "names", multiple=True, help="A host name, besides localhost, that requests may be sent to.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes a free one.")
@click.option("--seed", type=int, default=0, show_default=True, help="Ids and proxy numbers are functions of it.")
@click.option("--clock", type=click.Choice(["system", "still"]), default="system", show_default=True)
@click.option("--signatures", type=click.Choice(["ignore", "present", "verify"]), default="ignore", show_default=True)
@click.option("--policy", "policies", multiple=True, metavar="NAME=SETTING", help="A rule that AWS never documented.")
@click.option("--strict/--lax", default=True, help="Whether unmatched requests and unused faults are an error at exit.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="Loaded at start, written at exit.")
@click.option("--journal", type=click.Path(dir_okay=False, path_type=Path), help="One JSON line for every call.")
@click.option("--fault", "faults", multiple=True, metavar="SPEC", help=_FAULT_HELP)
def command(
    host: str,
    public: bool,
    names: tuple[str, ...],
    port: int,
    seed: int,
    clock: str,
    signatures: Signatures,
    policies: tuple[str, ...],
    strict: bool,
    state: Path | None,
    journal: Path | None,
    faults: tuple[str, ...],
) -> None:
    """Serve a Chime until interrupted; the first line of output is JSON with its url."""
    from chime_fixtures.engine.schema.documents import read_schema
    from chime_fixtures.server.server import ChimeServer
    from chime_fixtures.service import ChimeService, Clock, Ids, Policies

    rules = Policies.read(policies)
    if state is not None and not state.absolute().parent.is_dir():
        raise InvalidDocumentError(str(state), "cannot be written: there is no such folder")
    with _listener(journal) as listener:
        time = Clock("system") if clock == "system" else Clock()
        service = ChimeService(
            clock=time,
            ids=Ids(seed),
            policies=rules,
            signatures=signatures,
            listener=listener,
            most_calls=10_000,
        )
        if state is not None and state.exists():
            service.load_state(read_schema(state), source=str(state))
        for fault in faults:
            service.fail(**_planned(fault))
        server = ChimeServer(service, host=host, port=port, public=public, names=names).start()
        with contextlib.ExitStack() as leaving:
            leaving.callback(_settle, service, state, strict=strict)
            leaving.callback(server.stop)
            write_out(json.dumps({"url": server.url}).encode() + b"\n")
            sys.stdout.flush()
            click.echo(f"export AWS_ENDPOINT_URL_CHIME_SDK_VOICE={server.url}", err=True)
            threading.Event().wait()


@contextlib.contextmanager
def _listener(path: Path | None) -> Iterator[Callable[[Call], None] | None]:
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8") as stream:

        def write(call: Call) -> None:
            stream.write(json.dumps(call.as_dict()) + "\n")
            stream.flush()

        yield write


def _planned(text: str) -> dict[str, Any]:
    fault, *options = text.split(",")
    plan: dict[str, Any] = {"fault": fault}
    for option in options:
        name, _, value = option.partition("=")
        try:
            plan[name] = _OPTIONS[name](value)
        except (KeyError, ValueError) as error:
            known = ", ".join(f"{each}=" for each in _OPTIONS)
            raise InvalidOptionError(f"--fault {text!r}: {option!r} is none of {known}") from error
    return plan


_OPTIONS: dict[str, Callable[[str], Any]] = {
    "operation": str,
    "times": lambda text: None if text == "all" else int(text),
    "after": int,
    "commit": lambda text: {"true": True, "false": False}[text],
}


def _settle(service: ChimeService, state: Path | None, *, strict: bool) -> None:
    from chime_fixtures.sampling import folder as writer

    if state is not None:
        writer.write_whole(state, writer.encode(service.export_state(), is_pretty=True))
    problems, unused = service.settle()
    if not strict:
        return
    for problem in problems:
        report_error(problem)
    for planned in unused:
        click.echo(f"chime-fixtures: error: not used as planned: {planned}", err=True)
    if problems or unused:
        sys.exit(1)
