"""The explorer and the report in Chromium: colours, keys, a phone, and nothing fetched."""

from __future__ import annotations

import json
import re

import pytest

from chime_fixtures import Contract
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.cli.serve import contract_page
from chime_fixtures.contract_coverage.coverage import Coverage
from chime_fixtures.contract_coverage.fault_table import OUTCOMES, FaultNote, FaultRow, FaultTable
from chime_fixtures.contract_coverage.goals import Goal, goals_of
from chime_fixtures.contract_coverage.page import page_data, render_page
from chime_fixtures.engine.pointer import printable
from chime_fixtures.server.server import ChimeServer
from chime_fixtures.service import ChimeService
from tests.support.browser import ABSENT, DESKTOP, PHONE, browser

pytestmark = [pytest.mark.slow, pytest.mark.clients]
if ABSENT:
    pytestmark.append(pytest.mark.skip(reason=ABSENT))

HOSTILE = "</script><script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">\u2028'"
LEFT, UP, RIGHT, DOWN = "\ue012", "\ue013", "\ue014", "\ue015"
HOME, END, ENTER, TAB, BACKSPACE = "\ue011", "\ue010", "\ue007", "\ue004", "\ue003"
NUMBER = "+12065550100"


@pytest.fixture(scope="module")
def chromium():
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def explorer(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "explorer.html"
    path.write_text(render_page(load_contract("ProxySession")), encoding="utf-8")
    return path


def coverage_of(contract):
    """Coverage in which each part of a contract has another state."""
    others = [
        Goal("outcomes", "GetProxySession.success", None, None, "GetProxySession", "get()"),
        Goal("outcomes", "GetProxySession.reset", None, None, "GetProxySession", 'chime_stub.fail("reset")'),
        Goal("requests", "CreateProxySession.Name", "/Name", None, "CreateProxySession", "create(Name='x')"),
    ]
    found = goals_of(contract, with_hints=False)
    cases = {goal.key: goal for goal in found if goal.dimension in ("edges", "hazards", "violations")}
    goals = [*cases.values(), *others]
    handed = {key: ("tests/test_a.py::test_draw",) for key, goal in cases.items() if goal.pointer == "/Name"}
    valid = {
        key: ("test_get",) for key, goal in cases.items() if goal.pointer == "/Status" and goal.dimension == "edges"
    }
    return Coverage("ProxySession", tuple(goals), handed, {**valid, others[0].key: (f"test_get[{NUMBER}]", HOSTILE)})


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    contract = load_contract("ProxySession")
    rows = [
        FaultRow("tests/test_a.py::test_b", "ListProxySessions", number, change, outcome, f"TimeoutError: {NUMBER}")
        for number in (1, 2)
        for change, outcome in zip(
            ("throttle", "reset", "reset+commit", "page:short", "read-timeout"), OUTCOMES, strict=True
        )
    ]
    faults = FaultTable.of(rows, [FaultNote("tests/test_a.py::test_given", "a @given test is not run again")])
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_page(contract, coverage=coverage_of(contract), faults=faults), encoding="utf-8")
    return path


def check_nothing_fetched(chromium, path):
    """The only request is that for the page, and the console is empty."""
    assert chromium.requests() == [path.as_uri()]
    assert chromium.run("return performance.getEntriesByType('resource').length") == 0
    assert chromium.errors() == []


def background(chromium):
    return chromium.run("return getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", ["explorer", "report"])
def test_pages_open(chromium, request, name, size):
    """Light and dark, wide and narrow: nothing is fetched, no error is reported, nothing is cut off at the side."""
    path = request.getfixturevalue(name)
    seen = []
    for dark in (False, True):
        chromium.view(size=size, dark=dark)
        chromium.open(path)
        seen.append(background(chromium))
        chromium.disclose("#detail > details")
        assert not chromium.is_too_wide()
        for part in ("operations", "faults") if name == "report" else ():
            chromium.click(f"#tab-{part}")
            chromium.disclose(f"#panel-{part} .constraint")
            assert not chromium.is_too_wide()
        check_nothing_fetched(chromium, path)
    assert seen[0] != seen[1]


def test_the_theme_switch(chromium, explorer):
    """The button chooses light and dark, whatever the system has."""
    chromium.view(dark=True)
    chromium.open(explorer)
    seen = {}
    for _ in range(3):
        seen[chromium.text("#theme")] = background(chromium)
        chromium.click("#theme")
    assert seen["Theme: system"] == seen["Theme: dark"] != seen["Theme: light"]


def focused(chromium):
    return chromium.run("return document.activeElement.querySelector('.name')?.innerText ?? document.activeElement.id")


def test_keys_of_the_tree(chromium, explorer):
    """Arrows, Home, End and letters move the focus; Enter selects; the tree is one stop of Tab."""
    chromium.view()
    chromium.open(explorer)
    chromium.click("#search")
    chromium.press(TAB)
    assert focused(chromium) == "whole instance"
    chromium.press(DOWN)
    assert focused(chromium) == "VoiceConnectorId"
    chromium.press("p", "a")
    assert focused(chromium) == "Participants"
    chromium.press(RIGHT, RIGHT, RIGHT, RIGHT)
    assert focused(chromium) == "PhoneNumber"
    chromium.press(ENTER)
    assert (chromium.text("#detail h2"), chromium.text("#detail .where")) == (
        "PhoneNumber",
        "/Participants/*/PhoneNumber",
    )
    assert chromium.run("return location.hash") == "#/Participants/*/PhoneNumber"
    assert chromium.run("return document.querySelectorAll('[role=treeitem][tabindex=\"0\"]').length") == 1
    chromium.press(LEFT, LEFT)
    assert focused(chromium) == "each item"
    assert chromium.run("return document.activeElement.getAttribute('aria-expanded')") == "false"
    chromium.press(END)
    assert focused(chromium) == "GeoMatchParams"
    chromium.press(UP, HOME)
    assert focused(chromium) == "whole instance"
    outline = chromium.run("return getComputedStyle(document.activeElement.querySelector('.row')).outlineStyle")
    assert outline == "solid"


def test_the_skip_link(chromium, explorer):
    """The first stop of Tab leads to the selected member."""
    chromium.open(explorer)
    chromium.press(TAB)
    assert chromium.run("return document.activeElement.className") == "skip"
    chromium.press(ENTER)
    assert chromium.run("return document.activeElement.id") == "detail"


def test_the_filter(chromium, explorer):
    """Members with the text in their location, keywords or ids are shown, and their cases."""
    chromium.view()
    chromium.open(explorer)
    chromium.click("#search")
    chromium.press(*"two-signs")
    assert chromium.text("#found") == "2 members found"
    names = chromium.run("return [...document.querySelectorAll('.tree .name')].map((each) => each.innerText)")
    assert names == ["whole instance", "Participants", "each item", "PhoneNumber", "ProxyPhoneNumber"]
    assert chromium.text("#detail h2") == "PhoneNumber"
    ids = chromium.run("return [...document.querySelectorAll('#detail .case code')].map((each) => each.innerText)")
    assert ids == ["Participants.0.PhoneNumber.pattern.two-signs"]
    chromium.press(*BACKSPACE * 9)
    assert chromium.text("#found") == ""
    assert chromium.text("#detail h2") == "PhoneNumber"
    assert len(chromium.run("return [...document.querySelectorAll('.tree .name')].map((each) => each.innerText)")) == 17


def test_numbers_are_masked_until_asked(chromium, explorer):
    """No shown text has a whole telephone number before the button is pressed."""
    chromium.view()
    chromium.open(f"{explorer.as_uri()}#/Participants/*/PhoneNumber")
    chromium.disclose("#detail > .constraint")
    chromium.disclose("#detail .case")
    assert NUMBER not in chromium.text("body")
    assert not re.search(r"555\D?0100", chromium.text("body"))
    assert "+1206555••••" in chromium.text("body")
    chromium.click("#numbers")
    assert NUMBER in chromium.text("body")
    assert "•" not in chromium.text("body")
    chromium.click("#numbers")
    assert NUMBER not in chromium.text("body")


def test_what_was_met(chromium, report):
    """Members and constraints have the state of the chosen column, in words too; a case has its tests or its hint."""
    chromium.view()
    chromium.open(f"{report.as_uri()}#/Name")

    def states():
        script = """return Object.fromEntries([...document.querySelectorAll('.tree .label')].map((each) =>
            [each.querySelector('.name').innerText, each.querySelector('.sign')?.getAttribute('aria-label')]))"""
        found = chromium.run(script)
        return [found[name] for name in ("Name", "Status", "GeoMatchLevel", "whole instance")]

    assert states() == ["met", "met only validly", "not met", "not met"]
    assert "tests/test_a.py::test_draw" not in chromium.text("#detail")
    chromium.disclose("#detail .constraint:first-of-type")
    chromium.disclose("#detail .case:first-of-type")
    assert "Handed out in\ntests/test_a.py::test_draw" in chromium.text("#detail .case")
    chromium.disclose("#detail .paste:first-of-type")
    assert "Tests that met it\nHanded out in\ntests/test_a.py::test_draw" in chromium.text("#detail .constraint")
    chromium.click("#columns [value=received]")
    assert states() == ["not met", "met only validly", "not met", "not met"]
    chromium.click("#tab-operations")
    panel = chromium.text("#panel-operations")
    assert "GetProxySession\n" in panel
    assert "1 of 2 met" in panel
    chromium.disclose("#panel-operations .constraint")
    chromium.disclose("#panel-operations .case")
    panel = chromium.text("#panel-operations")
    assert 'To meet it, paste\nchime_stub.fail("reset")' in panel
    assert "test_get[+1206555••••]" in panel
    assert HOSTILE in panel
    assert chromium.driver.title == "ProxySession: contract coverage"


def test_the_fault_table(chromium, report):
    """A row has its outcome in words and the command that runs it again; an outcome can be chosen."""
    chromium.open(report)
    chromium.click("#tab-faults")
    chromium.click("#panel-faults .choice:nth-child(3)")
    chromium.disclose("#panel-faults .case")
    rows = chromium.run("return [...document.querySelectorAll('#panel-faults .case')].map((each) => each.innerText)")
    assert len(rows) == 2
    assert "reset+commit\nassertion failed" in rows[0]
    assert "TimeoutError: +1206555••••" in rows[0]
    assert "pytest tests/test_a.py::test_b --chime-fault-schedule 'ListProxySessions#1:reset+commit'" in rows[0]
    assert "tests/test_a.py::test_given: a @given test is not run again" in chromium.text("#panel-faults")


SCHEMA = {
    "title": HOSTILE,
    "type": "object",
    "properties": {
        HOSTILE: {"enum": [HOSTILE, "\u202e\u200b"], "description": HOSTILE},
        "n": {"type": "integer", "maximum": 2**60 + 1},
        "f": {"const": 1.0},
        "again": {"$ref": "#"},
    },
}


def test_the_instances_are_exact(chromium, tmp_path):
    """The script shows each instance as Python writes it; hostile text is text, and characters that hide are escaped."""
    contract = Contract(SCHEMA)
    path = tmp_path / "page.html"
    path.write_text(render_page(contract, coverage=coverage_of(contract)), encoding="utf-8")
    chromium.view(size=PHONE)
    chromium.open(path)
    assert chromium.text("h1") == HOSTILE
    script = """return data.cases.map((each) => {
        const block = document.createElement("pre");
        showNumbers(true);
        renderJson(instanceTree(each), null, block);
        return [each.set, each.id, block.textContent];
    })"""
    sets = {"edges": contract.edges, "hazards": contract.hazards, "violations": contract.catalogue.violations}
    known = {(name, case.id): case.instance for name, cases in sets.items() for case in cases}
    shown = {(name, case): text for name, case, text in chromium.run(script)}
    assert {key: json.dumps(json.loads(text)) for key, text in shown.items()} == {
        key: json.dumps(instance) for key, instance in known.items()
    }
    text = "".join(shown.values())
    assert str(2**60 + 1) in text
    assert r"\u202e\u200b" in text
    assert "\u200b" not in text
    for node in page_data(contract)["nodes"]:
        assert (
            chromium.run(
                "members.reveal(data.nodes.findIndex((each) => each.pointer === arguments[0]))", node["pointer"]
            )
            is None
        )
        assert not chromium.is_too_wide()
    check_nothing_fetched(chromium, path)
    assert chromium.driver.title == f"{printable(HOSTILE)}: contract coverage"


def test_the_page_of_the_server(chromium):
    """The server's page is the explorer; it fetches nothing either."""
    with ChimeServer(ChimeService(), pages={"contract": contract_page}) as server:
        address = f"{server.url}/_chime/contract"
        chromium.open(address)
        assert chromium.errors() == []
        assert chromium.text("h1") == "ProxySession"
        assert [each for each in chromium.requests() if not each.endswith("/favicon.ico")] == [address]
        assert chromium.errors() == []
