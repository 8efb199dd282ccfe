"""The ten invariants of the design, each with the tests that hold it; the fifth is tested here."""

import ast
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from chime_fixtures.engine import pointer as json_pointer
from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import enumerate_edges, enumerate_violations
from tests.support.schemas import session_contract
from tests.support.sizes import IS_NIGHTLY

TOP = Path(__file__).parents[1]
SCHEMA = session_contract().schema


@dataclass(frozen=True)
class Invariant:
    """One invariant.

    Attributes:
        title: its title in CONTRIBUTING.md.
        tests: the tests that hold it, as ``<file>::<function>``.
        missing: the part that is not implemented yet.
    """

    title: str
    tests: tuple[str, ...]
    missing: str = ""


INVARIANTS = {
    1: Invariant(
        "Valid is valid",
        (
            "engine/values/test_values.py::test_both_validators_accept_the_values",
            "engine/conformance/test_suite.py::test_each_schema_is_supported_or_rejected_by_name",
            "engine/cases/test_edges.py::test_every_edge_is_valid_and_has_a_unique_id",
            "strategies/test_sessions.py::test_valid_sessions_are_valid_for_both_validators",
        ),
        "drafts other than 2020-12 are unsupported, so that every value is checked by that draft",
    ),
    2: Invariant(
        "Exactly its own keyword",
        (
            "engine/cases/test_violations.py::test_each_violation_violates_exactly_its_label",
            "engine/cases/test_violations.py::test_every_constraint_is_violated_or_implied",
            "engine/conformance/test_suite.py::test_each_schema_is_supported_or_rejected_by_name",
            "strategies/test_shrinking.py::test_a_violation_stays_the_only_one_while_it_shrinks",
            "chime/test_contract_mutants.py::test_every_mutant_is_killed",
        ),
    ),
    3: Invariant(
        "Nothing silent",
        (
            "engine/test_contract.py::test_an_unsupported_schema_is_rejected_by_keyword",
            "engine/conformance/test_suite.py::test_each_schema_is_supported_or_rejected_by_name",
            "engine/conformance/test_suite.py::test_side_effects_are_recorded",
            "engine/test_unreached.py::test_each_location_is_in_the_values",
            "engine/test_unreached.py::test_an_unreached_location_is_named_with_its_reason",
            "engine/test_unreached.py::test_the_first_use_warns_once",
        ),
        "there is no warning about annotations",
    ),
    4: Invariant(
        "Unsatisfiable means proved",
        (
            "engine/test_contract.py::test_an_unsatisfiable_schema_names_the_conflict",
            "engine/normal_form/test_property_rules.py::test_a_satisfiable_object_has_values",
            "engine/normal_form/test_property_rules.py::test_an_unsatisfiable_object_is_proved",
            "engine/conformance/test_suite.py::test_each_schema_is_supported_or_rejected_by_name",
        ),
        "the error does not say by what budget a search ended",
    ),
    5: Invariant(
        "Everything follows the schema",
        (
            "test_invariants.py::test_everything_follows_a_changed_keyword",
            "test_invariants.py::test_everything_follows_one_number",
            "sampling/test_records.py::test_records_follow_a_changed_schema",
        ),
    ),
    6: Invariant(
        "Same seed, same bytes",
        (
            "engine/values/test_values.py::test_values_do_not_depend_on_the_hash_seed",
            "sampling/test_records.py::test_the_digest_of_records_is_unchanged",
            "sampling/test_records.py::test_a_record_is_a_function_of_its_number",
            "sampling/test_job.py::test_any_part_size_gives_the_same_records",
            "sampling/test_dask_cluster.py::test_dask_writes_the_same_parts",
            "sessions/test_factory.py::test_sessions_do_not_depend_on_the_machine",
        ),
    ),
    7: Invariant(
        "No made-up telephone number reaches anybody",
        (
            "sampling/test_records.py::test_every_number_is_fictitious",
            "sessions/test_factory.py::test_every_number_is_fictitious",
        ),
    ),
    8: Invariant(
        "One behaviour, every client",
        (
            "adapters/test_conformance.py::test_same_bytes_and_journal",
            "clients/test_clients.py::test_aiobotocore",
        ),
    ),
    9: Invariant(
        "Nothing meant for Chime leaves the machine",
        (
            "test_stub.py::test_swallowed_unexpected_request",
            "adapters/test_dispatch.py::test_every_endpoint_that_botocore_resolves",
            "adapters/test_environment.py::test_dummy_keys_inside",
            "adapters/test_moto.py::test_every_nesting_restores_all_patches",
            "adapters/test_endpoints.py::test_an_endpoint_setting",
            "adapters/test_endpoints.py::test_a_client_that_is_not_intercepted",
            "adapters/test_mocks.py::test_each_answers_its_own_host",
        ),
    ),
    10: Invariant(
        "What is handed out is the caller's",
        (
            "strategies/test_sessions.py::test_a_consumer_may_change_its_input",
            "sessions/test_factory.py::test_sessions_share_no_value",
            "engine/cases/test_violations.py::test_cases_share_no_arrays_and_objects",
            "service/test_service.py::test_threads",
            "sampling/test_job.py::test_a_job_of_any_schema_can_be_pickled",
            "engine/test_sharing.py::test_threads_may_share_a_new_contract",
            "engine/test_sharing.py::test_a_contract_may_be_copied",
            "engine/test_sharing.py::test_threads_may_share_a_new_strategy",
            "test_copies.py::test_public_records_are_equal_to_their_copies",
            "test_copies.py::test_what_owns_a_resource_can_not_be_copied",
            "sessions/test_factory.py::test_a_copy_continues_where_its_original_is",
        ),
    ),
}


def functions_of(file):
    """The names of the tests of a file."""
    tree = ast.parse((TOP / "tests" / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("number", INVARIANTS)
def test_each_invariant_names_tests_that_exist(number):
    """A test that is renamed or deleted is missed here."""
    for name in INVARIANTS[number].tests:
        file, _, function = name.partition("::")
        assert function in functions_of(file), name


def test_contributing_states_the_same_invariants():
    """CONTRIBUTING.md has the same ten titles, by the same numbers."""
    text = (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8")
    stated = {int(number): title for number, title in re.findall(r"^(\d+)\. \*\*(.+?)[.:]?\*\*", text, re.MULTILINE)}
    assert stated == {number: invariant.title for number, invariant in INVARIANTS.items()}


def sites(schema, path=()):
    """The path of every keyword of the session schema that asserts a limit."""
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            for name, inner in value.items():
                yield from sites(inner, (*path, key, name))
        elif key == "items":
            yield from sites(value, (*path, key))
        elif key in CHANGES:
            yield (*path, key)


CHANGES = {
    "maxLength": lambda value: value - 7,
    "minLength": lambda value: value + 3,
    "minimum": lambda value: value + 5,
    "enum": lambda value: [*value, "Brand-new"],
    "pattern": lambda value: "^[a-f]{4}$",
    "required": lambda value: value[:1],
}
SITES = list(sites(SCHEMA))


@pytest.mark.slow
@pytest.mark.parametrize("site", SITES if IS_NIGHTLY else {site[-1]: site for site in SITES}.values(), ids="/".join)
def test_everything_follows_a_changed_keyword(site):
    """One keyword changed: values and edges are valid by the changed schema, and violations break the changed limit.

    Each keyword is changed at one location, and at all of them in a nightly run.
    """
    changed = json.loads(json.dumps(SCHEMA))
    holder = json_pointer.resolve(changed, json_pointer.join(site[:-1]))
    keyword, before = site[-1], holder[site[-1]]
    holder[keyword] = limit = CHANGES[keyword](before)
    first = jsonschema_rs.Draft202012Validator(changed, validate_formats=True)
    second = Draft202012Validator(changed, format_checker=FormatChecker())
    contract = Contract(changed)
    values = [generate(contract, index=index) for index in range(30)]
    for value in values + [edge.instance for edge in enumerate_edges(contract)]:
        assert first.is_valid(value)
        assert second.is_valid(value)
    violations = enumerate_violations(contract)
    for violation in violations:
        assert len(list(first.iter_errors(violation.instance))) == 1, violation.id
    broken = [violation for violation in violations if violation.schema_pointer == json_pointer.join(site)]
    assert broken
    assert all(violation.limit == limit for violation in broken)
    if keyword == "required":
        assert {violation.variant for violation in broken} == set(limit)


ONE_NUMBER = """
import json, sys
import boto3
from hypothesis import Phase, find, settings
from chime_fixtures import ChimeStub, InvalidInstanceError, ProxySessionFactory
from chime_fixtures import enumerate_edges, enumerate_violations, load_contract, proxy_sessions
from chime_fixtures.cli import cli
from click.testing import CliRunner
contract = load_contract("ProxySession")
shrunk = settings(phases=[Phase.generate, Phase.shrink])
longest = len(find(proxy_sessions(), lambda session: len(session.get("Name", "")) >= 64, settings=shrunk)["Name"])
broken = [len(each.value) for each in enumerate_violations(contract) if each.id == "Name.maxLength"]
edge = [len(each.instance["Name"]) for each in enumerate_edges(contract) if each.id == "Name.longest"]
names = max(len(session["Name"]) for session in ProxySessionFactory().batch(200))
with ChimeStub() as stub:
    try:
        stub.add_session(ProxySessionFactory().build(Name="x" * 65, check=False))
    except InvalidInstanceError as error:
        refused = "64" in str(error)
listed = CliRunner().invoke(cli, ["violations", "--pointer", "/Name", "--keyword", "maxLength"]).stdout
print(json.dumps([longest, broken, edge, names <= 64, refused, "(65 characters)" in listed]))
"""


@pytest.mark.slow
def test_everything_follows_one_number(tmp_path):
    """128 becomes 64 in a copy of the schema file: strategies, edges, violations, factory, stub and command follow."""
    for name in ("chime_fixtures", "schemas"):
        shutil.copytree(TOP / name, tmp_path / name)
    path = tmp_path / "schemas" / "proxy_session.schema.json"
    schema = json.loads(path.read_text())
    schema["$defs"]["String128"]["maxLength"] = 64
    path.write_text(json.dumps(schema))
    command = [sys.executable, "-c", ONE_NUMBER]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stderr, json.loads(done.stdout or "0")) == ("", [64, [65], [64], True, True, True])
