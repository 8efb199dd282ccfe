"""AWS variables for as long as a stub is in force: dummy keys, a region, no profile and no metadata service."""

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
_SET_WHERE_ABSENT = {"AWS_DEFAULT_REGION": "us-east-1"}
_CLEARED = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    # A client that was sent elsewhere would pass the stub by.
    "AWS_ENDPOINT_URL_CHIME_SDK_VOICE",
    "AWS_ENDPOINT_URL_CHIME",
)


class Environment:
    """The variables, changed by the first stub that enters and restored by the last one that leaves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._saved: dict[str, str | None] = {}
        self._default_session: Any = None
        self._has_default_session = False

    def enter(self) -> None:
        """Change the variables, once."""
        with self._lock:
            self._count += 1
            if self._count > 1:
                return
            self._lend_default_session()
            wanted: dict[str, str | None] = {**_SET, **dict.fromkeys(_CLEARED)}
            for name, value in wanted.items():
                self._change(name, os.environ.get(name), value)
            for name, value in _SET_WHERE_ABSENT.items():
                found = os.environ.get(name)
                self._change(name, found, value if found is None else found)

    def leave(self) -> None:
        """Restore what was there, when nobody is left."""
        with self._lock:
            self._count -= 1
            if not self._count:
                self._take_default_session_back()
                for name, value in self._saved.items():
                    _put(name, value)
                self._saved.clear()

    def _lend_default_session(self) -> None:
        boto3: Any = sys.modules.get("boto3")
        self._has_default_session = boto3 is not None and boto3.DEFAULT_SESSION is not None
        if boto3 is not None and not self._has_default_session:
            boto3.DEFAULT_SESSION = self._default_session

    def _take_default_session_back(self) -> None:
        # The session that boto3 makes for itself in a stub keeps the dummy keys: it is put aside for the next stub.
        boto3: Any = sys.modules.get("boto3")
        if boto3 is not None and not self._has_default_session:
            self._default_session, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, None

    def _change(self, name: str, found: str | None, wanted: str | None) -> None:
        if found != wanted:
            self._saved[name] = found
            _put(name, wanted)


def _put(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


ENVIRONMENT = Environment()
"""The one environment of the process."""
