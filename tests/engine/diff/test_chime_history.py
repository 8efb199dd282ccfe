"""The published models of Chime in three releases of botocore: the known differences are found, and no others.

`models/` has the operations of proxy sessions, and one more that changed, without their documentation (botocore, Apache
License 2.0).
"""

from pathlib import Path

import pytest

from chime_fixtures.engine.diff import diff

MODELS = Path(__file__).parent / "models"
SHORT_ID = "a"


def model(release):
    return MODELS / f"chime-sdk-voice-{release}.json"


def breaks(old, new):
    """The breaking changes: direction, message, location, keyword and the value there."""
    found = diff(model(old), model(new))
    assert not found.of("not proved")
    return [
        (each.direction, each.message, each.pointer, each.keyword, each.witness and each.witness.value)
        for each in found.breaking
    ]


def test_before_the_change():
    """The proxy operations are the same; a group's name has fewer characters, and optional members were added."""
    assert breaks("1.29.60", "1.43.11") == [
        ("request", "CreateVoiceConnectorGroup request", "/Name", "pattern", "!"),
    ]


@pytest.mark.slow
def test_the_id_of_a_voice_connector():
    """Since 1.44.5, an id is 21 or 22 characters or a UUID: each request with an id may break, and no response does."""
    found = breaks("1.43.11", "1.44.5")
    proxied = [
        ("request", f"{operation} request", "/VoiceConnectorId", "pattern", SHORT_ID)
        for operation in (
            *("CreateProxySession", "DeleteProxySession", "DeleteVoiceConnectorProxy", "GetProxySession"),
            *("GetVoiceConnectorProxy", "ListProxySessions", "PutVoiceConnectorProxy", "UpdateProxySession"),
        )
    ]
    assert [each for each in found if "VoiceConnectorGroup" not in each[1]] == proxied
    assert [each[1:4] for each in found if "VoiceConnectorGroup" in each[1]] == [
        ("CreateVoiceConnectorGroup request", "/VoiceConnectorItems/0/VoiceConnectorId", "pattern"),
        ("CreateVoiceConnectorGroup response", "/VoiceConnectorGroup/VoiceConnectorItems/0", "required"),
    ]


@pytest.mark.parametrize("direction", ["request", "response"])
def test_a_shape(direction):
    """A pointer names one shape; ids of the new form are valid before the change too."""
    old, new = (f"{model(release)}#/shapes/ProxySession" for release in ("1.43.11", "1.44.5"))
    found = diff(old, new, direction=direction)
    assert found.verdict == ("breaking" if direction == "request" else "compatible")
    assert [each.pointer for each in found.breaking] == ["/VoiceConnectorId"] * len(found.breaking)
