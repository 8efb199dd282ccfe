"""The shapes of the API for type checkers; a test holds each member, type and constant against the schema files.

Timestamps are text, as on the wire. Whatever a schema does not require may be absent.
"""

# Without the future import of annotations: under it, Required is not seen at run time.
from typing import Literal, Required, TypedDict

ProxySessionStatus = Literal["Open", "InProgress", "Closed"]
Capability = Literal["Voice", "SMS"]
NumberSelectionBehavior = Literal["PreferSticky", "AvoidSticky"]
GeoMatchLevel = Literal["Country", "AreaCode"]


class GeoMatchParams(TypedDict):
    """The country and area code wanted for the proxy number."""

    Country: str
    AreaCode: str


class Participant(TypedDict, total=False):
    """One party: its own number, and the number it sees."""

    PhoneNumber: str
    ProxyPhoneNumber: str


class ProxySession(TypedDict, total=False):
    """A session; any member may be absent."""

    VoiceConnectorId: str
    ProxySessionId: str
    Name: str
    Status: ProxySessionStatus
    ExpiryMinutes: int
    Capabilities: list[Capability]
    CreatedTimestamp: str
    UpdatedTimestamp: str
    EndedTimestamp: str
    Participants: list[Participant]
    NumberSelectionBehavior: NumberSelectionBehavior
    GeoMatchLevel: GeoMatchLevel
    GeoMatchParams: GeoMatchParams


class Proxy(TypedDict, total=False):
    """How a Voice Connector is set up for sessions."""

    DefaultSessionExpiryMinutes: int
    Disabled: bool
    FallBackPhoneNumber: str
    PhoneNumberCountries: list[str]


class ErrorResponse(TypedDict, total=False):
    """The body of an error; its kind is in the header."""

    Code: str
    Message: str


class CreateProxySessionRequest(TypedDict, total=False):
    """The body that CreateProxySession is sent."""

    ParticipantPhoneNumbers: Required[list[str]]
    Name: str
    ExpiryMinutes: int
    Capabilities: Required[list[Capability]]
    NumberSelectionBehavior: NumberSelectionBehavior
    GeoMatchLevel: GeoMatchLevel
    GeoMatchParams: GeoMatchParams


class UpdateProxySessionRequest(TypedDict, total=False):
    """The body that UpdateProxySession is sent."""

    Capabilities: Required[list[Capability]]
    ExpiryMinutes: int


class PutVoiceConnectorProxyRequest(TypedDict, total=False):
    """The body that PutVoiceConnectorProxy is sent."""

    DefaultSessionExpiryMinutes: Required[int]
    PhoneNumberPoolCountries: Required[list[str]]
    FallBackPhoneNumber: str
    Disabled: bool


class CreateProxySessionResponse(TypedDict, total=False):
    """The body that CreateProxySession answers."""

    ProxySession: ProxySession


class GetProxySessionResponse(TypedDict, total=False):
    """The body that GetProxySession answers."""

    ProxySession: ProxySession


class UpdateProxySessionResponse(TypedDict, total=False):
    """The body that UpdateProxySession answers."""

    ProxySession: ProxySession


class ListProxySessionsResponse(TypedDict, total=False):
    """The body that ListProxySessions answers: one page."""

    ProxySessions: list[ProxySession]
    NextToken: str


class PutVoiceConnectorProxyResponse(TypedDict, total=False):
    """The body that PutVoiceConnectorProxy answers."""

    Proxy: Proxy


class GetVoiceConnectorProxyResponse(TypedDict, total=False):
    """The body that GetVoiceConnectorProxy answers."""

    Proxy: Proxy
