"""Archives of these sources, built in this environment by day and in an isolated one at night."""

import subprocess
import sys
from pathlib import Path

from tests.support.sizes import IS_NIGHTLY

TOP = Path(__file__).parents[2]


def build_archives(folder, *options):
    """Build a source distribution and a wheel of it in a folder; `--wheel` builds the wheel alone.

    An isolated build installs the build backend, which takes most of the time.
    """
    isolation = () if IS_NIGHTLY else ("--no-isolation",)
    command = [sys.executable, "-m", "build", *isolation, *options, "--outdir", folder, TOP]
    subprocess.run(command, check=True, capture_output=True)
