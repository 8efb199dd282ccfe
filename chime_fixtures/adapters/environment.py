"""AWS environment variables while a stub is active: dummy keys, a region, no profile and no metadata service."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

_SET = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_DEFAULTS = {"AWS_DEFAULT_REGION": "us-east-1"}
_CLEARED = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
)


class Environment:
    """The variables, set by the first stub that is entered and restored when the last one is left."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._saved: dict[str, str | None] = {}
        self._default_session: Any = None
        self._has_default_session = False

    def acquire(self) -> None:
        """Set the variables, unless another stub has."""
        with self._lock:
            self._count += 1
            if self._count > 1:
                return
            self._set_default_session()
            variables: dict[str, str | None] = {**_SET, **dict.fromkeys(_CLEARED)}
            variables |= {name: os.environ.get(name, value) for name, value in _DEFAULTS.items()}
            for name, value in variables.items():
                previous = os.environ.get(name)
                if previous != value:
                    self._saved[name] = previous
                    _set(name, value)

    def release(self) -> None:
        """Restore the variables, unless another stub is active."""
        with self._lock:
            self._count -= 1
            if not self._count:
                self._unset_default_session()
                for name, value in self._saved.items():
                    _set(name, value)
                self._saved.clear()

    def _set_default_session(self) -> None:
        boto3: Any = sys.modules.get("boto3")
        self._has_default_session = boto3 is not None and boto3.DEFAULT_SESSION is not None
        if boto3 is not None and not self._has_default_session:
            boto3.DEFAULT_SESSION = self._default_session

    def _unset_default_session(self) -> None:
        # The default session that boto3 creates inside a stub has the dummy keys; the next stub uses it again.
        boto3: Any = sys.modules.get("boto3")
        if boto3 is not None and not self._has_default_session:
            self._default_session, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, None


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


ENVIRONMENT = Environment()
"""The one environment of the process."""
