"""A pytest run within a test, in the same process.

pytester forgets the modules that an inner run imported first. A second copy of the package or of a client library would
not know the classes and patches of the first one, so that all of them are imported here.
"""

import boto3  # noqa: F401
import httpx  # noqa: F401
import requests  # noqa: F401

import chime_fixtures
from chime_fixtures.adapters import botocore, moto  # noqa: F401
from chime_fixtures.adapters import httpx as httpx_adapter  # noqa: F401
from chime_fixtures.adapters import requests as requests_adapter  # noqa: F401
from chime_fixtures.server import server  # noqa: F401

for name in chime_fixtures.__all__:
    getattr(chime_fixtures, name)


def run_nested(pytester, *arguments, **options):
    """Run the files of a test's folder; the result has the outcomes, the exit code and the lines of the output."""
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly", *arguments, **options)
