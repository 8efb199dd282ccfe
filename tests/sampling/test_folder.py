import orjson
import pytest

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling.folder import NamedRecord, fingerprint, write_folder


def test_the_manifest_lists_the_files(tmp_path):
    """A second run replaces the files and the manifest of the first, and leaves other files alone."""
    folder = tmp_path / "out"
    first = [NamedRecord(1, "a", {"id": "a"}), NamedRecord(2, "b", {"id": "b"})]
    assert write_folder(folder, first, about={"seed": 0}) == 2
    (folder / "mine.txt").write_text("keep")
    assert write_folder(folder, [NamedRecord(3, "a", {"id": "a"})], about={"seed": 1}) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["_manifest.json", "a.json", "mine.txt"]
    assert orjson.loads((folder / "_manifest.json").read_bytes()) == {
        "seed": 1,
        "count": 1,
        "records": [{"file": "a.json", "id": "a"}],
    }


def test_unlisted_files_are_never_overwritten(tmp_path):
    """A file that no manifest lists is kept, and so is a file that is not the manifest of a sample."""
    (tmp_path / "a.json").write_text("mine")
    with pytest.raises(InvalidDocumentError, match="is not listed in _manifest.json"):
        write_folder(tmp_path, [NamedRecord(1, "a", {})], about={})
    assert (tmp_path / "a.json").read_text() == "mine"
    (tmp_path / "_manifest.json").write_text("[]")
    with pytest.raises(InvalidDocumentError, match="is not a manifest of a sample"):
        write_folder(tmp_path, [], about={})


def test_a_folder_that_cannot_be_created_is_an_error(tmp_path):
    """The error names the folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidDocumentError, match="cannot be created"):
        write_folder(tmp_path / "file" / "out", [], about={})


def test_the_fingerprint_ignores_the_order_of_members():
    """Equal schemas have one fingerprint, different ones do not."""
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1}) != fingerprint({"a": 1})
    assert fingerprint({"b": 2**70, "a": 1}) == fingerprint({"a": 1, "b": 2**70}) != fingerprint({"a": 1, "b": 2**71})
