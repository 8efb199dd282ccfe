"""Schema documents from files: JSON and YAML, byte order marks, folders of resources."""

import codecs
import json

import jsonschema_rs
import pytest

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.errors import InvalidDocumentError, UnsupportedSchemaError
from chime_fixtures.engine.sources import files

ORDER = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 4}}, "required": ["name"]}
YAML_ORDER = """
# An order
type: object
properties:
  name: &name {type: string, maxLength: 4}
  nickname: *name
  answer: {enum: [yes, no, 2026-01-01]}
required: [name]
"""
ENCODINGS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    b"": "utf-8",
}


def write(folder, **texts):
    """Write files: `a__b_json="..."` is a/b.json."""
    for name, content in texts.items():
        path = folder / (name.replace("__", "/")[::-1].replace("_", ".", 1)[::-1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["order.yaml", "order.yml", "ORDER.YAML"])
def test_a_yaml_file_is_a_contract(tmp_path, name):
    """A name that ends in .yaml or .yml is read as YAML; aliased schemas have a label at each location."""
    (tmp_path / name).write_text(YAML_ORDER)
    contract = Contract.from_file(tmp_path / name)
    assert contract.schema["properties"]["answer"] == {"enum": ["yes", "no", "2026-01-01"]}
    assert [each.id for each in contract.check({"name": "longer", "nickname": "longer", "answer": True})] == [
        "name.maxLength",
        "nickname.maxLength",
        "answer.enum",
    ]
    assert contract.is_valid(generate(contract))


@pytest.mark.parametrize(("mark", "encoding"), ENCODINGS.items(), ids=str)
@pytest.mark.parametrize(("name", "text"), [("a.json", '{"const": "é😀"}'), ("a.yaml", "const: é😀")])
def test_a_file_may_begin_with_a_byte_order_mark(tmp_path, name, text, mark, encoding):
    """The mark says which of the Unicode encodings the text has, and is not part of it."""
    (tmp_path / name).write_bytes(mark + text.encode(encoding))
    assert files.read_document(tmp_path / name) == {"const": "é😀"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"a": 1}'.encode("utf-16-le"), "is UTF-16 or UTF-32 without a byte order mark; save it as UTF-8"),
        ('{"a": 1}'.encode("utf-32-be"), "is UTF-16 or UTF-32 without a byte order mark; save it as UTF-8"),
        ('{"a": "é"}'.encode("latin-1"), "is not UTF-8 at byte 7; save it as UTF-8"),
        (codecs.BOM_UTF16_LE + b"{\0}", "is not UTF-16-LE at byte 4; save it as UTF-8"),
        (b"{", "is not valid JSON"),
        (b"", "is not valid JSON"),
        (b'{"a": NaN}', "is not valid JSON"),
        (b'{"a": 1,\n"a": 1}', 'line 2: duplicate member "a"; remove one'),
        ('{"x": {"é\\n": 1, "é\\n": 2}}'.encode(), 'line 1: duplicate member "é\\n"; remove one'),
        (None, "cannot be read: No such file"),
    ],
    ids=str,
)
def test_an_unreadable_file_is_one_line(tmp_path, content, reason):
    """The error names the file, the reason and the remedy."""
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidDocumentError) as caught:
        Contract.from_file(path)
    assert str(caught.value).startswith(f"{path}: {reason}")
    assert "\n" not in str(caught.value)


def test_other_unreadable_paths_are_one_line(tmp_path, monkeypatch):
    """A folder, a name with a NUL and a file that is too large are errors of one line."""
    for path in (tmp_path, f"{tmp_path}/\0", f"{tmp_path}/{'x' * 300}.yaml"):
        with pytest.raises(InvalidDocumentError, match="cannot be read"):
            Contract.from_file(path)
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 4)
    (tmp_path / "a.json").write_text('{"a": 1}')
    with pytest.raises(InvalidDocumentError, match="has more than 4 bytes; split it"):
        Contract.from_file(tmp_path / "a.json")


def test_a_yaml_file_with_another_ending_is_explained(tmp_path):
    """The error of a file that is not JSON says which names YAML files have."""
    (tmp_path / "schema.txt").write_text(YAML_ORDER)
    with pytest.raises(InvalidDocumentError, match=r"the name of a YAML file must end in \.yaml or \.yml$"):
        Contract.from_file(tmp_path / "schema.txt")


def test_a_folder_has_the_files_that_references_reach(tmp_path):
    """Files are found recursively, by their path and their `$id`, also by way of each other; the rest is ignored."""
    write(
        tmp_path,
        main_yaml="properties: {a: {$ref: common/a.yml}, b: {$ref: 'https://example.test/b#/$defs/x'}}",
        common__a_yml="properties: {c: {$ref: deep/c.json}, up: {$ref: ../main.yaml}}",
        common__deep__c_json={"type": "integer"},
        common__b_json={"$id": "https://example.test/b", "$defs": {"x": {"$ref": "inner"}, "y": {"$id": "inner", "type": "null"}}},
        # None of the following is a schema document.
        common__broken_json="{",
        common__list_json="[1, 2]",
        common__number_json="5",
        common__helm_yaml="a: {{ .Values.x }}",
        common__two_yaml="a: 1\n---\nb: 2",
        common__odd_json={"$id": 5, "$schema": 7, "$ref": ["x"], "type": "nonsense", "maxLength": "x"},
        common__dialect_json={"$schema": "https://example.test/unknown", "$id": "::::", "pattern": "("},
        common__text_txt="not read",
        common___hidden__d_json="{",
    )  # fmt: skip
    contract = Contract.from_file(tmp_path / "main.yaml", resources=[tmp_path])
    assert [each.id for each in contract.check({"a": {"c": "x", "up": {"b": 1}}, "b": 1})] == [
        "a.c.type",
        "a.up.b.type",
        "b.type",
    ]
    assert contract.is_valid(generate(contract))
    reached = {uri.removeprefix(tmp_path.as_uri()) for uri in contract.document.by_uri}
    assert reached == {
        "/main.yaml",
        "/common/a.yml",
        "/common/deep/c.json",
        "/common/b.json",
        "https://example.test/b",
    }


def test_a_reference_to_a_broken_file_of_a_folder_is_its_error(tmp_path):
    """A file that a reference reaches must be readable; the error names it."""
    write(tmp_path, main_json={"$ref": "common/a.json"}, common__a_json="{")
    with pytest.raises(InvalidDocumentError, match=r"a\.json: is not valid JSON"):
        Contract.from_file(tmp_path / "main.json", resources=[tmp_path / "common"])


def test_a_reference_outside_the_folders_is_unsupported(tmp_path):
    """Only the given files and folders are read."""
    write(tmp_path, main_json={"$ref": "other/a.json"}, other__a_json={}, common__b_json={})
    with pytest.raises(UnsupportedSchemaError, match="nothing is fetched"):
        Contract.from_file(tmp_path / "main.json", resources=[tmp_path / "common"])


def test_two_files_of_one_id_are_an_error_if_a_reference_reaches_them(tmp_path):
    """Equal copies are one document; different ones are an error that names both."""
    write(
        tmp_path,
        main_json={"$ref": "urn:x"},
        a__a_json={"$id": "urn:x", "type": "null"},
        b__a_json={"$id": "urn:x", "type": "null"},
        c__a_json={"$id": "urn:y", "type": "null"},
        c__b_json={"$id": "urn:y", "type": "string"},
    )
    assert generate(Contract.from_file(tmp_path / "main.json", resources=[tmp_path])) is None
    write(tmp_path, main_json={"$ref": "urn:y"})
    with pytest.raises(InvalidDocumentError, match=r"a\.json: has the \$id urn:y of another file, .*b\.json; pass one"):
        Contract.from_file(tmp_path / "main.json", resources=[tmp_path])


def test_a_resource_may_be_the_file_itself(tmp_path):
    """The first file among the resources is one document, which the others reach by its path, whatever its `$id`."""
    write(
        tmp_path,
        main_json={"$id": "https://example.test/main", "properties": {"a": {"$ref": "urn:a"}}, "$defs": {"n": {"type": "null"}}},
        a_json={"$id": "urn:a", "properties": {"b": {"$ref": f"{tmp_path.as_uri()}/main.json#/$defs/n"}}},
    )  # fmt: skip
    for resources in ([tmp_path / "main.json", tmp_path / "a.json"], [tmp_path]):
        contract = Contract.from_file(tmp_path / "main.json", resources=resources)
        assert [each.id for each in contract.check({"a": {"b": 1}})] == ["a.b.type"]


def test_references_in_a_resource_are_relative_to_its_id(tmp_path):
    """A resource with an `$id` is the base of its own references, by whichever URI it is reached."""
    inner = {"$id": "https://example.test/b", "$ref": "inner", "$defs": {"x": {"$id": "inner", "type": "null"}}}
    write(tmp_path, main_json={"anyOf": [{"$ref": "b.json"}, {"$ref": "https://example.test/b"}]}, b_json=inner)
    for resources in ([tmp_path / "b.json"], [tmp_path]):
        assert generate(Contract.from_file(tmp_path / "main.json", resources=resources)) is None


def test_a_folder_without_schema_files_is_an_error(tmp_path):
    """The error names the endings."""
    write(tmp_path, main_json={}, docs__a_txt="")
    with pytest.raises(InvalidDocumentError, match=r"docs: is a folder without a file that ends in .json, .yaml, .yml"):
        Contract.from_file(tmp_path / "main.json", resources=[tmp_path / "docs"])


def test_a_relative_path_and_links_reach_the_same_files(tmp_path, monkeypatch):
    """Paths are relative to the working directory, and a linked folder that refers to itself ends."""
    write(tmp_path, main_json={"$ref": "common/a.json"}, common__a_json={"type": "null"})
    (tmp_path / "common" / "loop").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert generate(Contract.from_file("common/../main.json", resources=["./common"])) is None


LIST = {
    "$id": "https://example.test/list",
    "$defs": {"default": {"$dynamicAnchor": "T"}},
    "type": "array",
    "items": {"$dynamicRef": "#T"},
}


@pytest.mark.parametrize(
    "reference",
    ["list", "https://example.test/list", "{folder}/list.json", "{folder}/list.json#", "{folder}/list.json#/$defs/own"],
)
def test_a_file_with_an_id_is_one_document_to_dynamic_references(tmp_path, reference):
    """A document that has two URIs is given to jsonschema-rs by its `$id`, else it panics in half of the tries."""
    own = {"own": {"$ref": "#"}} if reference.endswith("own") else {}
    strings = {
        "$id": "https://example.test/strings",
        "$ref": reference.format(folder=tmp_path.as_uri()),
        "$defs": {"string": {"$dynamicAnchor": "T", "type": "string"}},
    }
    write(tmp_path, strings_json=strings, list_json={**LIST, "$defs": {**LIST["$defs"], **own}})
    for _ in range(8):
        contract = Contract.from_file(tmp_path / "strings.json", resources=[tmp_path / "list.json"])
        assert [each.id for each in contract.check(["a", 1])] == ["1.type"]
        whole = Contract.from_file(tmp_path / "list.json", resources=[tmp_path / "strings.json"])
        assert whole.is_valid(["a", 1])


def test_a_panic_of_jsonschema_rs_is_an_unsupported_schema(tmp_path, monkeypatch):
    """A panic is not an Exception; the error names the validator."""
    panic = type("PanicException", (BaseException,), {})

    def fail(documents):
        raise panic("A named target lives elsewhere")

    monkeypatch.setattr(jsonschema_rs, "Registry", fail)
    write(tmp_path, main_json={"$ref": "a.json"}, a_json={"type": "null"})
    with pytest.raises(UnsupportedSchemaError, match=r"is rejected by jsonschema-rs: A named target lives elsewhere$"):
        Contract.from_file(tmp_path / "main.json", resources=[tmp_path / "a.json"])


@pytest.mark.parametrize("others", [("a", "b"), ("b", "a"), ("main2",), ("a", "main2")])
def test_two_files_that_are_passed_have_different_ids(tmp_path, others):
    """Of two documents of one `$id` none is silently left out; a copy is no second document."""
    write(
        tmp_path,
        main_json={
            "$id": "urn:main",
            "anyOf": [{"$ref": "urn:x"}, {"$ref": "#/$defs/b"}],
            "$defs": {"b": {"const": 1}},
        },
        main2_json={"$id": "urn:main", "type": "null"},
        a_json={"$id": "urn:x", "type": "null"},
        b_json={"$id": "urn:x", "type": "string"},
        copy_json={"$id": "urn:x", "type": "null"},
    )
    with pytest.raises(InvalidDocumentError, match=r"json: has the \$id urn:\w+ of another document; pass one of them"):
        Contract.from_file(tmp_path / "main.json", resources=[tmp_path / f"{name}.json" for name in others])
    copies = Contract.from_file(tmp_path / "main.json", resources=[tmp_path / "a.json", tmp_path / "copy.json"])
    assert {generate(copies, seed=0, index=index) for index in range(20)} == {None, 1}
