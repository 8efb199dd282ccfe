"""The proxy configuration of a Voice Connector."""

from __future__ import annotations

PUT = "/programmable-numbers/proxy"


def test_put_and_get(api):
    """A configuration is returned with the names of responses; a second put replaces all of it."""
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
    assert api("PUT", PUT, first) == api("GET", PUT) == (200, {"Proxy": proxy})
    second = {"DefaultSessionExpiryMinutes": 30, "PhoneNumberPoolCountries": ["US"], "Disabled": True}
    replaced = {"DefaultSessionExpiryMinutes": 30, "Disabled": True, "PhoneNumberCountries": ["US"]}
    assert api("PUT", PUT, second) == api("GET", PUT) == (200, {"Proxy": replaced})


def test_missing_configuration(api):
    """Get is a 404 before the first put and after a delete."""
    missing = (404, {"Code": "NotFound", "Message": "Voice Connector abc has no proxy configuration"})
    assert api("GET", PUT) == missing
    api("PUT", PUT, {"DefaultSessionExpiryMinutes": 15, "PhoneNumberPoolCountries": ["US"]})
    assert api("DELETE", PUT) == (204, None)
    assert api("GET", PUT) == missing


def test_session_uses_the_configuration(api):
    """A session has the connector's default minutes and a number of the countries in its pool."""
    api("PUT", PUT, {"DefaultSessionExpiryMinutes": 15, "PhoneNumberPoolCountries": ["GB"]})
    session = api.create()
    assert session["ExpiryMinutes"] == 15
    assert session["Participants"][0]["ProxyPhoneNumber"].startswith("+44")
    assert api.create(ExpiryMinutes=20)["ExpiryMinutes"] == 20
    assert api.create_error(GeoMatchParams={"Country": "US", "AreaCode": ""})[:2] == (500, "ServiceFailure")


def test_pool_without_fictitious_numbers(api):
    """A pool of countries without fictitious numbers, which the model allows, has no number left."""
    api("PUT", PUT, {"DefaultSessionExpiryMinutes": 15, "PhoneNumberPoolCountries": ["", "DK"]})
    assert api.create_error()[:2] == (500, "ServiceFailure")


def test_invalid_default_minutes(api):
    """The model allows any integer as default; CreateProxySession is a 400 if the default is not valid for a session."""
    api("PUT", PUT, {"DefaultSessionExpiryMinutes": -5, "PhoneNumberPoolCountries": ["US"]})
    status, code, message = api.create_error()
    assert (status, code, "DefaultSessionExpiryMinutes -5" in message) == (400, "BadRequest", True)
    assert api.create(ExpiryMinutes=1)["ExpiryMinutes"] == 1
