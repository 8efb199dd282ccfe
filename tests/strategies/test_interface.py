"""The interface of every strategy: a repr to paste, keyword-only options, errors that name the argument at the first draw."""

import inspect

import pytest
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

import chime_fixtures
from chime_fixtures import strategies
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.chime.operations import operations
from chime_fixtures.engine.contract import Contract
from tests.support.drawing import drawn

NAMES = {**vars(strategies), **vars(st), "Contract": Contract, "load_contract": load_contract}
OPTIONS = {
    "proxy_sessions": (
        "",
        "required=['/Participants/*/PhoneNumber'], form='boto3'",
        "required='all', check=False, ExpiryMinutes=integers(min_value=9), Status='Open'",
    ),
    "realistic_proxy_sessions": ("", "locale='ja_JP', states=['Open'], form='boto3'", "check=False, Name=text()"),
    "proxy_session_lists": ("", "min_size=1, max_size=2, form='boto3'"),
    "evolved_proxy_sessions": ("", "form='boto3'"),
    "invalid_proxy_sessions": ("", "pointer='/Name', contested=False"),
    "proxy_session_violations": ("", "keyword='type', form='boto3'"),
    "from_schema": ("{'type': 'integer'}", "load_contract('CreateProxySession.request')", "Contract({'maximum': 3})"),
    "violations_of": ("{'type': 'integer'}, contested=False", "load_contract('ProxySession'), keyword='enum'"),
    "operation_requests": ("'UpdateProxySession'", "'GetProxySession', form='boto3'"),
    "operation_responses": ("'PutVoiceConnectorProxy'", "'DeleteProxySession', form='boto3'"),
    **dict.fromkeys(
        ("invalid_operation_requests", "operation_request_violations"),
        ("'CreateProxySession'", "'UpdateProxySession', keyword='enum', form='boto3'"),
    ),
    **dict.fromkeys(
        ("invalid_operation_responses", "operation_response_violations"),
        ("'GetVoiceConnectorProxy'", "'PutVoiceConnectorProxy', pointer='/Proxy', contested=False"),
    ),
}
CALLS = [f"{name}({options})" for name, every in OPTIONS.items() for options in every]


def test_the_table_has_every_strategy():
    """Each strategy has calls in the table, and is a name of the package."""
    assert OPTIONS.keys() == set(strategies.__all__) <= set(chime_fixtures.__all__)


@pytest.mark.parametrize("call", CALLS)
def test_the_repr_of_a_strategy_is_its_call(call):
    """The repr is the call that made it, and its evaluation is a strategy that draws."""
    strategy = eval(call, NAMES)
    assert repr(strategy) == call
    assert len(drawn(eval(repr(strategy), NAMES), 1)) == 1


@pytest.mark.parametrize("name", OPTIONS)
def test_options_are_keyword_only(name):
    """Only a schema, or the name of an operation, is a positional argument."""
    kinds = [parameter.kind for parameter in inspect.signature(getattr(strategies, name)).parameters.values()]
    positional = [kind for kind in kinds if kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    assert len(positional) == ("operation" in name or name in {"from_schema", "violations_of"})
    assert len(kinds) - len(positional) == sum(
        kind in {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD} for kind in kinds
    )


@pytest.mark.slow
@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_every_operation_has_its_strategies(operation):
    """Each operation has six: valid and invalid requests and responses; without a body, the invalid ones are an error."""
    for form in ("wire", "boto3"):
        requests = drawn(strategies.operation_requests(operation.name, form=form), 2)
        responses = drawn(strategies.operation_responses(operation.name, form=form), 2)
        assert (requests[0] is None) == (form == "wire" and operation.request is None)
        assert (responses[0] is None) == (form == "wire" and operation.response is None)
    for kind, has_body in (("request", operation.request), ("response", operation.response)):
        for name in (f"invalid_operation_{kind}s", f"operation_{kind}_violations"):
            strategy = getattr(strategies, name)(operation.name)
            if has_body:
                assert drawn(strategy, 1)
            else:
                with pytest.raises(InvalidArgument, match=f"{operation.name} has no {kind} body"):
                    drawn(strategy, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("proxy_sessions(required='Name')", "required must be 'all' or a list of members such as .*, not 'Name'"),
        ("proxy_sessions(required=5)", "required must be 'all' or a list of members such as .*, not 5"),
        ("proxy_sessions(required=[5])", "required must have names of members, not 5"),
        ("proxy_sessions(required=['Nmae'])", "required: ProxySession has no member 'Nmae'; did you mean 'Name'"),
        (
            "proxy_sessions(required=['/Participants/*/PhoneNumbr'])",
            "no member '/Participants/[*]/PhoneNumbr'; did you mean 'PhoneNumber'",
        ),
        ("proxy_sessions(required=['/Participants/PhoneNumber'])", "'/Participants/PhoneNumber'; use one of [*]"),
        ("proxy_sessions(required=['/Participants/1001'])", "'/Participants/1001' must be at most 1000"),
        ("proxy_sessions(Nmae=1)", "overrides: ProxySession has no member 'Nmae'; did you mean 'Name'"),
        ("proxy_sessions(Name='x' * 129)", "overrides violate ProxySession: /Name: .*; pass check=False to keep them"),
        ("realistic_proxy_sessions(Nmae=1)", "overrides: ProxySession has no member 'Nmae'; did you mean 'Name'"),
        ("realistic_proxy_sessions(ExpiryMinutes=0)", "overrides violate ProxySession: /ExpiryMinutes: 0 "),
        ("realistic_proxy_sessions(locale='en_UK')", "no names for the locale 'en_UK'; did you mean 'en_US'"),
        ("realistic_proxy_sessions(states='Opne')", "no state 'Opne'; did you mean 'Open'"),
        ("realistic_proxy_sessions(form='json')", "form must be 'wire' or 'boto3', not 'json'"),
        ("proxy_session_lists(min_size=3, max_size=1)", "max_size=1 < min_size=3"),
        ("evolved_proxy_sessions(form='json')", "form must be 'wire' or 'boto3', not 'json'"),
        ("invalid_proxy_sessions(pointer='Name')", "pointer='Name'"),
        ("proxy_session_violations(keyword='maxlength')", "keyword='maxlength'"),
        ("violations_of({'type': 'integer'}, keyword='enum')", "keyword='enum'"),
        ("operation_requests('Create')", "name='Create'"),
        ("operation_responses(5)", "name must be a string, not 5"),
        ("operation_request_violations('CreateProxySession', pointer='/Nmae')", "pointer='/Nmae'"),
    ],
)
def test_an_invalid_argument_is_named_at_the_first_draw(call, message):
    """The call itself never fails; the first draw raises an error that names the argument."""
    strategy = eval(call, NAMES)
    with pytest.raises(InvalidArgument, match=message):
        drawn(strategy, 1)
