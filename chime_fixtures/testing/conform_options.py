"""The options and settings of ``--chime-conform``; since pytest always loads them, this imports only pytest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from chime_fixtures.testing.settings import ContractsOfTests

DEFAULT_TIMEOUT_SECONDS = 10.0
MIN_TIMEOUT_SECONDS = 0.1

_PLUGIN_NAME = "chime_conform"
_GROUPED = ("loadfile", "loadgroup", "loadscope")
"""The distributions of pytest-xdist that send the checks to one worker."""


@dataclass(frozen=True, slots=True)
class ConformSettings:
    """The settings of the checks of a server.

    Attributes:
        url: the URL of the server.
        connector: the id of a Voice Connector; empty for one that is made from the seed.
        contract: the name of the contract of a session, and the folder that it is relative to; None for that of the
            setting ``chime_contract``.
        headers: header fields as ``NAME:VALUE``.
        is_signed: True to sign requests with the AWS credentials of the environment.
        clock: the URL that moves the clock of the server; empty without one.
        timeout: the seconds that a response may take.
        baseline: the file with known failures; None without one.
        is_update: True to create the baseline, or to remove what no longer fails from it.
        allow_aws_host: True to accept the URL of a host of AWS.
    """

    url: str
    connector: str
    contract: tuple[str, Path] | None
    headers: tuple[str, ...]
    is_signed: bool
    clock: str
    timeout: float
    baseline: Path | None
    is_update: bool
    allow_aws_host: bool


def add_options(parser: pytest.Parser, group: pytest.OptionGroup) -> None:
    """Add the options to the group of the plugin, and the settings to the parser."""
    group.addoption(
        "--chime-conform",
        metavar="URL",
        help="check a server that claims to be Chime: one test for each check, as chime-conform::sessions.get.same. "
        "The checks create, change and delete sessions, and remove what they created.",
    )
    group.addoption("--chime-conform-connector", metavar="ID", help="the Voice Connector that the checks use.")
    group.addoption(
        "--chime-conform-contract",
        metavar="FILE[#/POINTER]",
        help="the contract of the server's sessions; by default that of the setting chime_contract.",
    )
    group.addoption(
        "--chime-conform-header",
        action="append",
        default=[],
        metavar="NAME:VALUE",
        help="a header field of each request, several times.",
    )
    group.addoption(
        "--chime-conform-sign",
        action="store_true",
        help="sign requests with the AWS credentials of the environment (boto3).",
    )
    group.addoption(
        "--chime-conform-clock",
        metavar="URL",
        help='a URL that moves the clock of the server by POST with {"minutes": 1}: /_chime/clock of serve.',
    )
    group.addoption("--chime-conform-timeout", metavar="SECONDS", help="the limit of each response; 10 by default.")
    group.addoption(
        "--chime-conform-baseline",
        metavar="FILE",
        help="a file with known failures, which are expected to fail; one that no longer fails must be removed.",
    )
    group.addoption(
        "--chime-conform-update-baseline",
        action="store_true",
        help="create the baseline, or remove what no longer fails from it.",
    )
    group.addoption("--chime-conform-allow-aws-host", action="store_true", help="allow the URL of a host of AWS.")
    parser.addini("chime_conform", "the default of --chime-conform: the URL of a server to check")
    parser.addini("chime_conform_connector", "the default of --chime-conform-connector")
    parser.addini("chime_conform_contract", "the default of --chime-conform-contract, relative to rootdir")
    parser.addini("chime_conform_header", "header fields of the checks' requests, one a line", type="linelist")
    parser.addini("chime_conform_sign", "sign the checks' requests (see --chime-conform-sign)", type="bool")
    parser.addini("chime_conform_clock", "the default of --chime-conform-clock")
    parser.addini("chime_conform_timeout", "the default of --chime-conform-timeout", default="")
    parser.addini("chime_conform_baseline", "the default of --chime-conform-baseline, relative to rootdir")


def configure(config: pytest.Config, contracts: Callable[[], ContractsOfTests], seed: Callable[[], int]) -> None:
    """Register the plugin of the checks if a server is to be checked.

    Args:
        config: the configuration of pytest.
        contracts: returns the contracts of the settings.
        seed: returns the seed of the run.

    Raises:
        pytest.UsageError: an option or setting is invalid.
    """
    if not _setting(config, "chime_conform"):
        return
    distribution: str = config.getoption("dist", "no")
    if distribution == "load":
        # The checks share one Voice Connector; `loadgroup` distributes the other tests as `load` does.
        config.option.dist = "loadgroup"
    elif distribution not in ("no", *_GROUPED):
        text = f"--dist={distribution} distributes the checks of one server; use --dist={_GROUPED[1]}, or -n0"
        raise pytest.UsageError(f"--chime-conform: {text}")
    from chime_fixtures.testing.conform_plugin import ConformPlugin

    config.pluginmanager.register(ConformPlugin(config, _read_settings(config), contracts(), seed()), _PLUGIN_NAME)


def _read_settings(config: pytest.Config) -> ConformSettings:
    contract, baseline = (_file(config, f"chime_conform_{name}") for name in ("contract", "baseline"))
    is_update = bool(config.getoption("chime_conform_update_baseline"))
    if is_update and baseline is None:
        raise pytest.UsageError("--chime-conform-update-baseline requires --chime-conform-baseline FILE")
    return ConformSettings(
        url=_setting(config, "chime_conform"),
        connector=_setting(config, "chime_conform_connector"),
        contract=contract,
        headers=(*config.getini("chime_conform_header"), *config.getoption("chime_conform_header")),
        is_signed=bool(config.getoption("chime_conform_sign") or config.getini("chime_conform_sign")),
        clock=_setting(config, "chime_conform_clock"),
        timeout=_seconds(_setting(config, "chime_conform_timeout")),
        baseline=None if baseline is None else baseline[1] / baseline[0],
        is_update=is_update,
        allow_aws_host=bool(config.getoption("chime_conform_allow_aws_host")),
    )


def _setting(config: pytest.Config, name: str) -> str:
    """The value of an option, or else of the setting with its name."""
    option: Any = config.getoption(name)
    return str(config.getini(name) or "") if option is None else str(option)


def _file(config: pytest.Config, name: str) -> tuple[str, Path] | None:
    """The name of a file, and the folder that it is relative to: that of pytest's start, or that of the ini file."""
    folder = config.rootpath if config.getoption(name) is None else config.invocation_params.dir
    text = _setting(config, name)
    return (text, folder) if text else None


def _seconds(text: str) -> float:
    if not text:
        return DEFAULT_TIMEOUT_SECONDS
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not MIN_TIMEOUT_SECONDS <= value < float("inf"):
        rule = f"must be a number of seconds from {MIN_TIMEOUT_SECONDS}, not {text!r}"
        raise pytest.UsageError(f"--chime-conform-timeout: {rule}")
    return value
