import inspect

import pytest

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
        if issubclass(each, Exception) and each.__module__ == module.__name__
    ]
    assert len(classes) >= 7
    assert all(issubclass(each, kit_errors.ChimeFixturesError) for each in classes)
    assert [each.__name__ for each in classes if each.__name__ not in (module.__doc__ or "")] == []


def test_all_problems_of_a_schema_are_told_at_once():
    """A refusal lists each place with its keyword and remedy, and the near name of a misspelt keyword."""
    with pytest.raises(errors.UnsupportedSchemaError) as caught:
        Contract(
            {
                "minLenght": 1,
                "properties": {"a": {"nullable": True}, "b": {"pattern": r"(x)\1"}, "c": {"format": "color"}},
            }
        )
    assert str(caught.value).splitlines() == [
        "this schema cannot be driven, for 4 reasons:",
        "  /minLenght: minLenght: is not a keyword of draft 2020-12; did you mean 'minLength'?",
        '  /properties/a/nullable: nullable: belongs to another dialect; write "null" into the list of types',
        "  /properties/b/pattern: pattern: '(x)\\\\1' can't be driven: a back reference is not a regular language",
        "  /properties/c/format: format: 'color' is not driven; "
        "give its pattern, or None to pass it over, in formats={'color': ...}, or --format-pattern color=...",
    ]


def test_a_wrong_name_is_answered_with_the_nearest():
    """A schema that is not shipped is refused with the name that was probably meant."""
    with pytest.raises(
        errors.SchemaNotFoundError,
        match=r"no schema 'CreateProxySession.requst'; did you mean 'CreateProxySession.request'",
    ):
        load_contract("CreateProxySession.requst")


def test_a_missing_extra_names_the_command_that_helps():
    """The message of a missing library is what to type."""
    assert (
        str(errors.MissingExtraError("boto3", "boto3")) == "boto3 is not installed: pip install 'chime-fixtures[boto3]'"
    )


def test_an_unknown_name_far_from_all_lists_what_there_is():
    """Without a near name, the known ones are listed; without any, nothing is said."""
    assert errors.did_you_mean("zzz", ["b", "a"]) == "; there are a, b"
    assert errors.did_you_mean("zzz", []) == ""


def test_a_document_error_names_its_source():
    """What can't be read is named before the reason."""
    assert str(errors.InvalidDocumentError("a.json", "is no JSON")) == "a.json: is no JSON"
