"""Contracts of models: each value is judged by the model itself, and each violation by a strict one."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import ipaddress
import json
import pathlib
import re
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Generic, Literal, NamedTuple, Required, TypeVar

import attrs
import msgspec
import pydantic
import pytest
from annotated_types import Ge
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, TypeAdapter, networks
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from chime_fixtures.engine.errors import (
    InvalidDocumentError,
    MissingExtraError,
    SchemaWarning,
    UnsupportedSchemaError,
)
from chime_fixtures.engine.strategies import from_schema, violations_of
from tests.support.drawing import drawn
from tests.support.sizes import sample

T = TypeVar("T")
Decimal = decimal.Decimal


class Colour(enum.Enum):
    RED = "red"
    ONE = 1


class Line(BaseModel):
    sku: Annotated[str, Field(pattern=r"^[A-Z]{3}[0-9]+$", max_length=8)]
    count: Annotated[int, Field(gt=0, le=99, alias="Count")]
    price: Annotated[Decimal, Field(max_digits=6, decimal_places=2)]


class Order(BaseModel):
    id: uuid.UUID
    lines: Annotated[list[Line], Field(min_length=1, max_length=3)]
    colour: Colour | None = None
    due: dt.datetime
    tags: set[str] = set()
    extra: dict[str, Any] = {}


class Tree(BaseModel):
    name: str
    children: list[Tree] = []


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = Field(ge=0, le=9)


class Dog(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["dog", "wolf"]
    name: str


class Owner(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]


class Circle(BaseModel):
    kind: Literal["circle"] = "circle"
    radius: float = Field(gt=0)


class Square(BaseModel):
    kind: Literal["square", 4] = "square"


class Drawing(BaseModel):
    shapes: list[Annotated[Circle | Square, Field(discriminator="kind")]]


class ByName(BaseModel):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=False)
    a: int = Field(alias="A")


class Bytes(BaseModel):
    model_config = ConfigDict(val_json_bytes="base64", ser_json_bytes="base64")
    content: bytes


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: str | None


class Names(RootModel[dict[Annotated[str, Field(pattern="^[a-z]+$")], int]]):
    pass


@dataclasses.dataclass
class Point:
    x: int
    y: float = 0.0


@pydantic_dataclass
class Box:
    corner: Point
    size: Annotated[int, Field(ge=1)]


class Movie(TypedDict, total=False):
    title: Required[str]
    year: Annotated[int, Ge(1900)]


class Pair(NamedTuple):
    left: int
    right: str = ""


MODELS = [
    Order,
    Tree,
    Owner,
    Drawing,
    ByName,
    Bytes,
    Page[Line],
    Page[int],
    Names,
    Point,
    Box,
    Movie,
    Pair,
    Colour,
    TypeAdapter(list[Order]),
]
TYPES = {
    "int": int,
    "float": float,
    "str": str,
    "bytes": bytes,
    "bytes of a length": Annotated[bytes, Field(min_length=2, max_length=4)],
    "Decimal": Decimal,
    "Decimal with digits": Annotated[Decimal, Field(max_digits=5, decimal_places=2)],
    "Decimal with digits alone": Annotated[Decimal, Field(max_digits=5)],
    "Decimal with places": Annotated[Decimal, Field(decimal_places=2, ge=0)],
    "Decimal with bounds": Annotated[Decimal, Field(gt=0, lt=100)],
    "Decimal with a multiple": Annotated[Decimal, Field(multiple_of=Decimal("0.5"))],
    "date": dt.date,
    "time": dt.time,
    "datetime": dt.datetime,
    "timedelta": dt.timedelta,
    "AwareDatetime": pydantic.AwareDatetime,
    "NaiveDatetime": pydantic.NaiveDatetime,
    "PastDate": pydantic.PastDate,
    "FutureDate": pydantic.FutureDate,
    "PastDatetime": pydantic.PastDatetime,
    "FutureDatetime": pydantic.FutureDatetime,
    "dates from": Annotated[dt.date, Field(ge=dt.date(2019, 12, 30))],
    "dates after and before": Annotated[dt.date, Field(gt=dt.date(2020, 2, 28), lt=dt.date(2020, 3, 1))],
    "dates to": Annotated[dt.date, Field(le=dt.date(1999, 10, 9))],
    "datetimes from": Annotated[dt.datetime, Field(ge=dt.datetime(2020, 1, 1, 12))],  # noqa: DTZ001  # it is naive
    "datetimes between": Annotated[
        pydantic.AwareDatetime,
        Field(gt=dt.datetime(2020, 1, 1, tzinfo=dt.UTC), le=dt.datetime(2020, 2, 1, tzinfo=dt.UTC)),
    ],
    "naive datetimes to": Annotated[pydantic.NaiveDatetime, Field(lt=dt.datetime(2020, 1, 1))],  # noqa: DTZ001
    "UUID": uuid.UUID,
    "UUID1": pydantic.UUID1,
    "UUID4": pydantic.UUID4,
    "AnyUrl": pydantic.AnyUrl,
    "HttpUrl": pydantic.HttpUrl,
    "FileUrl": pydantic.FileUrl,
    "WebsocketUrl": networks.WebsocketUrl,
    "PostgresDsn": pydantic.PostgresDsn,
    "RedisDsn": pydantic.RedisDsn,
    "MySQLDsn": networks.MySQLDsn,
    "KafkaDsn": pydantic.KafkaDsn,
    "MongoDsn": pydantic.MongoDsn,
    "EmailStr": pydantic.EmailStr,
    "NameEmail": pydantic.NameEmail,
    "IPv4Address": ipaddress.IPv4Address,
    "IPv6Address": ipaddress.IPv6Address,
    "IPv4Network": ipaddress.IPv4Network,
    "IPv6Network": ipaddress.IPv6Network,
    "IPv4Interface": ipaddress.IPv4Interface,
    "IPv6Interface": ipaddress.IPv6Interface,
    "IPvAnyAddress": pydantic.IPvAnyAddress,
    "IPvAnyNetwork": pydantic.IPvAnyNetwork,
    "IPvAnyInterface": pydantic.IPvAnyInterface,
    "Path": pathlib.Path,
    "SecretStr": pydantic.SecretStr,
    "Base64Bytes": pydantic.Base64Bytes,
    "Base64UrlBytes": pydantic.Base64UrlBytes,
    "Pattern": re.Pattern,
    "Fraction": fractions.Fraction,
    "stripped text": Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=5)],
    "stripped text of a pattern": Annotated[str, StringConstraints(strip_whitespace=True, pattern="^..$")],
    "keys that are integers": dict[int, str],
    "keys that are numbers": dict[float, str],
    "keys that are dates": dict[dt.date, int],
    "keys of a pattern": dict[Annotated[str, Field(pattern="^[a-z]{2}$")], int],
    "keys of literals": dict[Literal["a", "b"], int],
    "keys of literals that are numbers": dict[Literal["a", 2], int],
    "keys of an enumeration of integers": dict[enum.IntEnum("Size", ["SMALL", "LARGE"]), int],
    "keys of an enumeration": dict[Colour, int],
    "keys that are decimals": dict[Decimal, int],
    "keys that are booleans": dict[bool, int],
    "keys of a union": dict[int | Literal["a"], int],
    "tuple": tuple[int, str],
    "frozenset": frozenset[int],
    "deque": collections.deque[int],
    "Sequence": Sequence[int],
    "Mapping": Mapping[str, float],
    "union": int | Annotated[str, Field(max_length=2)] | None,
    "Any": Any,
}


def adapter_of(model):
    """The pydantic validator of a model or type."""
    return model if isinstance(model, TypeAdapter) else TypeAdapter(model)


def accepts(adapter, value):
    """True if a validator of pydantic accepts a JSON value."""
    try:
        adapter.validate_json(json.dumps(value))
    except pydantic.ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", sample(list(TYPES), 12))
def test_a_type_accepts_the_values_of_its_contract(name):
    """The rules that pydantic's own schema lacks hold: schemes of URLs, versions of UUIDs, digits of decimals."""
    adapter = adapter_of(TYPES[name])
    contract = Contract.of(adapter)
    values = [generate(contract, seed=2, index=index) for index in range(25)]
    values += [edge.instance for edge in enumerate_edges(contract)]
    assert [value for value in values if not accepts(adapter, value)] == []


@pytest.mark.parametrize("model", sample(MODELS, 6), ids=str)
def test_a_model_accepts_the_values_of_its_contract(model):
    """Nested models, self-references, discriminated unions, generics, aliases, dataclasses and typed dictionaries."""
    adapter, contract = adapter_of(model), Contract.of(model)
    values = [generate(contract, seed=1, index=index) for index in range(25)]
    values += [edge.instance for edge in sample(enumerate_edges(contract), 10)]
    assert [value for value in values if not accepts(adapter, value)] == []
    assert drawn(from_schema(model), 3)
    assert drawn(violations_of(model), 3)


@pytest.mark.parametrize("model", sample([Order, Owner, Tree, Page[int], Names, Point, Movie, Pair], 3), ids=str)
def test_a_strict_model_refuses_the_violations(model):
    """A strict model accepts only what it reads as another text of the same value: other dates, and a set's duplicates."""
    adapter = adapter_of(model)
    accepted = set()
    for violation in sample(enumerate_violations(model, contested=False), 40):
        try:
            adapter.validate_json(json.dumps(violation.instance), strict=True)
        except pydantic.ValidationError:
            continue
        accepted.add(violation.keyword)
    assert accepted <= {"format", "uniqueItems"}


@given(st.dates(), st.dates())
@settings(max_examples=15, deadline=None)
def test_a_bound_of_dates_is_exact(bound, date):
    """The pattern of a bound is found in exactly the dates on its side."""
    first, last = (Contract.of(TypeAdapter(Annotated[dt.date, Field(**{name: bound})])) for name in ("ge", "lt"))
    for value in (date, bound):
        assert first.is_valid(value.isoformat()) == (value >= bound)
        assert last.is_valid(value.isoformat()) == (value < bound) or bound == dt.date.min


def test_labels_are_those_of_the_fields():
    """A violation names the field by its alias, and the keyword of its constraint."""
    ids = {each.id for each in enumerate_violations(Order, pointer="/lines/0/Count")}
    assert ids >= {"lines.0.Count.exclusiveMinimum", "lines.0.Count.maximum"}
    assert {each.keyword for each in enumerate_violations(Owner, pointer="/pet")} == {"oneOf"}


def test_a_contract_of_a_model_has_its_name():
    """The name and the expression of the contract are those of the model."""
    assert (Contract.of(Order).name, repr(Contract.of(Order))) == ("Order", "Contract.of(Order)")
    assert Contract.of(Page[int]).name == "Page[int]"
    assert Contract.of(int | None).name == "int | None"


def test_another_librarys_model_makes_its_own_schema():
    """A class with the method of a model is taken for one."""
    assert generate(Duck) == 5


def test_options_replace_those_of_the_model():
    """A format of the options is used instead of the model's, and the strict option refuses what nothing defines."""

    class File(BaseModel):
        id: pydantic.UUID4
        path: pydantic.FilePath

    contract = Contract.of(File, formats={"uuid4": "^x+$", "file-path": "^/tmp$"})
    assert generate(contract)["path"] == "/tmp"
    assert set(generate(contract)["id"]) == {"x"}
    with pytest.raises(UnsupportedSchemaError, match="file-path"):
        Contract.of(File, strict=True)
    with pytest.warns(SchemaWarning, match="ignored as unknown in draft 2020-12: format file-path"):
        Contract.of(File)


class Struct(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    first_name: Annotated[str, msgspec.Meta(min_length=1, max_length=4)]
    age: Annotated[int, msgspec.Meta(ge=0)] | None = None
    when: dt.date | None = None
    inner: list[Struct] = []


def test_a_struct_of_msgspec_is_a_contract():
    """Msgspec makes the schema, and accepts the values and refuses the violations."""
    contract = Contract.of(Struct)
    for index in range(40):
        # The integer 1.0 of JSON Schema is not one for msgspec.
        text = re.sub(r"(\d)\.0\b", r"\1", json.dumps(generate(contract, index=index)))
        msgspec.json.decode(text, type=Struct)
    for violation in enumerate_violations(contract, contested=False):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(json.dumps(violation.instance), type=Struct)


@attrs.define
class Attrs:
    a: int


class Uncallable(BaseModel):
    a: Callable[[], int]


class Undefined(BaseModel):
    a: NotDefinedAnywhere  # noqa: F821


class Plain:
    pass


class Duck:
    @classmethod
    def model_json_schema(cls):
        """The schema."""
        return {"const": 5}


class OldModel:
    __fields__ = ()

    def schema(self):
        """The schema."""


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Attrs, "Attrs: is an attrs class, of which nothing makes a JSON Schema; write one"),
        (Uncallable, "Uncallable: no JSON Schema can be made of it: Cannot generate a JsonSchema for core_schema.Call"),
        (Undefined, "Undefined: no JSON Schema can be made of it: `Undefined` is not fully defined; you should define"),
        (
            OldModel,
            "OldModel: is a model of pydantic 1; pass its schema, Contract(OldModel.schema(), dialect='draft 7')",
        ),
        (BaseModel, "BaseModel: no JSON Schema can be made of it: "),
        (Plain, "Plain: is not a contract, a JSON Schema (dict), a file, a pydantic model or TypeAdapter, a dataclass"),
        (Point(1), "Point(x=1, y=0.0): is not a contract, a JSON Schema"),
        (5, "5: is not a contract"),
        (None, "None: is not a contract"),
        ([1], "[1]: is not a contract"),
        (print, "print: is not a contract"),
    ],
)
def test_what_is_not_a_model_is_refused(value, message):
    """One line says what it is, and what there is instead."""
    with pytest.raises(InvalidDocumentError) as caught:
        Contract.of(value)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("; pass its class") == isinstance(value, Point)


def test_a_dataclass_requires_pydantic(monkeypatch):
    """Without pydantic the error names the extra; a msgspec struct needs none."""
    monkeypatch.setitem(sys.modules, "pydantic", None)
    monkeypatch.delitem(sys.modules, "chime_fixtures.engine.sources.pydantic_schemas", raising=False)
    from chime_fixtures.engine import sources

    monkeypatch.delattr(sources, "pydantic_schemas", raising=False)
    with pytest.raises(MissingExtraError, match=r"pip install 'chime-fixtures\[pydantic\]'"):
        Contract.of(Point)
    assert Contract.of(Struct).name == "Struct"
