"""The cost of `pytest --chime-each-fault`: calls, reruns and seconds of a test that makes 20 calls, for each level.

A boto3 client without retries makes the calls::

    python benchmarks/each_fault.py
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CALLS = 20
LEVELS = ("faults", "violations", "all")
SUITE = f"""
import boto3
from botocore.config import Config


def test_calls(chime_stub):
    chime = boto3.client("chime-sdk-voice", region_name="us-east-1", config=Config(retries={{"max_attempts": 0}}))
    connector = chime_stub.connector_id
    names = ["+14155550100", "+14155550101"]
    for number in range({CALLS // 4}):
        created = chime.create_proxy_session(
            VoiceConnectorId=connector, ParticipantPhoneNumbers=names, Capabilities=["SMS"], Name=f"call {{number}}"
        )
        session = created["ProxySession"]["ProxySessionId"]
        chime.get_proxy_session(VoiceConnectorId=connector, ProxySessionId=session)
        chime.list_proxy_sessions(VoiceConnectorId=connector)
        chime.delete_proxy_session(VoiceConnectorId=connector, ProxySessionId=session)
"""


def run(folder: Path, *arguments: str) -> tuple[float, float]:
    """The seconds of a run: by the wall clock, and of the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:xdist", "test_suite.py", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    environment |= {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return time.perf_counter() - start, processor


def main() -> None:
    """Print a line for each level, and the time of the plain test."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_suite.py").write_text(SUITE, encoding="utf-8")
        run(folder)
        wall, processor = run(folder)
        print(f"plain: {wall:.1f} s, {processor:.1f} s of the processor")
        for level in LEVELS:
            table = folder / f"{level}.json"
            options = [
                f"--chime-each-fault={level}",
                f"--chime-each-fault-baseline={table}",
                "--chime-each-fault-update",
            ]
            wall, processor = run(folder, *options)
            rows = json.loads(table.read_text(encoding="utf-8"))["rows"]
            print(f"{level}: {CALLS} calls, {len(rows)} reruns, {wall:.1f} s, {processor:.1f} s of the processor")


if __name__ == "__main__":
    main()
