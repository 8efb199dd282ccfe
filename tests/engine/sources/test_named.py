"""Contracts by name: `FILE[#/POINTER]` and `package.module:Model`, and the options that apply to each source."""

import json
import sys
import textwrap
import warnings

import pytest

from chime_fixtures.engine import enumeration
from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.errors import (
    InvalidDocumentError,
    InvalidOptionError,
    SchemaNotFoundError,
    SchemaWarning,
    UnsupportedSchemaError,
)
from chime_fixtures.engine.instances import json_type
from chime_fixtures.engine.sources.files import split_fragment
from chime_fixtures.engine.sources.named import named_contract
from chime_fixtures.engine.strategies import from_schema, violations_of
from tests.support.drawing import drawn

MODELS = """
    import dataclasses
    import enum
    import typing

    import pydantic

    class Order(pydantic.BaseModel):
        id: int = pydantic.Field(ge=1)

        class Line(pydantic.BaseModel):
            sku: str

    @dataclasses.dataclass
    class Point:
        x: int

    class Colour(enum.Enum):
        RED = "red"

    class Plain:
        pass

    def function(): ...

    ADAPTER = pydantic.TypeAdapter(list[Order])
    UNION = int | None
    SCHEMA = {"type": "integer"}
    PATH = "schema.json"
    INSTANCE = Point(1)
    _hidden = SCHEMA
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a package of models and schema files, as the working directory."""
    package = tmp_path / "shop_of_test_named"
    package.mkdir()
    for name, text in {
        "__init__": "",
        "models": MODELS,
        "broken": "import module_that_is_not_there",
        "syntax": "x = (",
        "exits": "raise SystemExit('stop')",
        "contracts": "from chime_fixtures.engine.contract import Contract\nCONTRACT = Contract({'type': 'null'})",
    }.items():
        (package / f"{name}.py").write_text(textwrap.dedent(text))
    (tmp_path / "order.json").write_text(json.dumps({"type": "object", "$defs": {"id": {"type": "integer"}}}))
    (tmp_path / "a#b.json").write_text('{"$defs": {"x#y": {"type": "null"}}}')
    (tmp_path / "no_ending.schema").write_text('{"type": "null"}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("shop_of_test_named")]:
        del sys.modules[name]


def read(name, **options):
    """The contract of a name, where SHOP is the package of models."""
    from pathlib import Path

    return named_contract(name.replace("SHOP", "shop_of_test_named"), folder=Path(), **options)


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("order.json", {"object"}),
        ("./order.json", {"object"}),
        ("order.json#", {"object"}),
        ("order.json#/$defs/id", {"number"}),
        ("a#b.json#/$defs/x#y", {"null"}),
        ("no_ending.schema", {"null"}),
        ("SHOP.models:Order", {"object"}),
        ("SHOP.models:Order.Line", {"object"}),
        ("SHOP.models:Point", {"object"}),
        ("SHOP.models:Colour", {"string"}),
        ("SHOP.models:ADAPTER", {"array"}),
        ("SHOP.models:UNION", {"number", "null"}),
        ("SHOP.models:SCHEMA", {"number"}),
        ("SHOP.contracts:CONTRACT", {"null"}),
    ],
)
def test_a_name_is_that_of_a_file_or_model(project, name, types):
    """Files have an optional pointer; models, contracts and schemas are attributes of a module."""
    contract = read(name)
    assert {json_type(generate(contract, index=index)) for index in range(12)} == types


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("SHOP.models:Oder", "module SHOP.models has no attribute 'Oder'; did you mean 'Order'?"),
        ("SHOP.models:Order.Lime", "Order has no attribute 'Lime'; did you mean 'Line'?"),
        ("SHOP.contracts:X", "module SHOP.contracts has no attribute 'X'; use one of CONTRACT"),
        ("SHOP.model:Order", "package SHOP has no module 'model'; did you mean 'models'?"),
        ("SHOP.models.deep:Order", "package SHOP.models has no module 'deep'"),
        ("SHIP.models:Order", "no module is named 'SHIP'; install it, or run this in the folder that contains it"),
        ("SHOP.broken:X", "module SHOP.broken cannot be imported: No module named 'module_that_is_not_there'"),
        ("SHOP.syntax:X", "module SHOP.syntax cannot be imported: SyntaxError: '(' was never closed (syntax.py, line 1)"),
        ("SHOP.exits:X", "module SHOP.exits cannot be imported: SystemExit: stop"),
        ("SHOP.models:PATH", "is a str, not a model, a contract or a schema"),
        ("SHOP.models", "is not FILE[#/POINTER] or package.module:Model; name the file or the model"),
        ("nope.json", "cannot be read: No such file or directory"),
        ("C:order.json", "cannot be read: No such file or directory"),
        ("C:\\order.json", "cannot be read: No such file or directory"),
        ("SHOP.models:Order:x", "cannot be read: No such file or directory"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_one_line(project, name, message):
    """The error begins with the name, and says what there is."""
    with pytest.raises(InvalidDocumentError) as caught:
        read(name)
    assert str(caught.value).replace("shop_of_test_named", "SHOP") == f"{name}: {message}"


@pytest.mark.parametrize("name", ["INSTANCE", "function", "Plain"])
def test_what_is_not_a_model_is_one_line(project, name):
    """The error names the models that there are; for an instance it names the remedy."""
    with pytest.raises(InvalidDocumentError) as caught:
        read(f"SHOP.models:{name}")
    assert str(caught.value).replace("shop_of_test_named", "SHOP") == (
        f"SHOP.models:{name}: is not a contract, a JSON Schema (dict), a file, a pydantic model or TypeAdapter, a "
        "dataclass, a TypedDict, a NamedTuple, an enumeration, or a msgspec Struct"
        + ("; pass its class" if name == "INSTANCE" else "")
    )


def test_options_apply_to_a_schema_and_not_to_a_contract(project):
    """A contract has its options; resources are for files only."""
    with pytest.raises(
        InvalidOptionError, match="CONTRACT: a contract has its options; pass strict where it is created"
    ):
        read("SHOP.contracts:CONTRACT", strict=True, dialect="auto", formats={}, annotations=[])
    with pytest.raises(InvalidOptionError, match="is not a file; pass resources with a file only"):
        read("SHOP.models:Order", resources=["order.json"])


def test_files_are_relative_to_the_folder_and_modules_are_found_there(project, monkeypatch, tmp_path_factory):
    """A folder is the base of files and resources, and modules that are nowhere else are imported from it."""
    (project / "main.json").write_text('{"$ref": "order.json#/$defs/id"}')
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    for name, resources in (("main.json", ["order.json"]), ("shop_of_test_named.models:SCHEMA", [])):
        assert named_contract(name, folder=project, resources=resources).is_valid(1)
    assert sys.path[-1] == str(project)


def test_a_name_alone_leaves_the_path_of_modules(project, monkeypatch):
    """Without a folder, `sys.path` stays what it is."""
    before = list(sys.path)
    with pytest.raises(InvalidDocumentError, match="no module is named"):
        Contract.of("shop_of_test_named.models:Order")
    monkeypatch.syspath_prepend(project)
    assert Contract.of("shop_of_test_named.models:Order").name == "Order"
    assert sys.path == [str(project), *before]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("order.json", ("order.json", "")),
        ("order.json#/a#b", ("order.json", "/a#b")),
        ("nope.json#/a", ("nope.json", "/a")),
        ("a#b.json", ("a#b.json", "")),
        ("a#b.json#/a#b", ("a#b.json", "/a#b")),
    ],
)
def test_the_pointer_follows_the_name_of_a_file(project, text, parts):
    """A file whose name contains # is found; else the first # begins the pointer."""
    assert split_fragment(text) == parts
    assert split_fragment(project / text)[1] == parts[1]


def test_each_function_takes_each_source(project):
    """A schema, a path, a text, a model and a contract are all taken by each function that takes a schema."""
    schema = {"type": "integer", "minimum": 1}
    (project / "integer.json").write_text(json.dumps(schema))
    sources = [schema, "integer.json", project / "integer.json", project / "integer.json#", Contract(schema)]
    expected = enumeration.enumerate_violations(schema)
    for source in sources:
        assert generate(source, seed=3) == generate(schema, seed=3)
        assert enumeration.enumerate_edges(source) == enumeration.enumerate_edges(schema)
        assert next(enumeration.iter_violations(source)) in expected
    assert enumeration.enumerate_violations("integer.json") == expected
    assert enumeration.enumerate_implied("integer.json") == enumeration.enumerate_implied(schema)


def test_strategies_take_each_source(project):
    """Strategies read the source when a value is drawn."""
    from_schema("nope.json")
    assert drawn(from_schema("order.json#/$defs/id"), 1) == [0]
    assert "order.json" in repr(from_schema("order.json#/$defs/id"))
    assert drawn(violations_of(project / "order.json#/$defs/id", keyword="type"), 1)[0].keyword == "type"


OPTIONS = {"formats": {"sku": "^[A-Z]{3}$"}, "annotations": ["unit"], "dialect": "draft 7", "strict": True}
SCHEMA = {"type": "string", "format": "sku", "unit": "kg", "$ref": "#/$defs/x", "$defs": {"x": {"format": "sku"}}}


@pytest.mark.parametrize(
    "call",
    [
        lambda schema, path, **options: Contract(schema, **options),
        lambda schema, path, **options: Contract.of(schema, **options),
        lambda schema, path, **options: Contract.of(path, **options),
        lambda schema, path, **options: Contract.of(str(path), **options),
        lambda schema, path, **options: Contract.from_file(path, **options),
        lambda schema, path, **options: generate(schema, **options),
        lambda schema, path, **options: enumeration.enumerate_edges(schema, **options),
        lambda schema, path, **options: enumeration.enumerate_hazards(schema, **options),
        lambda schema, path, **options: enumeration.enumerate_violations(schema, **options),
        lambda schema, path, **options: list(enumeration.iter_violations(path, **options)),
        lambda schema, path, **options: drawn(from_schema(schema, **options), 1),
        lambda schema, path, **options: drawn(violations_of(path, **options), 1),
    ],
)
def test_options_work_alike(tmp_path, call):
    """Formats, annotations, dialect and strict mean the same wherever a schema is taken."""
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(SCHEMA))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Draft 7 ignores the siblings of $ref, and has no $defs.
        call({**SCHEMA, "$ref": "#/$defs/x"}, path, **OPTIONS | {"annotations": ["unit", "$defs"]})
        with pytest.raises(UnsupportedSchemaError, match="sku"):
            call(SCHEMA, path, strict=True, annotations=["unit"])
        with pytest.raises(UnsupportedSchemaError, match="unit"):
            call(SCHEMA, path, strict=True, formats={"sku": None})
        with pytest.raises(InvalidOptionError, match="dialect must be"):
            call(SCHEMA, path, dialect="5")
    with pytest.warns(SchemaWarning, match="format sku"):
        call(SCHEMA, path, annotations=["unit"])


def test_a_missing_pointer_names_the_schema(project):
    """The error of a pointer to nothing is that of a missing schema."""
    with pytest.raises(SchemaNotFoundError, match=r"order\.json#/nope'$"):
        Contract.from_file("order.json#/nope")
    with pytest.raises(SchemaNotFoundError, match=r"#/\$def/id'; did you mean '.*order\.json#/\$defs'\?$"):
        Contract.from_file("order.json#/$def/id")
    with pytest.raises(SchemaNotFoundError, match=r"'$"):
        Contract.from_file("order.json#/$defs/id/type/x")
    for text in ("order.json#nope", "order.json#/~2", "order.json#/a/~"):
        with pytest.raises(SchemaNotFoundError):
            Contract.from_file(text)


@pytest.mark.parametrize("schema", ["order.json", int])
def test_a_contract_of_a_file_or_model_is_made_by_another_method(schema):
    """The constructor takes a schema; the error names the method for files and models."""
    with pytest.raises(UnsupportedSchemaError, match=r"not (str|type); Contract\.of takes files and models"):
        Contract(schema)
