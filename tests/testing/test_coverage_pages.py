"""The HTML report of contract coverage: the page of each contract of a run."""

import json
import pickle
import re

import pytest

from chime_fixtures import Contract
from chime_fixtures.contract_coverage.coverage import Coverage
from chime_fixtures.contract_coverage.fault_table import FaultRow, FaultTable
from chime_fixtures.contract_coverage.goals import goals_of
from chime_fixtures.testing.coverage_pages import pages, pickled, unpickled
from tests.support.nested import run_nested


def data_of(page):
    """The data of a page."""
    return json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', page)[0])


def coverage_of(contract):
    return Coverage(contract.name, goals_of(contract, with_hints=False), {}, {})


def test_a_page_for_each_contract():
    """The first one is the index, with the fault table; the names of the others differ on every file system."""
    contracts = [Contract({"type": "null"}, name=name) for name in ("First", "Order", "order", "../ü", "Index")]
    faults = FaultTable.of([FaultRow("test", "GetProxySession", 1, "reset", "unaffected")])
    coverages = [*map(coverage_of, contracts), Coverage("gone", (), {}, {})]
    found = dict(pages(coverages, contracts, faults))
    assert list(found) == ["index.html", "Order.html", "order-2.html", "contract.html", "Index-1.html", "gone.html"]
    assert found.pop("gone.html") is None
    written = {name: data_of(page) for name, page in found.items()}
    assert [data["contract"] for data in written.values()] == [contract.name for contract in contracts]
    assert [name for name, data in written.items() if data["faults"]] == ["index.html"]


def test_contracts_of_one_name():
    """Each page has the contract whose cases are the goals."""
    contracts = [Contract({"type": "integer", bound: 3}, name="schema") for bound in ("minimum", "maximum")]
    found = [data_of(page) for _, page in pages(map(coverage_of, reversed(contracts)), contracts, None)]
    keywords = [[entry["keyword"] for entry in data["nodes"][0]["constraints"]] for data in found]
    assert ["maximum" in each for each in keywords] == [True, False]
    assert ["minimum" in each for each in keywords] == [False, True]


def test_contracts_of_workers():
    """Equal contracts of several workers are read once."""
    contract = Contract({"const": 5}, name="five")
    (found,) = unpickled([*pickled([contract]), *pickled([pickle.loads(pickle.dumps(contract))])])
    assert (found.name, found.schema) == ("five", {"const": 5})


@pytest.mark.slow
def test_the_report_of_a_run(pytester):
    """The folder has a page of the contract of the run, and one of each other contract; the fault table is in the first."""
    pytester.makepyfile(
        """
        from hypothesis import given
        from chime_fixtures import from_schema

        def test_reads(chime_stub, chime_client):
            stored = chime_stub.add_session({"Name": "x" * 128})
            ids = {name: stored[name] for name in ("VoiceConnectorId", "ProxySessionId")}
            assert chime_client.get_proxy_session(**ids)["ProxySession"]["Name"]

        @given(from_schema({"title": "Other", "type": "boolean"}))
        def test_other(value): pass
        """
    )
    result = run_nested(pytester, "--chime-cov", "--chime-cov-report=html:out/pages", "--chime-each-fault")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*written to out/pages/index.html", "*written to out/pages/Other.html"])
    folder = pytester.path / "out" / "pages"
    first, other = (data_of((folder / name).read_text(encoding="utf-8")) for name in ("index.html", "Other.html"))
    assert (first["contract"], other["contract"]) == ("ProxySession", "Other")
    met = [case["id"] for case in first["cases"] if "received" in case]
    assert "Name.longest" in met
    assert all(case["hint"] for case in first["cases"] if case["set"] == "edges" and "received" not in case)
    assert {first["tests"][row["test"]] for row in first["faults"]["rows"]} == {
        "test_the_report_of_a_run.py::test_reads"
    }
    assert other["faults"] is None
