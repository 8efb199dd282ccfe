import pytest

from chime_fixtures.engine import pointer


def test_tokens_survive_a_round_trip():
    """A pointer that is written and read again has the same tokens, special characters included."""
    tokens = ("a/b", "m~n", "", "0", "é")
    assert pointer.split(pointer.join(tokens)) == tokens
    assert pointer.join(tokens) == "/a~1b/m~0n//0/é"


def test_the_examples_of_rfc_6901_resolve():
    """The document of RFC 6901, section 5, resolves as in that section."""
    document = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8}
    assert [pointer.resolve(document, each) for each in ("", "/foo", "/foo/0", "/", "/a~1b", "/m~0n")] == [
        document,
        ["bar", "baz"],
        "bar",
        0,
        1,
        8,
    ]


@pytest.mark.parametrize("location", ["/nope", "/foo/2", "/foo/01", "/foo/-", "/foo/0/x"])
def test_a_missing_value_is_a_lookup_error(location):
    """A pointer without a value in the document raises `LookupError`."""
    with pytest.raises(LookupError, match="the document has no value at"):
        pointer.resolve({"foo": ["bar", "baz"]}, location)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("", 9),
        ("/a", {"a": 9, "b": {"c": 1}}),
        ("/new", {"a": [1, 2], "b": {"c": 1}, "new": 9}),
        ("/a/0", {"a": [9, 2], "b": {"c": 1}}),
        ("/b/c", {"a": [1, 2], "b": {"c": 9}}),
    ],
)
def test_a_value_is_set_in_a_copy(location, expected):
    """`with_value` replaces an item, replaces or appends a property, and leaves the document as it was."""
    document = {"a": [1, 2], "b": {"c": 1}}
    changed = pointer.with_value(document, location, 9)
    assert (changed, document) == (expected, {"a": [1, 2], "b": {"c": 1}})
    assert not isinstance(changed, dict) or list(changed) == list(expected)


@pytest.mark.parametrize("location", ["/a/2", "/a/-", "/missing/c", "/b/c/d"])
def test_a_value_is_set_only_where_a_container_exists(location):
    """`with_value` does not create containers and does not extend arrays."""
    with pytest.raises(LookupError, match="no value can be set at"):
        pointer.with_value({"a": [1, 2], "b": {"c": 1}}, location, 9)


def test_a_pointer_begins_with_a_slash():
    """A property name alone raises `ValueError` with the rule."""
    with pytest.raises(ValueError, match="must be empty or begin with '/'"):
        pointer.split("Name")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "(root)"),
        ("/", "/"),
        ("/Name", "/Name"),
        ("/é", "/é"),
        ("/a\n\x1b", "/a\\n\\x1b"),
        ("/" + "x" * 500, "/" + "x" * 99 + "…" + "x" * 100),
    ],
)
def test_a_pointer_in_a_message(text, shown):
    """A message has pointers in one printable line of bounded length, and a name for the whole document."""
    assert pointer.display(text) == shown
