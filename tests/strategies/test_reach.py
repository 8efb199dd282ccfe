import json
import subprocess
import sys

import pytest

from tests.support import reach


@pytest.mark.parametrize("table", reach.TABLES)
def test_every_edge_is_reached(table):
    """In nineteen of twenty seeds: each edge of a member within 100 examples, each combination within 500."""
    run = subprocess.run([sys.executable, reach.__file__, table], capture_output=True, text=True, check=True)
    times = json.loads(run.stdout)
    assert times.keys() == reach.TABLES[table][0].keys()
    assert {edge: count for edge, count in times.items() if count < len(reach.SEEDS) - 1} == {}
