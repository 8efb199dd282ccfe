"""`benchmarks/containment.py`: each pair of schemas is compared with its label, and outside validators judge a witness."""

import json

from benchmarks import containment


def pair(first, second, **definitions):
    return {"allOf": [first, {"not": second}], **definitions}


FILES = {
    "sat/draft6_longer.json": pair({"type": "string"}, {"maxLength": 1}),
    "sat/draft4_reference.json": pair({"type": "integer"}, {"$ref": "#/definitions/small/"}, definitions={"small": {"maximum": 3}}),
    "unsat/draft2019_09_shorter.json": pair({"maxLength": 1}, {"maxLength": 2}),
    "unsat/draft6_wrong_label.json": pair({"type": "integer"}, {"type": "string"}),
}  # fmt: skip


def test_the_table(tmp_path):
    """A file whose label is contradicted is listed, and counts as wrong."""
    for name, document in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(document))
    found = list(containment.rows(tmp_path))
    assert [(row.verdict, row.is_wrong) for row in found] == [
        ("breaking", False),
        ("breaking", False),
        ("compatible", False),
        ("breaking", True),
    ]
    lines = containment.table(found)
    assert lines[:4] == [
        "| label | files | breaking | compatible |",
        "| --- | --- | --- | --- |",
        "| sat | 2 | 2 | 0 |",
        "| unsat | 2 | 1 | 1 |",
    ]
    assert lines[6:] == ["unsat/draft6_wrong_label.json: breaking: "]
