"""The HTML page of a contract: one safe file, its data, its snippets and its colours."""

import base64
import hashlib
import html.parser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chime_fixtures import Contract
from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.contract_coverage import instance_texts, page, snippets
from chime_fixtures.contract_coverage.coverage import Coverage
from chime_fixtures.contract_coverage.fault_table import FaultNote, FaultRow, FaultTable
from chime_fixtures.contract_coverage.goals import Goal, goals_of
from chime_fixtures.contract_coverage.page import page_data, render_page
from chime_fixtures.engine import pointer as json_pointer
from tests.support.large_schemas import constrained_members
from tests.support.nested import run_nested

ASSETS = Path(page.__file__).parent / "assets"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u2028<!--"
SCHEMA = {
    "title": HOSTILE,
    "description": HOSTILE,
    "type": "object",
    "properties": {
        HOSTILE: {"enum": [HOSTILE, "plain"], "description": HOSTILE},
        "n": {"type": "integer", "maximum": 9},
    },
    "required": ["n"],
}


class Elements(html.parser.HTMLParser):
    """The elements of a page with their attributes, and the text of its script elements."""

    def __init__(self, text):
        super().__init__()
        self.found, self.scripts, self.styles = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        """Record an element."""
        self.found.append((tag, dict(attributes)))

    def handle_data(self, text):
        """Record the text of a script or style element."""
        if self.found and self.found[-1][0] in ("script", "style"):
            kind, attributes = self.found[-1]
            target = self.styles if kind == "style" else self.scripts
            target.append((attributes.get("type"), text)) if text.strip() else None


def hostile_page():
    """A page with hostile text in each place that text comes from outside."""
    contract = Contract(SCHEMA)
    goals = (*goals_of(contract), Goal("outcomes", f"{HOSTILE}.x", None, None, HOSTILE, HOSTILE))
    coverage = Coverage(HOSTILE, goals, {goals[0].key: (HOSTILE,)}, {goals[-1].key: (HOSTILE,)})
    faults = FaultTable.of(
        [FaultRow(HOSTILE, HOSTILE, 1, HOSTILE, "unaffected", HOSTILE)], [FaultNote(HOSTILE, HOSTILE)]
    )
    return render_page(contract, coverage=coverage, faults=faults)


@pytest.fixture(scope="module")
def hostile():
    return Elements(hostile_page())


def test_hostile_text_stays_text(hostile):
    """No text of a schema, test or fault begins or ends an element; the data has it unchanged."""
    clean = Elements(render_page(Contract({"type": "integer"})))
    assert [tag for tag, _ in hostile.found] == [tag for tag, _ in clean.found]
    (data,) = [json.loads(text) for kind, text in hostile.scripts if kind == "application/json"]
    assert data["contract"] == HOSTILE
    assert data["nodes"][0]["description"] == HOSTILE
    assert [node["name"] for node in data["nodes"]] == ["", HOSTILE, "n"]
    assert data["tests"] == [HOSTILE]
    assert data["operations"] == [
        {
            "name": HOSTILE,
            "goals": [{"set": "outcomes", "id": f"{HOSTILE}.x", "label": "x", "pointer": None, "received": [1, 0]}],
        }
    ]
    assert (data["faults"]["rows"][0]["detail"], data["faults"]["notes"][0]["reason"]) == (HOSTILE, HOSTILE)


def test_text_that_is_not_unicode():
    """A lone surrogate in a name is no obstacle; the page can be encoded."""
    contract = Contract({"type": "null"}, name="a\ud800")
    assert b"<title>a\\ud800: contract explorer</title>" in render_page(contract).encode()


def test_only_its_own_parts_may_run(hostile):
    """The policy allows the styles and scripts of the page by their hashes, and nothing else."""
    (policy,) = [attributes["content"] for _, attributes in hostile.found if "http-equiv" in attributes]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    hashes = {
        kind: [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts]
        for kind, texts in (
            ("style-src", [text for _, text in hostile.styles]),
            ("script-src", [text for kind, text in hostile.scripts if kind is None]),
        )
    }
    assert {name: rule.split() for name, rule in rules.items()} == {
        "default-src": ["'none'"],
        **hashes,
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    attributes = {name for _, each in hostile.found for name in each}
    assert attributes.isdisjoint({"src", "style", "onclick", "action"})
    assert all(each["href"].startswith("#") for _, each in hostile.found if "href" in each)


def test_the_assets():
    """Scripts set text as text, and neither styles nor scripts name another resource."""
    scripts = "".join((ASSETS / name).read_text(encoding="utf-8") for name in page.SCRIPTS)
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|fetch\(|import\(|XMLHttp", scripts)
        == []
    )
    every = scripts + "".join((ASSETS / name).read_text(encoding="utf-8") for name in page.STYLES)
    assert re.findall(r"https?:|url\(|@import", every) == []
    assert sorted(each.name for each in ASSETS.iterdir()) == sorted((*page.SCRIPTS, *page.STYLES, "page.html"))
    lengths = {each.name: len(each.read_text(encoding="utf-8").splitlines()) for each in ASSETS.iterdir()}
    assert {name: length for name, length in lengths.items() if length > 500} == {}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize("name", page.SCRIPTS)
def test_the_syntax_of_a_script(name):
    """Node parses the script."""
    subprocess.run(["node", "--check", ASSETS / name], check=True)


def luminance(colour):
    """The relative luminance of a colour by WCAG 2."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first, second):
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_contrast(theme):
    """Each colour of text has the contrast that WCAG 2 AA asks for on each background that it stands on."""
    styles = (ASSETS / "page.css").read_text(encoding="utf-8")
    colours = {
        name: (light, dark)[theme]
        for name, light, dark in re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\)", styles)
    }
    for text in ("text", "quiet", "accent", "met", "part", "valid", "none"):
        for background in (
            "page",
            "surface",
            "raised",
            *(("marked",) if text in ("text", "accent", "met", "valid") else ()),
        ):
            assert contrast(colours[text], colours[background]) >= 4.5, (text, background)
    for fill in ("handed", "met"):
        assert contrast(colours[fill], colours["line"]) >= 3, fill


def rebuilt(data, case):
    """The instance of a case, as the script makes it."""
    if "base" not in case:
        return json.loads(case["json"])
    instance = json.loads(data["bases"][case["base"]])
    if "removed" in case:
        outer, _, name = case["removed"].rpartition("/")
        del json_pointer.resolve(instance, outer)[json_pointer.unescape(name)]
        return instance
    return json_pointer.set_value(instance, case["at"], json.loads(case["json"])) if "json" in case else instance


CASES = {
    "type": "object",
    "properties": {
        "n": {"type": "integer", "minimum": 1},
        "b/~": {"type": "boolean"},
        "long": {"type": "string", "minLength": 210},
        "part": {"type": "object", "properties": {"x": {"const": 1}, "y": {"type": "null"}}, "required": ["x"]},
    },
}


def test_every_case_is_in_the_data():
    """Each edge, hazard and violation has its instance, with every number as it is written."""
    contract = Contract(CASES)
    data = page_data(contract)
    found = {(case["set"], case["id"]): json.dumps(rebuilt(data, case)) for case in data["cases"]}
    sets = {"edges": contract.edges, "hazards": contract.hazards, "violations": contract.catalogue.violations}
    assert found == {(name, case.id): json.dumps(case.instance) for name, cases in sets.items() for case in cases}
    assert data["omitted"] == 0
    numbers = [
        each for node in data["nodes"] for entry in node["constraints"] for each in entry["edges"] + entry["violations"]
    ]
    numbers += [each for node in data["nodes"] for each in node["hazards"]]
    assert sorted(numbers) == list(range(len(data["cases"])))


def test_what_a_run_met():
    """A case has the tests of each column, at most some by name; one that was not met has the hint."""
    contract = Contract({"type": "integer", "minimum": 1})
    (least, second) = (Goal("edges", name, "", "minimum", None, f"paste {name}") for name in ("least", "least-plus-1"))
    tests = tuple(f"test_{number}" for number in range(30))
    coverage = Coverage("schema", (least, second), {}, {least.key: tests})
    data = page_data(contract, coverage=coverage)
    cases = {case["id"]: case for case in data["cases"] if case["set"] == "edges"}
    assert cases["least"]["received"] == [30, *range(page.MAX_TESTS)]
    assert "hint" not in cases["least"]
    assert cases["least-plus-1"]["hint"] == "paste least-plus-1"
    assert data["dimensions"] == [{"name": "edges", "goals": 2, "handed": 0, "received": 1}]
    assert data["tests"] == list(tests[: page.MAX_TESTS])


def test_a_goal_for_each_constraint():
    """A goal that stands for all cases of a constraint marks each of them."""
    contract = Contract({"type": "integer"})
    goal = Goal("violations", "type", "", "type")
    data = page_data(contract, coverage=Coverage("schema", (goal,), {goal.key: ("test",)}, {}))
    assert {tuple(case.get("handed", ())) for case in data["cases"] if case["set"] == "violations"} == {(1, 0)}
    assert data["operations"] == []


SNIPPETS = {
    "values": {
        "type": "object",
        "properties": {"a b": {"type": "string", "maxLength": 3, "examples": ["a"]}},
        "required": ["a b"],
    },
    "items": {"type": "array", "items": {"enum": ["x", "y"]}, "minItems": 1},
    "union": {"oneOf": [{"type": "string", "minLength": 1}, {"type": "integer"}]},
    "hostile": SCHEMA,
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_snippets_run(name, run_snippet):
    """Each snippet is a test module that passes, with one test for each case."""
    contract = Contract(SNIPPETS[name], name="x")
    data = page_data(contract, expression=f"Contract({SNIPPETS[name]!r}, name='x')")
    for node in data["nodes"]:
        for entry in node["constraints"]:
            if entry["edges"] or entry["violations"]:
                text = data["heads"][entry["head"]] + entry["snippet"]
                assert run_snippet(text) == len(entry["edges"]) + len(entry["violations"])
        if node["hazards"]:
            assert run_snippet(data["heads"]["enumerate_hazards"] + node["snippet"]) == len(node["hazards"])


@pytest.fixture
def run_snippet():
    """Runs a test module as pytest does, by its parameters; returns the number of its tests."""

    def run(text):
        names = {}
        exec(compile(text, "snippet.py", "exec"), names)
        count = 0
        for function in [each for name, each in names.items() if name.startswith("test_")]:
            (mark,) = function.pytestmark
            assert mark.name == "parametrize"
            for case in mark.args[1]:
                function(case)
                count += 1
            assert len(set(map(mark.kwargs["ids"], mark.args[1]))) == len(mark.args[1])
        return count

    return run


@pytest.mark.slow
def test_snippets_run_in_pytest(pytester):
    """Saved as files, the snippets of a bundled contract pass in pytest, and each case is a test with its id."""
    data = page_data(load_contract("CountryList"))
    for number, node in enumerate(data["nodes"]):
        for place, entry in enumerate(node["constraints"]):
            if "snippet" in entry:
                text = data["heads"][entry["head"]] + entry["snippet"]
                pytester.makepyfile(**{f"test_{number}_{place}": text})
        if "snippet" in node:
            pytester.makepyfile(**{f"test_{number}_hazards": data["heads"]["enumerate_hazards"] + node["snippet"]})
    result = run_nested(pytester, "-v")
    result.assert_outcomes(passed=len(data["cases"]))
    result.stdout.fnmatch_lines([f"*_edges_are_accepted?{load_contract('CountryList').edges[0].id}? PASSED*"])


def test_the_expression_of_the_snippets():
    """It is the one given, else that of the contract, else one in which the file has to be named."""
    head = "import pytest\n\nfrom chime_fixtures import enumerate_hazards, load_contract\n\nCONTRACT = load_contract('CountryList')\n"
    assert page_data(load_contract("CountryList"))["heads"]["enumerate_hazards"] == head
    text = page_data(Contract({"title": "Order", "type": "null"}, name="Order"))["heads"]["enumerate_edges"]
    assert "from chime_fixtures import Contract, enumerate_edges\n" in text
    assert text.endswith("CONTRACT = Contract.of(\"schema.json\")  # the schema of 'Order'\n")


def test_the_expression_of_a_file(tmp_path, monkeypatch):
    """It reads the file with its resources and options, and makes the same contract."""
    monkeypatch.chdir(tmp_path)
    part = {"properties": {"n": {"format": "sku", "type": "string"}, "m": {"$ref": "part.json"}}}
    (tmp_path / "all.json").write_text(json.dumps({"$defs": {"Order": part}}))
    (tmp_path / "part.json").write_text('{"maximum": 3}')
    contract = Contract.from_file(
        "all.json", pointer="/$defs/Order", resources=["part.json"], formats={"sku": "^[A-Z]{3}$"}, dialect="7"
    )
    expression = snippets.expression_of(contract)
    assert expression == (
        "Contract.from_file(\"all.json\", pointer='/$defs/Order', resources=['part.json'], formats={'sku': '^[A-Z]{3}$'}, "
        "dialect='draft 7')"
    )
    made = eval(expression, {"Contract": Contract})
    assert (made.schema, made.constraints) == (contract.schema, contract.constraints)


@pytest.mark.slow
def test_a_large_page(monkeypatch):
    """A member adds no more to a large page than to a small one; beyond the limit cases have no instance."""
    small, large = (len(render_page(Contract(constrained_members(count)))) / count for count in (4, 16))
    assert large < small
    monkeypatch.setattr(page, "MAX_INSTANCE_CHARACTERS", 500)
    data = page_data(Contract(constrained_members(4)))
    assert 0 < data["omitted"] == sum("json" not in each and "base" not in each for each in data["cases"])


def test_long_values_are_shortened():
    """A long string is cut in the middle, a long array at its end; what is not long stays the same object."""
    value = {"a": ["x"] * 3}
    assert instance_texts.shortened(value)[0] is value
    short, is_cut = instance_texts.shortened({"a": "x" * 5000, "b": list(range(100))})
    assert (is_cut, len(short["a"]) < 500, short["b"]) == (True, True, list(range(instance_texts.MAX_ITEMS)))
    assert instance_texts.json_text("a\u200b\U0001f600\u0085") == r'"a\u200b😀\u0085"'


@pytest.mark.parametrize(
    ("base", "value", "tokens"),
    [
        ({"a": 1, "b": [1, 2]}, {"a": 1, "b": [1, 3]}, ("b", "1")),
        ({"a": 1, "b": [1, 2]}, {"a": 2, "b": [1, 3]}, ()),
        ({"a": 1}, {"a": 1.0}, ("a",)),
        ({"a": 1}, {"a": True}, ("a",)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ()),
        ({"a": 1}, {}, ()),
        ([1, {"a": None}], [1, {"a": None}], None),
    ],
)
def test_differences(base, value, tokens):
    """The innermost location with all differences; the order of members and the form of numbers count."""
    assert instance_texts.difference(base, value) == tokens


def test_the_page_needs_no_pytest():
    """The page is made without the pytest plugin, and the command that makes it starts quickly."""
    assert "pytest" not in {name.partition(".")[0] for name in vars(sys.modules[page.__name__])}
