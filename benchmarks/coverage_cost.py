"""The cost of contract coverage: the time of one suite with and without ``--chime-cov``, in turns.

The suite has 500 property examples, half of them invalid, and 200 calls of a boto3 client. Both runs of a turn have
the same examples, and Python keeps its bytecode as it does by default. The first run with coverage, which stores the
cases of the contract in pytest's cache, is printed alone::

    python benchmarks/coverage_cost.py [rounds]
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEFAULT_ROUNDS = 7
SUITE = """
from hypothesis import given, settings
from chime_fixtures import invalid_proxy_sessions, proxy_sessions

@settings(max_examples=250, database=None)
@given(proxy_sessions())
def test_valid(session): pass

@settings(max_examples=250, database=None)
@given(invalid_proxy_sessions())
def test_invalid(session): pass

def test_calls(chime_stub, chime_client, proxy_session_factory):
    connector = chime_stub.connector_id
    sessions = [chime_stub.add_session(each) for each in proxy_session_factory.batch(19, VoiceConnectorId=connector)]
    for _ in range(10):
        for each in sessions:
            chime_client.get_proxy_session(VoiceConnectorId=connector, ProxySessionId=each["ProxySessionId"])
        chime_client.list_proxy_sessions(VoiceConnectorId=connector)
"""


def run(folder: Path, *arguments: str) -> tuple[float, float]:
    """The seconds of a run: by the wall clock, and of the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:xdist", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return time.perf_counter() - start, processor


def main() -> None:
    """Print the medians, and that of the cost in each turn."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_ROUNDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_suite.py").write_text(SUITE, encoding="utf-8")
        run(folder)
        print(f"first run with coverage: {run(folder, '--chime-cov')[1]:.2f} s of the processor")
        seeds = [f"--hypothesis-seed={seed}" for seed in range(rounds)]
        turns = [(run(folder, seed), run(folder, seed, "--chime-cov")) for seed in seeds]
    for kind, index in (("wall clock", 0), ("processor", 1)):
        without, covered = ([turn[column][index] for turn in turns] for column in (0, 1))
        medians = f"{statistics.median(without):.2f} s without, {statistics.median(covered):.2f} s with coverage"
        ratios = [second / first for first, second in zip(without, covered, strict=True)]
        print(f"{kind}: {medians}; {statistics.median(ratios) - 1:+.1%} in the median turn")


if __name__ == "__main__":
    main()
