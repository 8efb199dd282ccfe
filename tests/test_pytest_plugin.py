import fnmatch
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # noqa: F401  # before a run in process, which forgets its imports, as the C part of PyYAML does not

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.enumeration import enumerate_violations
from chime_fixtures.service import Policies
from tests.support.nested import run_nested

PLAIN = ("-p", "no:cacheprovider", "-p", "no:randomly")


def test_plugin_imports():
    """The plugin module imports only pytest and the standard library."""
    code = "import sys, chime_fixtures.pytest_plugin; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"hypothesis", "faker", "responses", "jsonschema", "jsonschema_rs", "botocore", "boto3", "orjson"} & set(
        loaded
    )


def test_every_fixture_has_a_docstring(pytester):
    """`pytest --fixtures` describes each fixture."""
    lines = run_nested(pytester, "--fixtures").stdout.str().splitlines()
    for name in (
        "proxy_session",
        "proxy_session_factory",
        "invalid_proxy_session",
        "proxy_session_edge",
        "proxy_session_hazard",
        "proxy_session_list",
        "proxy_session_violation",
        "chime_stub",
        "chime_client",
        "chime_server",
        "chime_clock",
        "chime_policies",
        "chime_contract",
    ):
        index = next(number for number, line in enumerate(lines) if line.startswith(f"{name} "))
        assert lines[index + 1].strip() not in ("", "no docstring available")


@pytest.mark.slow
def test_consumer_that_accepts_everything(pytester):
    """A consumer that accepts every session fails once for each violation, with the violation's id."""
    pytester.makepyfile(
        """
        def accepts(session):
            return True

        def test_refuses(invalid_proxy_session):
            assert not accepts(invalid_proxy_session)
        """
    )
    result = run_nested(pytester, "-q", "-rf", "--tb=no")
    violations = enumerate_violations(load_contract("ProxySession"))
    result.assert_outcomes(failed=len(violations))
    result.stdout.fnmatch_lines(["FAILED *test_refuses[[]Name.maxLength[]]*"])


def test_violation_and_its_instance(pytester):
    """One fixture is the violation, the other its plain instance; a test can use both."""
    pytester.makepyfile(
        """
        def test_both(invalid_proxy_session, proxy_session_violation):
            assert invalid_proxy_session == proxy_session_violation.instance
            if isinstance(invalid_proxy_session, dict):
                invalid_proxy_session.clear()
        """
    )
    result = run_nested(pytester, "-q", "-k", "GeoMatchParams")
    assert result.ret == 0


def test_seed(pytester):
    """The header shows the seed, and sessions depend on it."""
    pytester.makepyfile("def test_it(proxy_session): print('id', proxy_session['ProxySessionId'])")

    def printed(*arguments):
        result = run_nested(pytester, "-s", "-v", *arguments)
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines([f"*chime: seed {arguments[0].partition('=')[2] if arguments else 0}, strict"])
        return next(line for line in result.outlines if "id " in line).rpartition("id ")[2].split()[0]

    assert printed() == printed() != printed("--chime-seed=7")


def test_stub_and_client(pytester):
    """The client reaches the stub and raises typed errors; the factory's sessions can be preloaded."""
    pytester.makepyfile(
        """
        import pytest

        def test_it(chime_stub, chime_client, proxy_session_factory):
            session = proxy_session_factory.build(VoiceConnectorId=chime_stub.connector_id)
            chime_stub.add_session(session)
            page = chime_client.list_proxy_sessions(VoiceConnectorId=chime_stub.connector_id)
            assert [each["ProxySessionId"] for each in page["ProxySessions"]] == [session["ProxySessionId"]]
            with pytest.raises(chime_client.exceptions.NotFoundException):
                chime_client.get_proxy_session(VoiceConnectorId=chime_stub.connector_id, ProxySessionId="gone")
        """
    )
    run_nested(pytester, "-q").assert_outcomes(passed=1)


def test_unused_fault(pytester):
    """An unused fault is an error at teardown, unless the test has failed."""
    pytester.makepyfile(
        """
        def test_passes(chime_stub):
            chime_stub.fail("error:NotFound", operation="GetProxySession")

        def test_fails(chime_stub):
            chime_stub.fail("error:NotFound", operation="GetProxySession")
            assert False, "the first error"
        """
    )
    result = run_nested(pytester, "-q")
    result.assert_outcomes(passed=1, failed=1, errors=1)
    result.stdout.fnmatch_lines(["*the first error*"])


@pytest.mark.slow
def test_form(pytester):
    """With `boto3`, sessions and violations have datetimes; a test can choose another form; an unknown one is an error."""
    pytester.makeini("[pytest]\nchime_form = boto3")
    pytester.makepyfile(
        """
        import datetime as dt
        import pytest

        def test_session(proxy_session, proxy_session_factory):
            assert isinstance(proxy_session["CreatedTimestamp"], dt.datetime)
            broken = proxy_session_factory.build_invalid(pointer="/Name", keyword="maxLength")
            assert isinstance(broken["CreatedTimestamp"], dt.datetime)

        def test_violation(proxy_session_violation):
            if proxy_session_violation.id == "CreatedTimestamp.type.null":
                assert proxy_session_violation.instance["CreatedTimestamp"] is None
                assert isinstance(proxy_session_violation.instance["UpdatedTimestamp"], dt.datetime)

        @pytest.mark.parametrize("chime_form", ["wire"])
        def test_wire(proxy_session):
            assert isinstance(proxy_session["CreatedTimestamp"], str)

        @pytest.mark.parametrize("chime_form", ["json"])
        def test_wrong(proxy_session):
            pass
        """
    )
    done = run_nested(pytester, "-q")
    done.stdout.fnmatch_lines(["*form must be 'wire' or 'boto3', not 'json'*"])
    assert done.parseoutcomes().items() >= {"errors": 1}.items()
    assert "failed" not in done.parseoutcomes()


def test_imitator(pytester):
    """With another contract and base URL, sessions, violations and the stub are the imitator's."""
    schema = {
        "type": "object",
        "required": ["ProxySessionId", "Tenant"],
        "properties": {"ProxySessionId": {"type": "string"}, "Tenant": {"type": "string", "pattern": "^t-[0-9]{4}$"}},
    }
    pytester.makefile(".json", imitator=json.dumps({"schemas": {"Session": schema}}))
    pytester.makeini(
        """
        [pytest]
        chime_contract = imitator.json#/schemas/Session
        chime_base_url = https://api.example.test/v1
        """
    )
    pytester.makepyfile(
        """
        import re
        import requests

        URL = "https://api.example.test/v1/voice-connectors/abc/proxy-sessions"

        def test_sessions(chime_stub, proxy_session):
            assert re.fullmatch("t-[0-9]{4}", proxy_session["Tenant"])
            chime_stub.add_session(proxy_session, connector="abc")
            people = {"ParticipantPhoneNumbers": ["+12", "+13"], "Capabilities": []}
            requests.post(URL, json=people)
            tenants = [session["Tenant"] for session in requests.get(URL).json()["ProxySessions"]]
            assert len(tenants) == 2 and all(re.fullmatch("t-[0-9]{4}", tenant) for tenant in tenants)

        def test_violations(invalid_proxy_session, chime_contract):
            assert not chime_contract.is_valid(invalid_proxy_session)

        def test_the_port(chime_server, chime_clock):
            assert requests.get(chime_server.url + "/voice-connectors/abc/proxy-sessions").json() == {"ProxySessions": []}
            assert chime_clock.advance(minutes=1).minute == 1
        """
    )
    result = run_nested(pytester, "-q")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*Name.maxLength*")


IMITATOR = """
type: object
required: [ProxySessionId, Tenant]
properties:
  ProxySessionId: {type: string}
  Tenant: {$ref: common/tenant.yaml, unit: none}
"""
MODEL = """
import pydantic

class Session(pydantic.BaseModel):
    ProxySessionId: str
    Tenant: str = pydantic.Field(pattern="^t-[0-9]{4}$")
"""
YAML_SETTINGS = """
chime_contract = imitator.yaml
chime_contract_resources = common
chime_contract_formats =
    tenant=^t-[0-9]{4}$
    other=
chime_contract_annotations = unit weight
chime_contract_dialect = 2019-09
chime_contract_strict = true
"""


@pytest.mark.parametrize("settings", [YAML_SETTINGS, "chime_contract = imitator_models_of_plugin:Session"])
def test_the_contract_is_read_from_any_source(pytester, monkeypatch, settings):
    """A YAML file with its resources and options, and a model in the root folder, are contracts of the fixtures."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    pytester.makefile(".yaml", imitator=IMITATOR)
    pytester.mkdir("common").joinpath("tenant.yaml").write_text("{type: string, format: tenant}")
    pytester.path.joinpath("imitator_models_of_plugin.py").write_text(MODEL)
    pytester.makeini(f"[pytest]\n{settings}")
    pytester.makepyfile(
        """
        import re

        def test_sessions(proxy_session, chime_contract):
            assert re.fullmatch("t-[0-9]{4}", proxy_session["Tenant"])
            assert not chime_contract.is_valid({**proxy_session, "Tenant": "t-1"})
        """
    )
    assert run_nested(pytester, "-q").ret == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("chime_contract = nope.json", "chime_contract: *nope.json: cannot be read: No such file or directory"),
        ("chime_contract = no_module:Order", "chime_contract: no_module:Order: no module is named 'no_module'; *"),
        ("chime_contract = a.json\nchime_contract_formats = x", "chime_contract: 'x' is not NAME=REGEX"),
        ("chime_contract = a.json\nchime_contract_dialect = 5", "chime_contract: dialect must be auto, 2020-12, *"),
    ],
)
def test_a_wrong_contract_is_an_error_of_one_line(pytester, monkeypatch, settings, message):
    """The error names the setting and the remedy."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    pytester.makefile(".json", a="{}")
    pytester.makeini(f"[pytest]\n{settings}")
    pytester.makepyfile("def test_sessions(proxy_session): ...")
    result = run_nested(pytester, "-q")
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


def test_fault_marker_and_calls_of_a_failed_test(pytester):
    """A marker plans a fault; the report of a failed test lists its calls, one a line."""
    pytester.makepyfile(
        """
        import pytest
        import requests

        URL = "https://voice-chime.us-east-1.amazonaws.com/voice-connectors/abc/proxy-sessions"
        pytestmark = pytest.mark.chime_fault("throttle", operation="ListProxySessions", after=1)

        @pytest.mark.chime_fault("error:NotFound")
        def test_fails(chime_stub):
            assert [requests.get(URL).status_code for _ in range(3)] == [200, 200, 200]

        def test_passes(chime_stub):
            assert [requests.get(URL).status_code for _ in range(3)] == [200, 429, 200]

        def test_does_not_use_it(chime_stub):
            pass
        """
    )
    result = run_nested(pytester, "-q", "--strict-markers")
    result.assert_outcomes(passed=2, failed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*Chime calls*",
            "#1 ListProxySessions attempt 1 -> 404, NotFoundException: *, fault 'error:NotFound'",
            "#2 ListProxySessions attempt 1 -> 429, *, fault 'throttle'",
            "#3 ListProxySessions attempt 1 -> 200",
        ],
        consecutive=True,
    )
    assert result.stdout.str().count("Chime calls") == 1


@pytest.mark.slow
def test_calls_and_summary(pytester):
    """Options add requests and responses to a report and write calls to files; the summary line adds up all workers.

    They collect the same cases, and their reports of tolerated ones are those of one process.
    """
    pytester.makepyfile(
        """
        import pytest
        import requests

        URL = "https://voice-chime.us-east-1.amazonaws.com/voice-connectors/abc/proxy-sessions"

        def test_fails(chime_stub):
            assert requests.get(URL + "?max-results=0&X-Amz-Signature=abcdef").status_code == 200

        @pytest.mark.parametrize("name", ["a/b", "a:b"])
        def test_passes(request, name):
            # A test can also get the stub by name.
            request.getfixturevalue("chime_stub").fail("throttle")
            assert requests.get(URL, headers={"Authorization": "Bearer abcdef"}).status_code == 429

        def test_unused(chime_stub):
            chime_stub.fail("throttle")

        def test_something_else(tmp_path):
            pass

        @pytest.mark.chime_cases(
            only=["Name.maxLength*"], tolerated={"Name.maxLength": "we truncate", "*.twice": "fixed"}
        )
        def test_cases(proxy_session_violation):
            assert proxy_session_violation.id != "Name.maxLength"
        """
    )
    result = run_nested(pytester, "-n2", "--chime-calls", "--chime-dump=calls", "--chime-seed=3")
    result.assert_outcomes(passed=7, failed=1, xfailed=1, errors=2)
    result.stdout.fnmatch_lines(["*- Chime calls -*", "#1 ListProxySessions attempt 1 -> 400, BadRequestException: *"])
    result.stdout.fnmatch_lines(
        ['     request {"VoiceConnectorId": "abc", "MaxResults": 0}', "     violation *MaxResults*"]
    )
    result.stdout.fnmatch_lines(['     response {"Code":"BadRequest","Message":"*MaxResults*'])
    result.stdout.fnmatch_lines(
        ["chime: 4 tests, 3 calls, 1 request violation, 1 unused expectation; reproduce with --chime-seed=3"]
    )
    (section,) = re.findall("- Chime calls -.*?^chime: ", result.stdout.str(), re.DOTALL | re.MULTILINE)
    assert "abcdef" not in section
    files = sorted((pytester.path / "calls").iterdir())
    written = [[json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in files]
    assert [[call["status"] for call in calls] for calls in written] == [[400], [429], [429], []]
    assert "abcdef" not in "".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.slow
def test_run_without_a_stub(pytester):
    """The plugin is loaded by its entry point; without a stub or an option, only the modules of the options are imported."""
    pytester.makepyfile(
        """
        import sys

        def test_it():
            assert {name for name in sys.modules if name.startswith("chime_fixtures.")} == {
                "chime_fixtures.pytest_plugin",
                "chime_fixtures.testing",
                "chime_fixtures.testing.conform_options",
                "chime_fixtures.testing.coverage_options",
                "chime_fixtures.testing.each_fault_options",
            }
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest", *PLAIN)
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*chime:*")


@pytest.mark.slow
def test_settings(pytester):
    """The settings of an ini file are those of the stub and its client; options take precedence."""
    pytester.makeini(
        """
        [pytest]
        chime_strict = false
        chime_seed = 7
        chime_region = eu-west-2
        chime_policies =
            delete_leaves=closed
            page_size=3
        """
    )
    pytester.makepyfile(
        """
        def test_it(chime_stub, chime_client):
            chime_stub.fail("throttle")
            assert not chime_stub.strict
            assert str(chime_stub.policies) == "delete_leaves=closed,page_size=3"
            assert chime_client.meta.region_name == "eu-west-2"
        """
    )
    header = "chime: seed {}, lax, region eu-west-2, delete_leaves=closed, page_size=3"
    for option, seed in (("-v", 7), ("--chime-seed=8", 8)):
        result = run_nested(pytester, option)
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(
            [header.format(seed), f"*0 calls, *1 unused expectation; reproduce with --chime-seed={seed}"]
        )
    pytester.makeini("[pytest]")
    result = run_nested(pytester, "--chime-lax")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["chime: seed 0, lax"])


WRONG = {
    "seed": ("chime_seed = x", "chime_seed must be an integer, not 'x'"),
    "policy": ("chime_policies = page_sise=3", "chime_policies: unknown policy 'page_sise=3'; did you mean *"),
    "form": ("chime_form = boto", "chime_form: unknown form 'boto'; did you mean 'boto3'*"),
    "schema": ("chime_contract = int.json", "chime_contract: schema has no objects; pass the schema of a session"),
    "marker": ("markers = x", "chime_contract of *::test_marked: *nope.json: cannot be read: *"),
}
USERS = """
import pytest

def test_stub(chime_stub): pass
def test_session(proxy_session): pass
"""
CATALOGUE = """
def test_violation(invalid_proxy_session): pass
"""
MARKED = """
@pytest.mark.chime_contract("nope.json")
def test_marked(proxy_session): pass
"""


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_one_usage_error(pytester, name):
    """A wrong setting or marker is one line, not one error a test, and pytest exits as for wrong options."""
    setting, message = WRONG[name]
    pytester.makefile(".json", int='{"type": "integer"}')
    pytester.makeini(f"[pytest]\n{setting}")
    added = {"marker": MARKED, "schema": CATALOGUE}.get(name, "")
    pytester.makepyfile(test_a=USERS + added, test_b=USERS + added.replace("_marked", "_other"))
    result = run_nested(pytester, "-q")
    if name == "seed":
        assert result.ret != 0
        result.stdout.fnmatch_lines([f"*{message}"])
        return
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    errors = [line for line in (*result.outlines, *result.errlines) if "ERROR" in line]
    assert len(errors) == 1
    assert fnmatch.fnmatch(errors[0], f"ERROR: {message}")


def test_a_wrong_setting_that_no_test_uses(pytester):
    """A wrong setting does not stop tests that use no fixture of it."""
    pytester.makeini("[pytest]\nchime_form = boto\nchime_contract = nope.json\nchime_policies = x")
    pytester.makepyfile("def test_it(tmp_path): pass")
    run_nested(pytester, "-q").assert_outcomes(passed=1)


@pytest.mark.slow
def test_a_wrong_setting_with_several_workers(pytester, monkeypatch):
    """The workers' errors are merged to one."""
    pytester.makeini("[pytest]\nchime_form = boto")
    pytester.makepyfile(USERS)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = ("-p", "xdist", "-p", "chime_fixtures.pytest_plugin")
    result = pytester.runpytest_subprocess("-q", "-n2", *plugins, *PLAIN)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["ERROR: chime_form: unknown form 'boto'*"])


TENANT = {"type": "object", "required": ["Tenant"], "properties": {"Tenant": {"type": "string", "maxLength": 4}}}


def test_the_contract_of_a_marker(pytester):
    """A marker changes the contract of sessions, of the stub and of the catalogue, for a module, a class or a test."""
    pytester.makefile(".json", imitator=json.dumps({"schemas": {"Session": TENANT}}))
    pytester.makepyfile(
        test_chime="def test_it(proxy_session): assert 'Tenant' not in proxy_session",
        model="SESSION = {'type': 'object', 'required': ['id'], 'properties': {'id': {'type': 'integer'}}}",
        test_it="""
        from pathlib import Path

        import pytest
        from chime_fixtures import Contract

        pytestmark = pytest.mark.chime_contract("imitator.json#/schemas/Session")

        def test_module(proxy_session, chime_contract, chime_stub):
            assert proxy_session.keys() >= {"Tenant"}
            assert "Tenant" in chime_stub.add_session(proxy_session)

        def test_violations(proxy_session_violation, chime_contract):
            (found,) = chime_contract.check(proxy_session_violation.instance)
            assert found.keyword in ("type", "required", "maxLength")

        @pytest.mark.chime_contract({"type": "object", "required": ["n"], "properties": {"n": {"format": "x"}}}, formats={"x": "^a$"})
        class TestOptions:
            def test_options(self, proxy_session):
                assert "n" in proxy_session and "Tenant" not in proxy_session

            @pytest.mark.chime_contract("model:SESSION")
            def test_model(self, invalid_proxy_session, chime_contract):
                assert not chime_contract.is_valid(invalid_proxy_session)
                assert chime_contract.is_valid({"id": 5})

        @pytest.mark.chime_contract(Contract({"type": "object", "required": ["own"]}))
        def test_contract(proxy_session):
            assert "own" in proxy_session
        """,
    )
    result = run_nested(pytester, "-q", "--strict-markers")
    assert result.ret == 0


@pytest.mark.parametrize(
    ("fixture", "cases"),
    [("invalid_proxy_session", "proxy_session_violation"), ("proxy_session_edge", "proxy_session_edge")],
)
def test_an_overridden_contract_beside_cases(pytester, fixture, cases):
    """Its cases were collected from another contract: one error names the marker; without cases it is used."""
    pytester.makepyfile(
        test_it=f"""
        import pytest
        from chime_fixtures import Contract

        @pytest.fixture
        def chime_contract():
            return Contract({{"type": "object", "required": ["own"]}})

        def test_session(proxy_session):
            assert "own" in proxy_session

        def test_cases({fixture}):
            pass
        """
    )
    result = run_nested(pytester, "-q")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            f"*test_it.py::test_cases: * is overridden, but the cases of {cases} were*; use the marker chime_contract(...)*"
        ]
    )


def test_each_policy(pytester):
    """A test that is parametrised with policies runs under each one, named by it."""
    pytester.makepyfile(
        """
        import pytest
        from chime_fixtures.service import Policies

        @pytest.mark.parametrize("chime_policies", Policies.each(), ids=str)
        def test_it(chime_stub, chime_policies):
            assert chime_stub.policies is chime_policies
        """
    )
    result = run_nested(pytester, "-v")
    result.assert_outcomes(passed=len(Policies.each()))
    result.stdout.fnmatch_lines(["*::test_it[[]second_delete=no-content[]] PASSED*"])


@pytest.mark.slow
def test_the_documented_tests_pass(pytester):
    """Each test of the page on fixtures passes as it stands there."""
    page = Path(__file__).parents[1].joinpath("docs", "fixtures.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n# (test_\w+)\.py\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == page.count("```python")
    pytester.makepyfile(**dict(blocks))
    assert run_nested(pytester, "-q").ret == 0
