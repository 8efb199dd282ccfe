"""Re-entries: how often a trip through the code comes back into a package that it had left.

A re-entry is a call of a function into a package that is already on the call stack, below a function of another one.
Returning is not a re-entry. Code that reads from top to bottom has none. The four trips are a schema to a contract, a
contract to its first value, a contract to all its violations, and a request to a 201. Each runs in a fresh process, so
that no trip profits from the caches of another. A move is a call from one package into another. The last column counts
the re-entries into modules, by the same definition.

Run it with ``python benchmarks/trips.py [--functions N] [--root FOLDER]``. With ``--functions`` it lists the N most
frequent callers and callees. ``--root`` names another checkout, to be run with that checkout's Python. In a package of
packages, such as `engine`, each inner package counts as one.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

SMALL = {"type": "object", "properties": {"Name": {"type": "string", "maxLength": 8}}}
NESTED = ("engine",)
"""The packages whose inner packages and modules count as packages of their own."""

GENERATE_MODULES = ("chime_fixtures.engine.contract", "chime_fixtures.engine.values", "chime_fixtures.values")
"""The modules that `generate` is taken from, today's first."""

CREATE = b'{"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["SMS"]}'


class ReEntryCounter:
    """Counts the re-entries while a function runs: into packages, and into modules by caller and callee."""

    def __init__(self, root: Path) -> None:
        self._root = f"{root / 'chime_fixtures'}/"
        self._stack: list[tuple[str, str, str]] = []
        """The package, module and name of each function that runs; "" is the package of what is not ours."""
        self.calls = 0
        self.moves = 0
        self.into_packages: collections.Counter[tuple[str, str]] = collections.Counter()
        self.into_modules: collections.Counter[tuple[str, str]] = collections.Counter()

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """The profiler's hook."""
        if event == "call":
            self._enter(frame.f_code.co_filename, frame.f_code.co_qualname)
        elif event == "return" and self._stack:
            self._stack.pop()

    def _enter(self, file: str, function: str) -> None:
        is_import = function == "<module>" or (self._stack and self._stack[-1][2] == "<module>")
        if is_import or not file.startswith(self._root):
            self._stack.append(("", "", "<module>" if is_import else function))
            return
        module = file.removeprefix(self._root).removesuffix(".py").replace("/", ".")
        parts = module.split(".")
        package = ".".join(parts[: 2 if parts[0] in NESTED else 1])
        name = f"{module}: {function}"
        self.calls += 1
        ours = [entry for entry in self._stack if entry[0]]
        if ours:
            caller_package, caller_module, caller = ours[-1]
            self.moves += caller_package != package
            if caller_package != package and any(entry[0] == package for entry in ours):
                self.into_packages[caller, name] += 1
            if caller_module != module and any(entry[1] == module for entry in ours):
                self.into_modules[caller, name] += 1
        self._stack.append((package, module, name))

    def run(self, trip: Callable[[], object]) -> None:
        """Run a trip under the profiler."""
        sys.setprofile(self)
        try:
            trip()
        finally:
            sys.setprofile(None)


def generate(contract: Any) -> Any:
    """The first value of a contract."""
    for name in GENERATE_MODULES:
        try:
            return importlib.import_module(name).generate(contract, seed=1)
        except (ImportError, AttributeError):
            continue
    raise ImportError("generate was not found")


def trips(schema: Mapping[str, Any]) -> dict[str, Callable[[], Callable[[], object]]]:
    """The trips by name; each prepares its start, and returns the function to measure."""
    from chime_fixtures import Contract, enumerate_violations
    from chime_fixtures.service import ChimeService, Request

    generate(Contract({"type": "boolean"}))  # imports are not part of a trip

    def to_violations() -> Callable[[], object]:
        contract = Contract(schema)
        return lambda: list(enumerate_violations(contract))

    def to_value() -> Callable[[], object]:
        contract = Contract(schema)
        return lambda: generate(contract)

    def to_response() -> Callable[[], object]:
        service = ChimeService()
        return lambda: service.handle(Request("POST", "/voice-connectors/abc/proxy-sessions", {}, CREATE))

    return {
        "schema to contract": lambda: lambda: Contract(schema),
        "contract to first value": to_value,
        "contract to violations": to_violations,
        "request to 201": to_response,
    }


def measured(root: Path, name: str, schema: Mapping[str, Any]) -> ReEntryCounter:
    """The re-entries of one trip, in this process."""
    counter = ReEntryCounter(root)
    counter.run(trips(schema)[name]())
    return counter


def schemas(root: Path) -> dict[str, Any]:
    """The schemas that the trips are run with."""
    session = json.loads((root / "schemas" / "proxy_session.schema.json").read_text(encoding="utf-8"))
    return {"small": SMALL, "ProxySession": session}


def main() -> None:
    """Measure each trip in a process of its own, and print."""
    parser = argparse.ArgumentParser(description=inspect.cleandoc(__doc__ or ""))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help="the checkout to measure")
    parser.add_argument("--functions", type=int, default=0, metavar="N", help="list the N most frequent of each trip")
    parser.add_argument("--only", nargs=2, metavar=("TRIP", "SCHEMA"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    root = options.root.resolve()
    sys.path.insert(0, str(root))
    if options.only:
        name, schema = options.only
        counter = measured(root, name, schemas(root)[schema])
        figures = (counter.calls, counter.moves, counter.into_packages.total(), counter.into_modules.total())
        print(f"{name:26}{schema:14}" + "".join(f"{figure:12}" for figure in figures))
        for kind, counted in (("package", counter.into_packages), ("module", counter.into_modules)):
            for (caller, callee), count in counted.most_common(options.functions):
                print(f"{count:9} {kind:8} {caller} -> {callee}")
        return
    print(f"{'':40}{'calls':>12}{'moves':>12}{'re-entries':>12}{'(modules)':>12}", flush=True)
    for name in ("schema to contract", "contract to first value", "contract to violations", "request to 201"):
        for schema in schemas(root) if name != "request to 201" else ["ProxySession"]:
            command = [sys.executable, __file__, "--root", str(root), "--functions", str(options.functions)]
            subprocess.run([*command, "--only", name, schema], check=True)


if __name__ == "__main__":
    main()
