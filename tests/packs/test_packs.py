"""Packs: the document by its schema, verdicts by validators that read nothing else, numbers, digests."""

import functools
import hashlib
import json

import jsonschema_rs
import pytest

from chime_fixtures.chime.contracts import contract_names, load_contract
from chime_fixtures.chime.documents import PACK_DOCUMENT, load_document
from chime_fixtures.engine.contract import Contract
from chime_fixtures.engine.errors import InvalidOptionError, UnsupportedSchemaError
from chime_fixtures.packs import KINDS, PACK_FORMATS, build_pack
from chime_fixtures.packs.pack_formats import schema_digest
from tests.support.schemas import MAY_DECLARE_UNREACHED
from tests.support.sizes import sample

PACK_SCHEMA = load_document(PACK_DOCUMENT)
IS_PACK = jsonschema_rs.Draft202012Validator(PACK_SCHEMA, validate_formats=True).is_valid
TREE = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 3}, "next": {"$ref": "#"}}}
PETS = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1"},
    "paths": {},
    "components": {
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "id": {"type": "integer", "format": "int64", "readOnly": True},
                    "name": {"type": "string", "nullable": True, "minLength": 1, "example": "Rex"},
                    "born": {"type": "string", "format": "date"},
                    "parent": {"$ref": "#/components/schemas/Pet"},
                },
            },
            "Pets": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}, "maxItems": 2},
        }
    },
}
CONTRACTS = {
    "draft 4": lambda: Contract(
        {
            "$schema": "http://json-schema.org/draft-04/schema#",
            "id": "http://example.com/order",
            "type": "object",
            "properties": {
                "n": {"$ref": "#/definitions/N", "maximum": 1},
                "m": {"$ref": "defs#x", "description": "ignored"},
            },
            "definitions": {
                "N": {"type": "integer", "maximum": 9, "exclusiveMaximum": True},
                "other": {"id": "defs", "definitions": {"x": {"id": "#x", "type": "boolean"}}},
            },
        }
    ),
    "draft 7": lambda: Contract(
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "if": {"required": ["a"]},
            "then": {"$ref": "#/definitions/B"},
            "dependencies": {"b": ["c"], "d": {"minProperties": 2}},
            "definitions": {"B": {"required": ["b"]}},
        }
    ),
    "draft 2019-09": lambda: Contract(
        {
            "$schema": "https://json-schema.org/draft/2019-09/schema",
            "$recursiveAnchor": True,
            "type": "object",
            "properties": {"child": {"$recursiveRef": "#"}, "n": {"type": "number", "minimum": 0.1}},
            "unevaluatedProperties": False,
        }
    ),
    "anchors and nested resources": lambda: Contract(
        {
            "$id": "https://example.com/root.json",
            "type": "object",
            "properties": {"a": {"$ref": "item.json"}, "b": {"$ref": "item.json#part", "minLength": 2}, "c": True},
            "$defs": {
                "item": {
                    "$id": "item.json",
                    "type": "array",
                    "items": {"$ref": "#/$defs/x"},
                    "$defs": {
                        "x": {"$anchor": "part", "type": "string", "maxLength": 4},
                        "root": {"$ref": "root.json"},
                    },
                },
            },
            "x-note": "it asserts nothing",
        }
    ),
    "a tree": lambda: Contract(TREE),
    "dynamic references with one target": lambda: Contract(
        {"$dynamicAnchor": "node", "type": "array", "maxItems": 2, "items": {"$dynamicRef": "#node"}}
    ),
    "dynamic references with several targets": lambda: Contract(
        {
            "$id": "https://example.com/numbers",
            "$ref": "list",
            "$defs": {
                "item": {"$dynamicAnchor": "item", "type": "integer"},
                "list": {
                    "$id": "list",
                    "type": "array",
                    "items": {"$dynamicRef": "#item"},
                    "$defs": {"any": {"$dynamicAnchor": "item"}},
                },
            },
        }
    ),
    "custom formats": lambda: Contract(
        {
            "properties": {
                "a": {"type": "string", "format": "sku", "pattern": "^A"},
                "b": {"type": "string", "format": "date"},
                "c": {"type": "string", "format": "email", "maxLength": 9},
            },
            "required": ["a"],
        },
        formats={"sku": "^[A-Z]{3}$", "email": None},
    ),
    "escaped names": lambda: Contract(
        {
            "properties": {"a/b": {"$ref": "#/$defs/x~1y"}, "line\nfeed": {"$ref": "#/$defs/x-y"}},
            "$defs": {"x/y": {"type": "integer"}, "x-y": {"type": "string"}},
        }
    ),
    "an OpenAPI 3.0 component": lambda: Contract.from_openapi(PETS, "Pets"),
    "an OpenAPI 3.0 request": lambda: Contract.from_openapi(
        PETS
        | {
            "paths": {
                "/pets": {
                    "post": {
                        "operationId": "add",
                        "requestBody": {
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}
                        },
                        "responses": {},
                    }
                }
            }
        },
        operation="add",
    ),
    "true": lambda: Contract(True),
    "big numbers": lambda: Contract({"type": "integer", "maximum": 2**70, "minimum": -(10**400)}),
    **{
        name: lambda name=name: load_contract(name)
        for name in dict.fromkeys(["ProxySession", *sample(contract_names(), 3)])
    },
}

pytestmark = [
    MAY_DECLARE_UNREACHED,
    pytest.mark.filterwarnings("ignore:.*is read as draft:chime_fixtures.engine.errors.SchemaWarning"),
]


@functools.cache
def pack_of(name):
    """The pack of a contract of the table."""
    return build_pack(CONTRACTS[name]())


@pytest.fixture(params=CONTRACTS)
def pack(request):
    """The pack of each contract."""
    return pack_of(request.param)


def written(pack, format_name="native"):
    """The parsed content of a file."""
    return json.loads(PACK_FORMATS[format_name].encode(pack))


@pytest.mark.slow
def test_a_pack_is_valid_by_its_schema(pack):
    """The document satisfies `pack.schema.json`, with each case of each set in its order."""
    document = written(pack)
    assert IS_PACK(document)
    for kind, cases in pack.sets.items():
        assert [each["id"] for each in document[kind]] == [case.id for case in cases]
        assert len({case.id for case in cases}) == len(cases)
        assert [each["instance"] for each in document[kind]] == [case.instance for case in cases]


@pytest.mark.parametrize("format_name", ["test-suite", "bowtie"])
def test_each_verdict_by_the_bundled_schema(pack, format_name):
    """A validator that is given one schema of the file, and nothing else, has the verdict of each of its tests."""
    agreed = pack.without_contested()
    assert all(isinstance(case.instance, list) for case in agreed.sets.get("lists", ()))
    content = PACK_FORMATS[format_name].encode(agreed)
    groups = json.loads(content) if format_name == "test-suite" else list(map(json.loads, content.splitlines()))
    instance = "data" if format_name == "test-suite" else "instance"
    assert sum(len(group["tests"]) for group in groups) == len(agreed)
    for group in groups:
        assert set(group) == {"description", "schema", "tests"}
        is_valid = jsonschema_rs.validator_for(group["schema"], validate_formats=True).is_valid
        for test in group["tests"]:
            assert set(test) == {"description", "comment", instance, "valid"}
            assert is_valid(test[instance]) is test["valid"], test


def changed(document, case, **members):
    """A pack whose first violation has other members; None removes one."""
    changed_case = {name: value for name, value in (case | members).items() if value is not Ellipsis}
    return document | {"violations": [changed_case]}


def test_the_schema_of_a_pack_is_strict():
    """It requires each member of a case, and rejects another member, another verdict, and a set of another kind."""
    document = written(build_pack(load_contract("ResultMax")))
    case = document["violations"][0]
    assert IS_PACK(changed(document, case))
    for name in case:
        assert not IS_PACK(changed(document, case, **{name: ...})), name
    wrong = [{"valid": True}, {"keyword": None}, {"id": "a b"}, {"pointer": "a"}, {"contested": "x"}, {"more": 1}]
    assert [each for each in wrong if IS_PACK(changed(document, case, **each))] == []
    assert not IS_PACK(document | {"edges": [case]})
    assert not IS_PACK(document | {"pack_version": 2})
    assert not IS_PACK({name: value for name, value in document.items() if name != "schema_sha256"})
    assert IS_PACK({name: value for name, value in document.items() if name != "edges"})


def test_the_bytes_are_ascii_and_equal_each_time():
    """Two contracts of one schema have the same bytes, one line for each case, all in ASCII."""
    schema = TREE | {"properties": {"\u202e": {"enum": ["\u0000", "\U0001f600", "\u2028"]}}}
    first, second = (PACK_FORMATS["native"].encode(build_pack(Contract(schema))) for _ in range(2))
    assert first == second
    assert first.isascii()
    lines = [line for line in first.splitlines() if b'"id"' in line]
    assert len(lines) == len(build_pack(Contract(schema)))
    assert IS_PACK(json.loads(first))


def lossy(schema):
    """The instances of a pack that are marked as lossy."""
    return [case.instance for cases in build_pack(Contract(schema)).sets.values() for case in cases if case.lossy]


def test_numbers_that_doubles_do_not_represent_are_marked():
    """An instance is lossy if a reader of doubles has another number or another verdict, and otherwise not."""
    assert lossy({"enum": [2**53, 2**53 + 1, 2**63, 10**400, 0.1, -(2**53) - 1]}) == [2**53 + 1, 10**400, -(2**53) - 1]
    assert {"a": [2**63 + 1]} in lossy({"properties": {"a": {"items": {"const": 2**63 + 1}}}})
    assert lossy({"type": "integer", "minimum": 0, "maximum": 999}) == []
    # To JavaScript, 1.0 is 1; in draft 4 only the latter is an integer.
    in_draft_4 = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "integer", "minimum": 0, "maximum": 9}
    assert all(isinstance(value, float) or value > 2**53 for value in lossy(in_draft_4))


def test_the_digest_of_a_schema():
    """It is the SHA-256 of the schema as canonical JSON: sorted members, no white space, UTF-8."""
    schema = {"title": "Ä", **TREE}
    text = json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    document = written(build_pack(Contract(schema)))
    assert document["schema_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert (document["contract"], document["dialect"]) == ("Ä", "https://json-schema.org/draft/2020-12/schema")


def test_the_digest_with_other_documents(tmp_path):
    """It depends on each document and on the pointer, and not on the folder."""

    def digest(folder, pointer="", **files):
        for name, content in files.items():
            folder.mkdir(exist_ok=True)
            (folder / f"{name}.json").write_text(json.dumps(content))
        resources = [folder / "other.json"]
        return schema_digest(Contract.from_file(folder / "first.json", pointer=pointer, resources=resources).document)

    files = {"first": {"$ref": "other.json", "$defs": {"x": TREE}}, "other": TREE}
    first = digest(tmp_path / "a", **files)
    assert digest(tmp_path / "b", **files) == first
    assert digest(tmp_path / "c", **files | {"other": TREE | {"maxProperties": 1}}) != first
    assert digest(tmp_path / "a", pointer="/$defs/x") != first


def test_the_sets_of_a_pack():
    """Chosen sets come in the order of the pack, and others are absent; only proxy sessions have lists."""
    contract = load_contract("ResultMax")
    assert list(build_pack(contract).sets) == [kind for kind in KINDS if kind != "lists"]
    assert list(pack_of("ProxySession").sets) == list(KINDS)
    chosen = build_pack(contract, ["violations", "edges"])
    assert list(chosen.sets) == ["edges", "violations"]
    assert "hazards" not in written(chosen)
    with pytest.raises(InvalidOptionError, match="^the set lists requires proxy sessions, but the contract is 'Res"):
        build_pack(contract, ["lists"])


def test_contested_cases_are_marked_or_left_out():
    """The format of its own has each contested case with its validators; the others leave it out."""
    pack = build_pack(load_contract("ProxySession"), ["violations"])
    contested = [each for each in written(pack)["violations"] if each["contested"]]
    assert {tuple(each["contested"]) for each in contested} == {("jsonschema",)}
    assert len(pack.without_contested()) == len(pack) - len(contested)
    assert [name for name, each in PACK_FORMATS.items() if each.has_contested] == ["native"]


def test_optional_tests_are_in_groups_of_their_own():
    """Tests that require an assertion of formats, or exact numbers, can be left out by the name of their group."""
    groups = written(pack_of("ProxySession").without_contested(), "test-suite")
    tests = {group["description"]: [test["description"] for test in group["tests"]] for group in groups}
    assert all(".format." in each for each in tests["ProxySession: violations (optional: format)"])
    assert not any(".format." in each for each in tests["ProxySession: violations"])
    assert "ExpiryMinutes.hazard.beyond-double" in tests["ProxySession: hazards (optional: bignum)"]


def test_a_schema_of_two_drafts():
    """It can't be bundled; the error names the format that supports it."""
    older = {"$id": "old", "$schema": "http://json-schema.org/draft-07/schema#", "type": "string"}
    pack = build_pack(Contract({"items": {"$ref": "old"}, "$defs": {"old": older}}, dialect="2020-12"), ["edges"])
    assert IS_PACK(written(pack))
    with pytest.raises(UnsupportedSchemaError, match=r"is draft 7 in a schema of draft 2020-12; the format native"):
        written(pack, "test-suite")


def test_a_dynamic_scope_over_several_documents(tmp_path):
    """A schema that depends on its dynamic scope is bundled if it is alone only."""
    generic = {"items": {"$dynamicRef": "#item"}, "$defs": {"any": {"$dynamicAnchor": "item"}}}
    numbers = {"$ref": "list.json", "$defs": {"item": {"$dynamicAnchor": "item", "type": "integer"}}}
    for name, content in {"list": generic, "numbers": numbers}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    contract = Contract.from_file(tmp_path / "numbers.json", resources=[tmp_path / "list.json"])
    with pytest.raises(UnsupportedSchemaError, match=r"\$dynamicRef: depends on the dynamic scope.*format native"):
        written(build_pack(contract, ["violations"]), "test-suite")
