import inspect

import pytest

import chime_fixtures
from chime_fixtures.chime import errors as kit_errors
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine import errors
from chime_fixtures.engine.contract import Contract


@pytest.mark.parametrize("module", [errors, kit_errors], ids=["engine", "kit"])
def test_the_docstring_lists_every_error_class(module):
    """Every error class of a module is in the tree of its docstring, and derives from the one root."""
    classes = [
        each
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, Exception) and not issubclass(each, Warning) and each.__module__ == module.__name__
    ]
    assert len(classes) >= 7
    assert all(issubclass(each, kit_errors.ChimeFixturesError) for each in classes)
    assert [each.__name__ for each in classes if each.__name__ not in (module.__doc__ or "")] == []


@pytest.mark.parametrize("module", [errors, kit_errors], ids=["engine", "kit"])
def test_every_error_class_is_public(module):
    """Every error class that is not a base of others can be imported from the package."""
    for name, each in inspect.getmembers(module, inspect.isclass):
        if issubclass(each, Exception) and not each.__subclasses__():
            assert getattr(chime_fixtures, name) is each


def test_all_problems_of_a_schema_are_listed_at_once():
    """An unsupported schema lists each location with keyword and remedy; a misspelt keyword has the closest name."""
    schema = {
        "minLenght": 1,
        "properties": {"a": {"nullable": True}, "b": {"pattern": r"(x)\1"}, "c": {"format": "color"}},
    }
    with pytest.raises(errors.UnsupportedSchemaError) as caught:
        Contract(schema, strict=True)
    assert str(caught.value).splitlines() == [
        "unsupported schema, 4 problems:",
        "  /minLenght: minLenght: is not a keyword of draft 2020-12; did you mean 'minLength'? "
        "Otherwise, to ignore this keyword, pass annotations=['minLenght'] or --annotation minLenght",
        '  /properties/a/nullable: nullable: is a keyword of another dialect; write "null" into the list of types',
        '  /properties/b/pattern: pattern: "(x)\\\\1" is not supported: a back reference is not a regular language',
        "  /properties/c/format: format: 'color' is not supported; "
        "pass its pattern, or None to ignore the format, as formats={'color': ...}, or --format-pattern color=...",
    ]
    with pytest.raises(errors.UnsupportedSchemaError, match="unsupported schema, 2 problems"):
        Contract(schema)


def test_an_unknown_name_has_the_closest_one():
    """The name of a schema that is not bundled raises an error with the closest name."""
    with pytest.raises(
        errors.SchemaNotFoundError,
        match=r"unknown schema 'CreateProxySession.requst'; did you mean 'CreateProxySession.request'",
    ):
        load_contract("CreateProxySession.requst")


def test_a_missing_extra_has_the_command_to_install_it():
    """The message for a missing library is the command to type."""
    assert (
        str(errors.MissingExtraError("boto3", "boto3")) == "boto3 is not installed: pip install 'chime-fixtures[boto3]'"
    )


def test_an_unknown_name_without_a_close_one_lists_all():
    """Without a close name, the known names are listed; without known names, the suggestion is empty."""
    assert errors.did_you_mean("zzz", ["b", "a"]) == "; use one of a, b"
    assert errors.did_you_mean("zzz", []) == ""


def test_a_document_error_names_its_source():
    """The message has the source before the reason."""
    assert str(errors.InvalidDocumentError("a.json", "is not valid JSON")) == "a.json: is not valid JSON"
