"""`benchmarks/openapi.py`: openapi-schema-validator judges each component and each body."""

import json
import warnings

import pytest

from benchmarks import openapi
from tests.support.openapi import openapi_document

ORDER = {
    "type": "object",
    "required": ["id", "size", "start"],
    "properties": {
        "id": {"type": "integer", "format": "int32", "readOnly": True},
        "size": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 1},
        "start": {"type": "string", "format": "time"},
    },
}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_the_table_counts_schemas_values_and_refusals(version, tmp_path, capsys):
    """A component and both bodies have values, which the judge accepts; a refusal has its reason."""
    path = tmp_path / "api.json"
    path.write_text(json.dumps(openapi_document({"Order": ORDER, "Wrong": {"pattern": "("}}, version)))
    with warnings.catch_warnings():
        openapi.main([str(path), "--values", "4", "--violations"])
    refused, line, total = capsys.readouterr().out.splitlines()
    assert refused.startswith(
        "  refused Wrong: UnsupportedSchemaError: unsupported schema: /components/schemas/Wrong/pattern"
    )
    assert line.startswith("api.json: 3 of 4 supported (75.0%), 12 values, 0 bad, ")
    assert " violations, 0 accepted, " in line
    assert total.startswith("all: 3 of 4 ")
