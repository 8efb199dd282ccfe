"""Types of the API for type checkers; a test compares each member, type and enum value with the schema files.

Timestamps are text, as on the wire, except in `Boto3ProxySession`. A member that a schema does not require may be
absent.
"""

# No future import of annotations: it hides Required at run time.
from datetime import datetime
from typing import Literal, Required, TypedDict

ProxySessionStatus = Literal["Open", "InProgress", "Closed"]
Capability = Literal["Voice", "SMS"]
NumberSelectionBehavior = Literal["PreferSticky", "AvoidSticky"]
GeoMatchLevel = Literal["Country", "AreaCode"]

OperationName = Literal[
    "CreateProxySession",
    "GetProxySession",
    "ListProxySessions",
    "UpdateProxySession",
    "DeleteProxySession",
    "PutVoiceConnectorProxy",
    "GetVoiceConnectorProxy",
    "DeleteVoiceConnectorProxy",
]
ErrorName = Literal[
    "BadRequest",
    "UnauthorizedClient",
    "Forbidden",
    "NotFound",
    "ThrottledClient",
    "ServiceFailure",
    "ServiceUnavailable",
    "AccessDenied",
]
FaultName = Literal[
    "throttle",
    "no-number",
    "timeout",
    "connect-timeout",
    "reset",
    "refused",
    "hang",
    "lost-answer",
    "body:empty",
    "body:cut",
    "body:short",
    "body:html",
    "body:null",
    "body:list",
    "page:short",
    "page:empty",
    "evolved",
]
"""The faults without a parameter; `chime_fixtures.Fault` makes the others."""


class GeoMatchParams(TypedDict):
    """The requested country and area code of the proxy number."""

    Country: str
    AreaCode: str


class Participant(TypedDict, total=False):
    """A participant: its own number, and the number that it sees."""

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


class Boto3ProxySession(TypedDict, total=False):
    """A session as boto3 returns it, with datetimes; it is `ProxySessionTypeDef` of mypy-boto3-chime-sdk-voice."""

    VoiceConnectorId: str
    ProxySessionId: str
    Name: str
    Status: ProxySessionStatus
    ExpiryMinutes: int
    Capabilities: list[Capability]
    CreatedTimestamp: datetime
    UpdatedTimestamp: datetime
    EndedTimestamp: datetime
    Participants: list[Participant]
    NumberSelectionBehavior: NumberSelectionBehavior
    GeoMatchLevel: GeoMatchLevel
    GeoMatchParams: GeoMatchParams


class Proxy(TypedDict, total=False):
    """The proxy configuration of a Voice Connector."""

    DefaultSessionExpiryMinutes: int
    Disabled: bool
    FallBackPhoneNumber: str
    PhoneNumberCountries: list[str]


class ErrorResponse(TypedDict, total=False):
    """The body of an error; a header has its type."""

    Code: str
    Message: str


class CreateProxySessionRequest(TypedDict, total=False):
    """The request body of CreateProxySession."""

    ParticipantPhoneNumbers: Required[list[str]]
    Name: str
    ExpiryMinutes: int
    Capabilities: Required[list[Capability]]
    NumberSelectionBehavior: NumberSelectionBehavior
    GeoMatchLevel: GeoMatchLevel
    GeoMatchParams: GeoMatchParams


class UpdateProxySessionRequest(TypedDict, total=False):
    """The request body of UpdateProxySession."""

    Capabilities: Required[list[Capability]]
    ExpiryMinutes: int


class PutVoiceConnectorProxyRequest(TypedDict, total=False):
    """The request body of PutVoiceConnectorProxy."""

    DefaultSessionExpiryMinutes: Required[int]
    PhoneNumberPoolCountries: Required[list[str]]
    FallBackPhoneNumber: str
    Disabled: bool


class CreateProxySessionResponse(TypedDict, total=False):
    """The response body of CreateProxySession."""

    ProxySession: ProxySession


class GetProxySessionResponse(TypedDict, total=False):
    """The response body of GetProxySession."""

    ProxySession: ProxySession


class UpdateProxySessionResponse(TypedDict, total=False):
    """The response body of UpdateProxySession."""

    ProxySession: ProxySession


class ListProxySessionsResponse(TypedDict, total=False):
    """The response body of ListProxySessions: one page."""

    ProxySessions: list[ProxySession]
    NextToken: str


class PutVoiceConnectorProxyResponse(TypedDict, total=False):
    """The response body of PutVoiceConnectorProxy."""

    Proxy: Proxy


class GetVoiceConnectorProxyResponse(TypedDict, total=False):
    """The response body of GetVoiceConnectorProxy."""

    Proxy: Proxy
