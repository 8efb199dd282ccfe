import pytest

from chime_fixtures.engine import pointer


def test_tokens_survive_the_way_there_and_back():
    """Writing and reading a pointer gives the raw tokens again, whatever is in them."""
    tokens = ("a/b", "m~n", "", "0", "é")
    assert pointer.split(pointer.join(tokens)) == tokens
    assert pointer.join(tokens) == "/a~1b/m~0n//0/é"


def test_the_examples_of_rfc_6901_resolve():
    """The document of RFC 6901, section 5, resolves as that section says."""
    document = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8}
    assert [pointer.resolve(document, each) for each in ("", "/foo", "/foo/0", "/", "/a~1b", "/m~0n")] == [
        document,
        ["bar", "baz"],
        "bar",
        0,
        1,
        8,
    ]


@pytest.mark.parametrize("place", ["/nope", "/foo/2", "/foo/01", "/foo/-", "/foo/0/x"])
def test_what_is_not_there_is_a_lookup_error(place):
    """A pointer to nothing says which token is missing."""
    with pytest.raises(LookupError, match="nothing stands at"):
        pointer.resolve({"foo": ["bar", "baz"]}, place)


def test_a_text_without_a_slash_is_no_pointer():
    """A member name alone is refused, with the rule it breaks."""
    with pytest.raises(ValueError, match="must be empty or begin with '/'"):
        pointer.split("Name")
