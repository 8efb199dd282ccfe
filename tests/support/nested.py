"""A pytest run within a test, in the same process.

pytester forgets the modules that an inner run imported first. A second copy of the package or of a client library would
not know the classes and patches of the first one, so that all of them are imported here.
"""

from __future__ import annotations

from typing import Any

import boto3  # noqa: F401
import httpx  # noqa: F401
import pytest
import requests  # noqa: F401

import chime_fixtures
from chime_fixtures.adapters import botocore, moto  # noqa: F401
from chime_fixtures.adapters import httpx as httpx_adapter  # noqa: F401
from chime_fixtures.adapters import requests as requests_adapter  # noqa: F401
from chime_fixtures.server import server  # noqa: F401

for name in chime_fixtures.__all__:
    getattr(chime_fixtures, name)


PLUGINS = [
    "-p",
    "no:cacheprovider",
    "-p",
    "no:randomly",
    "-p",
    "chime_fixtures.pytest_plugin",
    "-p",
    "hypothesispytest",
]


def run_nested(pytester: pytest.Pytester, *arguments: str, **options: Any) -> pytest.RunResult:
    """Run the files of a test's folder; the result has the outcomes, the exit code and the lines of the output.

    Plugins of other distributions are not loaded: each run would import them again, which takes half of its time.
    """
    workers = ("-p", "xdist") if any(argument.startswith("-n") for argument in arguments) else ()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        return pytester.runpytest_inprocess(*PLUGINS, *workers, *arguments, **options)
