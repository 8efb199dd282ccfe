import subprocess
import sys

from hypothesis.database import DirectoryBasedExampleDatabase, MultiplexedDatabase

from chime_fixtures import profiles

CODE = "from hypothesis import settings\nimport chime_fixtures.profiles\nsettings.load_profile('{}')\n"
CODE += "print(settings.default.max_examples, settings.default.deadline)"


def test_profiles_are_loaded_by_name():
    """After the import, Hypothesis knows both; fuzzing goes on longer, and neither has a deadline."""
    for name, said in (("chime_ci", "100 None"), ("chime_fuzz", "20000 None")):
        done = subprocess.run([sys.executable, "-c", CODE.format(name)], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == said


def test_a_shared_folder_gets_what_was_found(tmp_path):
    """An example goes to both databases, to a folder that is only read it does not; alone there is the local one."""
    assert isinstance(profiles.database({}), DirectoryBasedExampleDatabase)
    for prefix, kept in (("", 1), ("ro:", 0)):
        folder = tmp_path / (prefix.removesuffix(":") or "shared")
        found = profiles.database({profiles.VARIABLE: f"{prefix}{folder}"})
        assert isinstance(found, MultiplexedDatabase)
        found.save(b"chime-fixtures", b"example")
        assert len(set(DirectoryBasedExampleDatabase(folder).fetch(b"chime-fixtures"))) == kept
        found.delete(b"chime-fixtures", b"example")
