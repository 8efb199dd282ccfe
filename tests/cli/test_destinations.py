"""Destinations of samples: files, folders and URLs, by the extension of their name."""

import json
import sys

import fsspec
import pytest
from click.testing import CliRunner

from chime_fixtures.cli import cli
from chime_fixtures.engine.errors import MissingExtraError
from chime_fixtures.sampling.errors import UnknownFormatError
from chime_fixtures.sampling.file_formats import FORMATS, resolve_format
from chime_fixtures.sampling.storage import file_name


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs `sample` in an empty folder; an error of the package is raised."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        result = CliRunner().invoke(cli, ["sample", *map(str, arguments)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture
def memory():
    """The files of fsspec's file system in memory by their path, which is empty before and after."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield lambda: {path.lstrip("/"): system.cat_file(path) for path in system.find("/")}
    system.store.clear()


FILES = ["json", "ndjson", "csv", "parquet", "json.gz", "ndjson.zst", "csv.gz"]


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("by_option", [True, False], ids=["--format", "extension"])
def test_a_url_gets_the_bytes_of_a_file(run, memory, tmp_path, form, by_option):
    """`-o URL` writes the same file in every format, and nothing in the working folder."""
    name, options = ("sample", ["--format", form]) if by_option else (f"sample.{form}", [])
    run("--count", 3, "-o", f"memory://b/{name}", *options)
    assert list(tmp_path.iterdir()) == []
    run("--count", 3, "-o", name, *options)
    assert memory() == {f"b/{name}": (tmp_path / name).read_bytes()}


@pytest.mark.parametrize(
    "options", [[], ["--invalid"], ["--edges"], ["--hazards"], *(["--format", form] for form in FILES)]
)
def test_a_url_gets_the_files_of_a_folder(run, memory, tmp_path, options):
    """`-d URL` writes the same folder in every format, also for violations, edges and hazards."""
    run("--count", 3, "-d", "memory://b/out", *options)
    assert list(tmp_path.iterdir()) == []
    run("--count", 3, "-d", "out", *options)
    assert memory() == {f"b/out/{path.name}": path.read_bytes() for path in (tmp_path / "out").iterdir()}
    run("--count", 2, "-d", "memory://b/other", *options)


def test_a_second_folder_replaces_the_first_one_at_a_url(run, memory):
    """The files of the earlier manifest are replaced or removed, the labels too; other files are kept."""
    run("--invalid", "--count", 2, "-d", "memory://b/out")
    assert {"b/out/_labels.ndjson", "b/out/_manifest.json"} < memory().keys()
    fsspec.filesystem("memory").pipe_file("/b/out/mine.json", b"{}")
    run("--count", 1, "-d", "memory://b/out")
    assert set(memory()) == {"b/out/1.json", "b/out/_manifest.json", "b/out/mine.json"}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("option", ["-o", "-d"])
def test_a_missing_extra_is_named(run, tmp_path, monkeypatch, form, option):
    """Without fsspec a URL is an error with the extra to install, not a local folder named after the protocol."""
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'chime-fixtures\[remote\]'"):
        run("--format", form, option, "s3://bucket/x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["a.tsv", "a.yaml", "a.yml", "a.xlsx", "a.avro", "a.xml", "a.orc", "a.feather", "a.pq", "a.toml", "b.c.PKL"],
)
def test_an_extension_of_another_format_is_rejected(name):
    """It is an error with and without a requested format."""
    for requested in (None, "csv", "json"):
        with pytest.raises(
            UnknownFormatError, match=r"ends in \.\w+, which is not a supported format; end it in .json"
        ):
            resolve_format(name, requested)


@pytest.mark.parametrize("name", ["a.gzip", "a.ndjson.gzip", "a.json.bz2", "a.tar", "a.tgz", "a.tar.gz", "a.csv.zip"])
def test_an_extension_of_another_compression_is_rejected(name):
    """It is an error with and without a requested format."""
    for requested in (None, "csv"):
        with pytest.raises(UnknownFormatError, match="an unsupported compression; end it in .gz or .zst"):
            resolve_format(name, requested)


@pytest.mark.parametrize("name", ["a.txt", "a.jsonlines", "a.out", "a.v2", "a.2026-01-01", "a.geojson"])
def test_an_unknown_extension_requires_a_format(name):
    """Without a requested format it is an error; with one the name is free."""
    with pytest.raises(UnknownFormatError, match=r"or pass a format \(--format\)$"):
        resolve_format(name)
    assert resolve_format(name, "ndjson") == "ndjson"


@pytest.mark.parametrize(
    ("name", "form"),
    [("x.parquet", "parquet"), ("x.ndjson.gz", "ndjson.gz"), ("x.jsonl", "ndjson"), ("x.v2", None), ("x.gz", None),
     ("x.tsv", None), ("..", None), (".cache", None)],
)  # fmt: skip
def test_a_folder_may_be_named_after_a_format(name, form):
    """The extension of a format names it, as data sets are named; any other one is a part of the name."""
    assert resolve_format(name, is_folder=True) == form
    with pytest.raises(UnknownFormatError, match="but the format is csv; change one of them"):
        resolve_format("x.parquet", "csv", is_folder=True)


@pytest.mark.parametrize(
    ("destination", "name"),
    [
        ("a/b.json", "b.json"),
        ("b", "b"),
        ("a?b/c?d.json", "c?d.json"),
        ("s3://bucket/a.ndjson?versionId=1.2", "a.ndjson"),
        ("https://host/x.csv?sig=a/b.json", "x.csv"),
        ("simplecache::s3://bucket/a.csv", "a.csv"),
        ("zip://a.json::s3://bucket/b.zip", "a.json"),
        ("s3://bucket/", ""),
    ],
)
def test_the_name_of_a_file_is_the_last_segment(destination, name):
    """A query is a part of a path, but not of a URL; of a chain of file systems, the first one has the file."""
    assert file_name(destination) == name


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["-o", "."], "'.' is a folder; name a file in it"),
        (["-d", "-"], "is not a folder; for standard output, leave out --output-dir"),
        (["-o", "s3:/bucket/x.json"], "'s3:/bucket/x.json' is not a URL; write s3://bucket/x.json, or ./s3:/bucket"),
        (["-d", "gs:/bucket"], "'gs:/bucket' is not a URL; write gs://bucket, or ./gs:/bucket for a local path"),
        (["-d", "x", "--invalid", "--format", "parquet"], "--invalid with --output-dir supports json, not parquet"),
        (["-o", "a.json", "--label-column", "why"], "--label-column requires --format parquet or csv"),
        (["-d", "x.ndjson", "--edges"], "--edges with --output-dir supports json, not ndjson; pass --output"),
    ],
)
def test_wrong_destinations_are_usage_errors(run, tmp_path, arguments, reason):
    """The exit code is 2, the message has the remedy, and nothing is written."""
    result = run(*arguments)
    assert (result.exit_code, reason in result.stderr) == (2, True), result.stderr
    assert list(tmp_path.iterdir()) == []


def test_violations_in_single_files_have_labels(run, tmp_path):
    """A folder of violations has the same file of labels as a folder of parts, beside the manifest."""
    run("--invalid", "--count", 2, "-d", "out")
    labels = [json.loads(line) for line in (tmp_path / "out" / "_labels.ndjson").read_text().splitlines()]
    records = json.loads((tmp_path / "out" / "_manifest.json").read_text())["records"]
    assert labels == [
        {
            "part": each["file"],
            "line": 1,
            "record": index,
            "id": each["id"],
            "pointer": each["instanceLocation"],
            "keyword": each["keyword"],
        }
        for index, each in enumerate(records)
    ]


def test_a_label_column_is_written(run, tmp_path):
    """`--label-column` adds the last column, to a file and to a folder."""
    run("--count", 2, "--label-column", "why", "-o", "a.csv")
    run("--count", 2, "--label-column", "why", "-d", "b.csv")
    header, *rows = (tmp_path / "a.csv").read_text().splitlines()
    assert (header.endswith(",why"), [row.endswith(",") for row in rows]) == (True, [True, True])
    assert (tmp_path / "b.csv" / "part-000000.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()
