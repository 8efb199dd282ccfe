import os
import stat

import orjson
import pytest

from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling import folder as writer


def test_the_nth_failing_call_loses_nothing(tmp_path, monkeypatch):
    """Whichever call of a write fails, the file is the old one or the new one, and nothing else is left."""
    path = tmp_path / "a.json"
    nth = 0
    while True:
        nth += 1
        path.write_bytes(b"old")
        calls = 0

        def failing(real, nth=nth):
            def call(*args, **kwargs):
                nonlocal calls
                calls += 1
                if calls == nth:
                    raise OSError(28, "No space left on device")
                return real(*args, **kwargs)

            return call

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", failing(os.fsync))
            patch.setattr(os, "fdopen", failing(os.fdopen))
            patch.setattr(writer.Path, "chmod", failing(writer.Path.chmod))
            patch.setattr(writer.Path, "replace", failing(writer.Path.replace))
            patch.setattr(writer.tempfile, "mkstemp", failing(writer.tempfile.mkstemp))
            try:
                writer.write_whole(path, b"new")
            except InvalidDocumentError as error:
                assert "No space left" in str(error)
                assert path.read_bytes() == b"old"
            else:
                break
        assert [each.name for each in tmp_path.iterdir()] == ["a.json"]
    assert nth == 6
    assert path.read_bytes() == b"new"


def test_modes_are_kept_and_links_followed(tmp_path):
    """A file keeps its mode; what a link leads to is written, and the link stays one."""
    target, link = tmp_path / "a.json", tmp_path / "link.json"
    target.write_bytes(b"old")
    target.chmod(0o600)
    link.symlink_to(target)
    writer.write_whole(link, b"new")
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode), link.is_symlink()) == (b"new", 0o600, True)


def test_a_folder_says_what_is_in_it(tmp_path):
    """Files and manifest are replaced by a second run; what the first one alone had goes, what is foreign stays."""
    folder = tmp_path / "out"
    first = [writer.Sample(1, "a", {"id": "a"}), writer.Sample(2, "b", {"id": "b"})]
    assert writer.write_folder(folder, first, about={"seed": 0}) == 2
    (folder / "mine.txt").write_text("keep")
    assert writer.write_folder(folder, [writer.Sample(3, "a", {"id": "a"})], about={"seed": 1}) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["a.json", "manifest.json", "mine.txt"]
    assert orjson.loads((folder / "manifest.json").read_bytes()) == {
        "seed": 1,
        "count": 1,
        "records": [{"file": "a.json", "id": "a"}],
    }


def test_foreign_files_are_never_overwritten(tmp_path):
    """A file that no manifest lists is kept, and so is a manifest that is not ours."""
    (tmp_path / "a.json").write_text("mine")
    with pytest.raises(InvalidDocumentError, match="is not listed in manifest.json"):
        writer.write_folder(tmp_path, [writer.Sample(1, "a", {})], about={})
    assert (tmp_path / "a.json").read_text() == "mine"
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(InvalidDocumentError, match="no manifest of ours"):
        writer.write_folder(tmp_path, [], about={})


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    """A file in the way is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidDocumentError, match="cannot be made"):
        writer.write_folder(tmp_path / "file" / "out", [], about={})


def test_the_fingerprint_is_of_the_schema_not_of_its_spelling():
    """The order of members is nothing to it."""
    assert writer.fingerprint({"a": 1, "b": 2}) == writer.fingerprint({"b": 2, "a": 1}) != writer.fingerprint({"a": 1})
