import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import reach

pytestmark = pytest.mark.slow

TOP = Path(__file__).parents[2]


def test_every_edge_is_reached():
    """For all seeds but one: each edge of a member within 100 examples, each combination within 500."""
    run = subprocess.run([sys.executable, "-m", reach.__name__], cwd=TOP, capture_output=True, text=True, check=True)
    times = json.loads(run.stdout)
    assert times.keys() == reach.SINGLE.keys() | reach.COMBINED.keys()
    assert {edge: count for edge, count in times.items() if count < len(reach.SEEDS) - 1} == {}
