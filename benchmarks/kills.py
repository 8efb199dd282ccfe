"""SIGKILL while a sample is written: of a worker, and of the whole run, which is then resumed.

It guards the promise that nothing is lost or partial: after each kill every existing part is complete, and at the end
the digest is that of the records. The kills alternate between records from columns, records made one by one, and a Dask
cluster.

    python benchmarks/kills.py [--kills 50]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COUNT, PART = 300_000, 3_000
OPTIONS = ([], ["--until", "2300-01-01"], ["--engine", "dask"])
KILLS_PER_SAMPLE = 5
"""Kills of one sample before it is completed."""


def start(folder: Path, options: list[str]) -> subprocess.Popen[bytes]:
    """Start or resume the command."""
    command = [sys.executable, "-m", "chime_fixtures", "sample", "--format", "ndjson", "--resume", "--workers", "2"]
    sizes = ["--count", str(COUNT), "--part-size", str(PART), "-d", str(folder)]
    return subprocess.Popen([*command, *sizes, *options], stderr=subprocess.DEVNULL)


def parts(folder: Path) -> list[Path]:
    """The existing parts."""
    return sorted(folder.glob("part-*"))


def workers(parent: int) -> list[int]:
    """The worker processes of a run, by their parent in /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes()
            own = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if own == parent and b"spawn_main" in line:
            found.append(int(entry.name))
    return found


def wait_for_more(process: subprocess.Popen[bytes], folder: Path, more: int) -> bool:
    """Wait for a number of further parts; True if the run has not finished."""
    wanted = len(parts(folder)) + more
    while process.poll() is None and len(parts(folder)) < wanted:
        time.sleep(0.002)
    return process.poll() is None


def kill_run(folder: Path, options: list[str], chance: random.Random) -> int:
    """Start a run and kill it while it writes; returns the number of kills."""
    process = start(folder, options)
    is_running = wait_for_more(process, folder, chance.randrange(1, 12))
    time.sleep(chance.random() * 0.02)
    process.kill()
    process.wait()
    return int(is_running)


def kill_workers(folder: Path, options: list[str], chance: random.Random) -> int:
    """Start a run and kill its workers one after the other while it writes; it must complete."""
    process, kills = start(folder, options), 0
    while kills < KILLS_PER_SAMPLE and wait_for_more(process, folder, chance.randrange(2, 9)):
        found = workers(process.pid)
        if found:
            os.kill(chance.choice(found), signal.SIGKILL)
            kills += 1
    assert process.wait() == 0, "the run did not survive its worker"
    return kills


def digest(folder: Path) -> str:
    """The digest of the concatenated parts."""
    state = hashlib.sha256()
    for path in parts(folder):
        state.update(path.read_bytes())
    return state.hexdigest()


def truncated(folder: Path) -> int:
    """The number of parts without the full number of records."""
    return sum(path.read_bytes().count(b"\n") != PART for path in parts(folder))


def main() -> None:
    """Kill, resume, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    expected: dict[str, str] = {}
    killed = {"worker": 0, "run": 0}
    cut = differing = temporary = samples = 0
    while sum(killed.values()) < arguments.kills:
        kind = "run" if killed["run"] <= killed["worker"] else "worker"
        options = OPTIONS[samples // 2 % len(OPTIONS)]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if kind == "run":
                for _ in range(KILLS_PER_SAMPLE):
                    killed["run"] += kill_run(folder, options, chance)
                    cut += truncated(folder)
            else:
                killed["worker"] += kill_workers(folder, options, chance)
            assert start(folder, options).wait() == 0
            cut += truncated(folder)
            temporary += len(list(folder.glob(".*")))
            found = digest(folder)
            # Dask's digest is compared with the pool's.
            comparable = [] if "dask" in options else options
            key = " ".join(comparable)
            if key not in expected:
                with tempfile.TemporaryDirectory() as whole:
                    assert start(Path(whole), comparable).wait() == 0
                    expected[key] = digest(Path(whole))
            differing += found != expected[key]
        samples += 1
    print(
        f"{killed['worker']} kills of a worker and {killed['run']} of the run, over {samples} samples: "
        f"{cut} parts truncated, {temporary} temporary files, {differing} digests differ"
    )
    sys.exit(1 if cut or differing or temporary else 0)


if __name__ == "__main__":
    main()
