"""The command `serve`: run the stub as an HTTP server."""

from __future__ import annotations

import contextlib
import functools
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

_FAULT_HELP = (
    "A fault with its options: throttle, or error:NotFound,operation=GetProxySession,times=2. "
    "Options: operation, times (all for every call), after, commit. May be repeated."
)
_EXIT_CODES = (
    "Exit codes: 1 a request without an operation, or an unused fault (see --lax); 2 the server could not start; "
    "130 interrupted; 143 terminated."
)


@click.command("serve", epilog=_EXIT_CODES)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--public", is_flag=True, help="Allow --host to be an address that other machines can reach.")
@click.option(
    "--name", "names", metavar="HOST", multiple=True, help="Another host name that requests may have. May be repeated."
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 chooses a free port.")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of ids and proxy numbers.")
@click.option(
    "--clock",
    type=click.Choice(["system", "still"]),
    default="system",
    show_default=True,
    help="The system's clock, or one that moves only through /_chime/.",
)
@click.option(
    "--signatures",
    type=click.Choice(["ignore", "present", "verify"]),
    default="ignore",
    show_default=True,
    help="Accept any request, require a signature, or verify it.",
)
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME=SETTING",
    help="The setting of a rule that AWS never documented: delete_leaves=closed. May be repeated.",
)
@click.option(
    "--strict/--lax",
    default=True,
    help="Exit with 1 after a request without an operation or an unused fault.  [default: strict]",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A JSON file with sessions: loaded at start if it exists, written at exit.",
)
@click.option(
    "--journal",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A file for the calls, one JSON line each.",
)
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
    """Run the stub as an HTTP server until interrupted.

    The first line of standard output is JSON with the member "url". Standard error has the environment variable that
    makes an AWS SDK use it.
    """
    from chime_fixtures.adapters.other_operations import other_operation
    from chime_fixtures.engine.sources.files import read_json
    from chime_fixtures.server.server import ChimeServer
    from chime_fixtures.service import ChimeService, Clock, Ids, Policies

    rules = Policies.read(policies)
    if state is not None and not state.absolute().parent.is_dir():
        raise InvalidDocumentError(str(state), "cannot be written: its folder does not exist; create it")
    with _journal_listener(journal) as listener:
        service = ChimeService(
            clock=Clock("system") if clock == "system" else Clock(),
            ids=Ids(seed),
            policies=rules,
            signatures=signatures,
            listener=listener,
            max_calls=10_000,
            other_operations=other_operation,
        )
        if state is not None and state.exists():
            service.load_state(read_json(state), source=str(state))
        for fault in faults:
            service.fail(**_fault_options(fault))
        pages = {"contract": contract_page}
        server = ChimeServer(service, host=host, port=port, public=public, names=names, pages=pages).start()
        with contextlib.ExitStack() as cleanup:
            cleanup.callback(_finish, service, state, strict=strict)
            cleanup.callback(server.stop)
            write_out(json.dumps({"url": server.url}).encode() + b"\n")
            sys.stdout.flush()
            click.echo(f"export AWS_ENDPOINT_URL_CHIME_SDK_VOICE={server.url}", err=True)
            threading.Event().wait()


@functools.cache
def contract_page() -> str:
    """The page of the contract of a proxy session, made once."""
    from chime_fixtures.chime.contracts import load_contract
    from chime_fixtures.contract_coverage.page import render_page

    return render_page(load_contract("ProxySession"))


@contextlib.contextmanager
def _journal_listener(path: Path | None) -> Iterator[Callable[[Call], None] | None]:
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8") as stream:

        def write(call: Call) -> None:
            stream.write(json.dumps(call.as_dict()) + "\n")
            stream.flush()

        yield write


def _fault_options(text: str) -> dict[str, Any]:
    fault, *options = text.split(",")
    arguments: dict[str, Any] = {"fault": fault}
    for option in options:
        name, _, value = option.partition("=")
        if name not in _FAULT_OPTIONS:
            known = ", ".join(f"{each}=" for each in _FAULT_OPTIONS)
            raise InvalidOptionError(f"--fault {text!r}: {option!r} is not one of {known}")
        try:
            arguments[name] = _FAULT_OPTIONS[name](value)
        except (KeyError, ValueError) as error:
            raise InvalidOptionError(f"--fault {text!r}: {value!r} is not a valid value of {name}") from error
    return arguments


_FAULT_OPTIONS: dict[str, Callable[[str], Any]] = {
    "operation": str,
    "times": lambda text: None if text == "all" else int(text),
    "after": int,
    "commit": lambda text: {"true": True, "false": False}[text],
}


def _finish(service: ChimeService, state: Path | None, *, strict: bool) -> None:
    from chime_fixtures.sampling.json_text import encode
    from chime_fixtures.sampling.storage import write_file

    if state is not None:
        write_file(state, encode(service.export_state(), is_pretty=True))
    problems, unused = service.drain()
    if not strict:
        return
    for problem in problems:
        report_error(problem)
    for expectation in unused:
        click.echo(f"chime-fixtures: error: unused {expectation}", err=True)
    if problems or unused:
        sys.exit(1)
