"""Hypothesis profiles for test suites that fuzz a consumer: import this module, then load one by name.

``chime_ci`` runs Hypothesis' default number of examples without a deadline, and prints how to reproduce a failure.
``chime_fuzz`` runs 20,000 examples. Both store failing examples in the database of `database()`, which several machines
can share.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase, MultiplexedDatabase, ReadOnlyDatabase

DATABASE_VARIABLE = "CHIME_FIXTURES_DATABASE"
"""The environment variable with the folder that machines share; with the prefix ``ro:``, it is only read."""


def database(environment: Mapping[str, str] = os.environ) -> ExampleDatabase:
    """The local database, combined with the shared one if the environment names its folder."""
    local = DirectoryBasedExampleDatabase(".hypothesis/examples")
    shared = environment.get(DATABASE_VARIABLE, "")
    if not shared:
        return local
    folder = DirectoryBasedExampleDatabase(shared.removeprefix("ro:"))
    return MultiplexedDatabase(local, ReadOnlyDatabase(folder) if shared.startswith("ro:") else folder)


def register() -> None:
    """Register the profiles with Hypothesis."""
    examples = database()
    settings.register_profile("chime_ci", database=examples, deadline=None, print_blob=True)
    settings.register_profile("chime_fuzz", database=examples, deadline=None, print_blob=True, max_examples=20_000)


register()
