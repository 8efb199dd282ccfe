"""Schemas that pydantic v2 and FastAPI generate are supported."""

import datetime as dt
import decimal
import enum
import ipaddress
import uuid
from typing import Annotated, Any, Literal

import jsonschema_rs
import pytest
from fastapi import FastAPI
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, conlist

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from chime_fixtures.engine.schema.documents import SchemaDocument


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


class Plain(BaseModel):
    name: str
    count: int = 3
    ratio: float | None = None


class Bounded(BaseModel):
    name: Annotated[str, Field(min_length=2, max_length=40, pattern=r"^[a-z]+(-[a-z]+)*$")]
    share: Annotated[float, Field(ge=0, lt=1)]
    step: Annotated[int, Field(multiple_of=5, gt=0)]


class Dated(BaseModel):
    at: dt.datetime
    day: dt.date
    clock: dt.time
    span: dt.timedelta


class Addressed(BaseModel):
    id: uuid.UUID
    four: ipaddress.IPv4Address
    six: ipaddress.IPv6Address


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = []


class Owner(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    others: list[Cat | Dog] = []


class Tree(BaseModel):
    value: int
    children: list["Tree"] = []


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    colour: Colour
    tags: set[str]
    pair: tuple[int, str]


class Mapped(BaseModel):
    by_name: dict[str, Bounded]
    anything: Any = None
    free: dict[str, int | str | None] = {}


class Money(BaseModel):
    amount: decimal.Decimal


class Nested(BaseModel):
    tree: Tree | None = None
    owner: Owner
    listed: conlist(Colour, min_length=1, max_length=3)


class Aliased(BaseModel):
    created_at: dt.datetime = Field(alias="createdAt", description="when", examples=["2026-01-01T00:00:00Z"])
    state: Literal["open", "closed"] = "open"


class Linked(BaseModel):
    url: AnyUrl
    nickname: Annotated[str, Field(max_length=0)] | Annotated[str, Field(min_length=5)]


MODELS = [Plain, Bounded, Dated, Addressed, Owner, Tree, Strict, Mapped, Money, Nested, Aliased, Linked, Cat, Dog]


@pytest.mark.parametrize("mode", ["validation", "serialization"])
@pytest.mark.parametrize("model", MODELS)
def test_a_pydantic_model_is_supported(model, mode):
    """Values and edges of its schema are valid, and each violation is invalid."""
    schema = model.model_json_schema(mode=mode)
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    contract = Contract(schema)
    values = [generate(contract, index=index) for index in range(40)]
    values += [edge.instance for edge in enumerate_edges(contract)]
    assert all(map(validator.is_valid, values))
    violations = enumerate_violations(contract)
    assert violations
    assert not any(validator.is_valid(violation.instance) for violation in violations)


@pytest.mark.slow
def test_a_fastapi_application_is_supported():
    """Each component of its OpenAPI document is a contract by its pointer."""
    app = FastAPI()

    @app.post("/owners")
    def create(owner: Owner, strict: Strict, nested: Nested) -> Mapped: ...

    document = app.openapi()
    supported = 0
    for name in document["components"]["schemas"]:
        contract = Contract(SchemaDocument(document, pointer=f"/components/schemas/{name}"))
        assert all(contract.is_valid(generate(contract, index=index)) for index in range(20))
        assert enumerate_violations(contract)
        supported += 1
    assert supported >= 8
