"""The shapes of the API for type checkers; a test holds each member and constant against the schema files."""

from __future__ import annotations

from typing import Literal, TypedDict

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
    """A session as the wire carries it: timestamps are text, and any member may be absent."""

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
