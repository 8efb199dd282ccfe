"""What SIGKILL does to a corpus that is being written: of a worker, and of the whole run, with its start again.

Guards the promise that nothing is lost or half-written: after each kill every part that is there is whole, and in the
end the digest is that of the records. The kills fall in turn on records from columns, on those made one by one, and on
a Dask cluster.

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
A_CORPUS = 5
"""Kills of one corpus, before it is let go on to its end."""


def start(folder: Path, options: list[str]) -> subprocess.Popen[bytes]:
    """The command, going on with what is there."""
    command = [sys.executable, "-m", "chime_fixtures", "sample", "--format", "ndjson", "--resume", "--workers", "2"]
    sizes = ["--count", str(COUNT), "--part-size", str(PART), "-d", str(folder)]
    return subprocess.Popen([*command, *sizes, *options], stderr=subprocess.DEVNULL)


def parts(folder: Path) -> list[Path]:
    """The parts that are there."""
    return sorted(folder.glob("part-*"))


def workers(parent: int) -> list[int]:
    """The processes that write for a run, by the parents that Linux tells."""
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
    """Wait until there are so many parts more; whether the run is still under way."""
    wanted = len(parts(folder)) + more
    while process.poll() is None and len(parts(folder)) < wanted:
        time.sleep(0.002)
    return process.poll() is None


def kill_run(folder: Path, options: list[str], chance: random.Random) -> int:
    """Start a run and kill it while it writes; returns how many kills that were."""
    process = start(folder, options)
    is_under_way = wait_for_more(process, folder, chance.randrange(1, 12))
    time.sleep(chance.random() * 0.02)
    process.kill()
    process.wait()
    return int(is_under_way)


def kill_workers(folder: Path, options: list[str], chance: random.Random) -> int:
    """Start a run and kill its workers, one after the other, while it writes; it has to come to its end."""
    process, kills = start(folder, options), 0
    while kills < A_CORPUS and wait_for_more(process, folder, chance.randrange(2, 9)):
        found = workers(process.pid)
        if found:
            os.kill(chance.choice(found), signal.SIGKILL)
            kills += 1
    assert process.wait() == 0, "the run did not survive its worker"
    return kills


def digest(folder: Path) -> str:
    """The digest of all parts, one after the other."""
    state = hashlib.sha256()
    for path in parts(folder):
        state.update(path.read_bytes())
    return state.hexdigest()


def truncated(folder: Path) -> int:
    """The parts that do not hold what a part holds."""
    return sum(path.read_bytes().count(b"\n") != PART for path in parts(folder))


def main() -> None:
    """Kill, start again, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    expected: dict[str, str] = {}
    killed = {"worker": 0, "run": 0}
    cut = differing = litter = corpora = 0
    while sum(killed.values()) < asked.kills:
        kind = "run" if killed["run"] <= killed["worker"] else "worker"
        options = OPTIONS[corpora // 2 % len(OPTIONS)]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if kind == "run":
                for _ in range(A_CORPUS):
                    killed["run"] += kill_run(folder, options, chance)
                    cut += truncated(folder)
            else:
                killed["worker"] += kill_workers(folder, options, chance)
            assert start(folder, options).wait() == 0
            cut += truncated(folder)
            litter += len(list(folder.glob(".*")))
            found = digest(folder)
            # Dask's digest is held against the pool's.
            alike = [] if "dask" in options else options
            key = " ".join(alike)
            if key not in expected:
                with tempfile.TemporaryDirectory() as whole:
                    assert start(Path(whole), alike).wait() == 0
                    expected[key] = digest(Path(whole))
            differing += found != expected[key]
        corpora += 1
    print(
        f"{killed['worker']} kills of a worker and {killed['run']} of the run, over {corpora} corpora: "
        f"{cut} parts truncated, {litter} files of litter, {differing} digests differ"
    )
    sys.exit(1 if cut or differing or litter else 0)


if __name__ == "__main__":
    main()
