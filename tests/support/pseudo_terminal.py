"""A pseudo-terminal, for commands whose output depends on one."""

import os
import subprocess


def run_on_terminal(command, *, columns, cwd=None, stdout=True):
    """Run a command on a terminal with a number of columns; returns its exit code and output."""
    import pty  # missing on Windows

    main, other = pty.openpty()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        stdout=other if stdout else None,
        stderr=other,
        env={**os.environ, "COLUMNS": str(columns), "TERM": "xterm"},
    )
    os.close(other)
    seen = b""
    while True:
        try:
            chunk = os.read(main, 4096)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    os.close(main)
    return process.wait(60), seen
