"""Settings of Hypothesis by name, for suites that fuzz a consumer: import this module, then load one.

``chime_ci`` runs the usual number of examples on what a machine of a CI has, without a deadline, and prints what
reproduces a failure. ``chime_fuzz`` goes on far longer. Both keep failing examples in the database of `database()`, so
that several machines share what one of them found.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase, MultiplexedDatabase, ReadOnlyDatabase

VARIABLE = "CHIME_FIXTURES_DATABASE"
"""Names a folder that machines share; with ``ro:`` before it, one that is only read."""


def database(environment: Mapping[str, str] = os.environ) -> ExampleDatabase:
    """The local database, and the shared one beside it when the environment names a folder."""
    local = DirectoryBasedExampleDatabase(".hypothesis/examples")
    shared = environment.get(VARIABLE, "")
    if not shared:
        return local
    folder = DirectoryBasedExampleDatabase(shared.removeprefix("ro:"))
    return MultiplexedDatabase(local, ReadOnlyDatabase(folder) if shared.startswith("ro:") else folder)


def register() -> None:
    """Make the profiles known to Hypothesis."""
    found = database()
    settings.register_profile("chime_ci", database=found, deadline=None, print_blob=True)
    settings.register_profile("chime_fuzz", database=found, deadline=None, print_blob=True, max_examples=20_000)


register()
