"""OpenAPI documents on the command line."""

import json

from click.testing import CliRunner

from chime_fixtures.cli import cli
from tests.support.openapi import openapi_document


def test_a_component_is_named_by_its_pointer(tmp_path):
    """`--schema FILE#POINTER`; an error names the closest component, or all names for the whole document."""
    path = tmp_path / "api.json"
    order = {"type": "object", "required": ["item"], "properties": {"item": {"type": "string", "nullable": True}}}
    path.write_text(json.dumps(openapi_document({"Order": order})))

    def run(name):
        return CliRunner().invoke(cli, ["sample", "--schema", f"{path}{name}", "--count", "1"])

    assert json.loads(run("#/components/schemas/Order").output)[0].keys() >= {"item"}
    assert "did you mean" in str(run("#/components/schemas/Ordr").exception)
    assert "schemas: Order; operations: createOrder" in str(run("").exception)
