"""The proxy configuration of a Voice Connector."""

from __future__ import annotations

PUT = "/programmable-numbers/proxy"


def test_a_configuration(ask):
    """What is put is read back, under the names that answers have; a second put replaces all of it."""
    first = {
        "DefaultSessionExpiryMinutes": 15,
        "PhoneNumberPoolCountries": ["US", "CA"],
        "FallBackPhoneNumber": "+12065550100",
    }
    proxy = {
        "DefaultSessionExpiryMinutes": 15,
        "Disabled": False,
        "FallBackPhoneNumber": "+12065550100",
        "PhoneNumberCountries": ["US", "CA"],
    }
    assert ask("PUT", PUT, first) == ask("GET", PUT) == (200, {"Proxy": proxy})
    second = {"DefaultSessionExpiryMinutes": 30, "PhoneNumberPoolCountries": ["US"], "Disabled": True}
    replaced = {"DefaultSessionExpiryMinutes": 30, "Disabled": True, "PhoneNumberCountries": ["US"]}
    assert ask("PUT", PUT, second) == ask("GET", PUT) == (200, {"Proxy": replaced})


def test_none(ask):
    """Without a configuration there is none to read, and after its deletion there is none again."""
    missing = (404, {"Code": "NotFound", "Message": "Voice Connector abc has no proxy configuration"})
    assert ask("GET", PUT) == missing
    ask("PUT", PUT, {"DefaultSessionExpiryMinutes": 15, "PhoneNumberPoolCountries": ["US"]})
    assert ask("DELETE", PUT) == (204, None)
    assert ask("GET", PUT) == missing


def test_a_session_follows_the_configuration(ask):
    """A session has the connector's default minutes and a number from the countries of its pool."""
    ask("PUT", PUT, {"DefaultSessionExpiryMinutes": 15, "PhoneNumberPoolCountries": ["GB"]})
    session = ask.create()
    assert session["ExpiryMinutes"] == 15
    assert session["Participants"][0]["ProxyPhoneNumber"].startswith("+44")
    assert ask.create(ExpiryMinutes=20)["ExpiryMinutes"] == 20
    assert ask.refused(GeoMatchParams={"Country": "US", "AreaCode": ""})[:2] == (500, "ServiceFailure")


def test_a_pool_of_nowhere(ask):
    """Countries without fictitious numbers, which the model allows, leave none to give."""
    ask("PUT", PUT, {"DefaultSessionExpiryMinutes": 15, "PhoneNumberPoolCountries": ["", "DK"]})
    assert ask.refused()[:2] == (500, "ServiceFailure")


def test_a_default_that_no_session_can_have(ask):
    """The model lets the default be any integer; a session that would need it is refused, and says why."""
    ask("PUT", PUT, {"DefaultSessionExpiryMinutes": -5, "PhoneNumberPoolCountries": ["US"]})
    status, code, message = ask.refused()
    assert (status, code, "DefaultSessionExpiryMinutes -5" in message) == (400, "BadRequest", True)
    assert ask.create(ExpiryMinutes=1)["ExpiryMinutes"] == 1
