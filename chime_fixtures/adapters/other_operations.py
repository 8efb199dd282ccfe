"""The operations of Chime's services that the stub does not have, by the models in the installed botocore."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

_SERVICES = ("chime-sdk-voice", "chime")
_PARAMETER = re.compile(r"\{[^}]*\}")


class OtherOperation(NamedTuple):
    """An operation: its name with its service, its method, a pattern of its path, and the constants of its query."""

    name: str
    method: str
    path: re.Pattern[str]
    query: frozenset[str]


def other_operation(method: str, target: str) -> str | None:
    """The operation that a method and target match, as ``ListVoiceConnectors of chime-sdk-voice``.

    None if none does, or if botocore is not installed.
    """
    path, _, query = target.partition("?")
    found = [
        each
        for each in _other_operations()
        if each.method == method and each.path.fullmatch(path) and each.query <= set(query.split("&"))
    ]
    # An operation with a constant in its query has the path of another one.
    return max(found, key=lambda each: len(each.query)).name if found else None


@functools.cache
def _other_operations() -> tuple[OtherOperation, ...]:
    try:
        from botocore.exceptions import UnknownServiceError
        from botocore.loaders import Loader
    except ImportError:
        return ()
    loader = Loader()
    found = []
    for service in _SERVICES:
        try:
            model = loader.load_service_model(service, "service-2")
        except UnknownServiceError:
            continue
        for name, described in model["operations"].items():
            path, _, query = described["http"]["requestUri"].partition("?")
            pattern = "[^/]+".join(re.escape(part) for part in _PARAMETER.split(path))
            constants = frozenset(filter(None, query.split("&")))
            found.append(
                OtherOperation(f"{name} of {service}", described["http"]["method"], re.compile(pattern), constants)
            )
    return tuple(found)
