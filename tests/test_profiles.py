import subprocess
import sys

import pytest
from hypothesis.database import DirectoryBasedExampleDatabase, MultiplexedDatabase

from chime_fixtures import profiles

CODE = "from hypothesis import settings\nimport chime_fixtures.profiles\nsettings.load_profile('{}')\n"
CODE += "print(settings.default.max_examples, settings.default.deadline)"


@pytest.mark.slow
def test_profiles_are_loaded_by_name():
    """After the import, Hypothesis has both; fuzzing runs more examples, and neither has a deadline."""
    for name, expected in (("chime_ci", "100 None"), ("chime_fuzz", "20000 None")):
        done = subprocess.run([sys.executable, "-c", CODE.format(name)], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == expected


def test_a_shared_folder_stores_failing_examples(tmp_path):
    """Both databases store an example unless the folder is read-only; by default there is only the local one."""
    assert isinstance(profiles.database({}), DirectoryBasedExampleDatabase)
    for prefix, kept in (("", 1), ("ro:", 0)):
        folder = tmp_path / (prefix.removesuffix(":") or "shared")
        database = profiles.database({profiles.DATABASE_VARIABLE: f"{prefix}{folder}"})
        assert isinstance(database, MultiplexedDatabase)
        database.save(b"chime-fixtures", b"example")
        assert len(set(DirectoryBasedExampleDatabase(folder).fetch(b"chime-fixtures"))) == kept
        database.delete(b"chime-fixtures", b"example")
