"""Contracts of every component and every body of OpenAPI documents: values by outside validators, and time.

    python benchmarks/openapi.py FILE... [--values N] [--sample N] [--violations] [--annotation NAME]

The judge of OpenAPI 3.0 is OAS30ReadValidator or OAS30WriteValidator of openapi-schema-validator, that of 3.1
OAS31Validator with the keywords `required`, `readOnly` and `writeOnly` of the first two. `--values N` and `--sample N`
limit the values of each schema and the schemas of each file; `--annotation NAME` is a keyword that is misspelt in the
document. Times are CPU seconds.

The documents are not in this repository. They are on GitHub: discord/discord-api-spec, openai/openai-openapi,
Adyen/adyen-openapi, plaid/plaid-openapi and twilio/twilio-oai.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import random
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import referencing
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.validators import extend
from openapi_schema_validator import OAS30ReadValidator, OAS30Validator, OAS30WriteValidator, OAS31Validator
from referencing.jsonschema import DRAFT4, DRAFT202012

from chime_fixtures.engine.contract import Contract, generate
from chime_fixtures.engine.enumeration import iter_violations
from chime_fixtures.engine.errors import EngineError, SchemaWarning
from chime_fixtures.engine.schema.options import SchemaOptions
from chime_fixtures.engine.sources.files import read_openapi
from chime_fixtures.engine.sources.openapi import OpenAPIDocument


def _format_checker(judge: Any) -> FormatChecker:
    """The formats of a judge, those of JSON Schema by draft 2020-12: its `time` is that of draft 3, without a zone."""
    checker = FormatChecker(())
    checker.checkers = {**judge.FORMAT_CHECKER.checkers, **Draft202012Validator.FORMAT_CHECKER.checkers}
    return checker


MAX_VIOLATIONS = 500
"""Violations of each schema that are judged."""

# A component by itself requires all properties; OAS30Validator leaves out those of one direction.
_REQUIRED = {"required": OAS31Validator.VALIDATORS["required"]}
JUDGES_3_0 = {None: extend(OAS30Validator, _REQUIRED), "request": OAS30WriteValidator, "response": OAS30ReadValidator}


def _judge_3_1(first: Any) -> Any:
    """The validator of 3.1 with the keywords about directions of one of 3.0, and with its boolean bounds."""
    keywords = {
        name: first.VALIDATORS[name] for name in ("required", "readOnly", "writeOnly") if name in first.VALIDATORS
    }
    for limit in ("minimum", "maximum"):
        name = f"exclusive{limit.capitalize()}"
        keywords[limit] = _unless_boolean(name, OAS31Validator.VALIDATORS[limit], OAS30Validator.VALIDATORS[limit])
        keywords[name] = _unless_boolean(name, OAS31Validator.VALIDATORS[name], lambda *_: ())
    return extend(OAS31Validator, keywords)


def _unless_boolean(name: str, number: Callable[..., Any], boolean: Callable[..., Any]) -> Callable[..., Any]:
    """A keyword of 3.1, or that of 3.0 if the exclusive bound is a boolean."""

    def rule(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        chosen = boolean if isinstance(schema.get(name), bool) else number
        return chosen(validator, value, instance, schema)

    return rule


JUDGES_3_1 = {
    None: extend(_judge_3_1(OAS31Validator), _REQUIRED),
    "request": _judge_3_1(OAS30WriteValidator),
    "response": _judge_3_1(OAS30ReadValidator),
}


class Case(NamedTuple):
    """One schema of a document: its name, pointer and direction, and the arguments of `Contract.from_openapi`."""

    name: str
    pointer: str
    direction: Any
    arguments: dict[str, Any]


def cases(document: OpenAPIDocument) -> Iterator[Case]:
    """Every component, and every request and response body with a schema."""
    for name in document.components:
        yield Case(name, document.component(name)[1], None, {"component": name})
    operations = document.operations
    named = {
        location: name for names in (operations["by_path"], operations["by_id"]) for name, location in names.items()
    }
    for name in named.values():
        for body in document.bodies(name):
            arguments = {
                "operation": name,
                "part": body.part,
                "status": body.status,
                "media_type": body.media_type,
            }
            yield Case(f"{body.name} {body.media_type}", body.location[1], body.part, arguments)


class Result(NamedTuple):
    """The outcome of one schema: the reason of a refusal, the values and those that the judge rejects, the CPU seconds.

    With `--violations` also their number, and those that the judge accepts.
    """

    reason: str | None
    values: int
    bad: list[tuple[Any, Any]]
    seconds: float
    violations: int = 0
    accepted: tuple[Any, ...] = ()


def examine(file: str, case: Case, judge: Any, count: int, annotations: list[str], *, with_violations: bool) -> Result:
    """Generate values of one schema, and judge them."""
    start = time.process_time()
    try:
        contract = Contract.from_openapi(file, annotations=annotations, **case.arguments)
        values = [generate(contract, seed=1, index=index) for index in range(count)]
        violations = list(itertools.islice(iter_violations(contract), MAX_VIOLATIONS)) if with_violations else []
    except EngineError as error:
        return Result(f"{type(error).__name__}: {str(error)[:300]}", 0, [], time.process_time() - start)
    seconds = time.process_time() - start
    bad = []
    for value in values:
        error = next(judge.iter_errors(value), None)
        if error is not None:
            bad.append((value, error))
    accepted = tuple(each for each in violations if not each.contested and _accepts(judge, each.instance))
    return Result(None, len(values), bad, seconds, len(violations), accepted)


def _accepts(judge: Any, instance: Any) -> bool:
    try:
        return bool(judge.is_valid(instance))
    except UnicodeEncodeError:
        # Its check of `byte` can't read text that is not ASCII.
        return False


def main(arguments: list[str] | None = None) -> None:
    """Print a line for each file, and the reasons of the refusals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--values", type=int, default=20)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--violations", action="store_true")
    parser.add_argument("--annotation", action="append", default=[])
    parser.add_argument("--slow", type=float, default=5.0, help="seconds from which a schema is listed")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore", SchemaWarning)
    total = collections.Counter[str]()
    reasons = collections.Counter[str]()
    for file in options.files:
        start = time.process_time()
        document = read_openapi(file, resources=(), options=SchemaOptions())
        raw = document.document
        is_3_0 = str(raw["openapi"]).startswith("3.0")
        specification = DRAFT4 if is_3_0 else DRAFT202012
        registry = referencing.Registry().with_resource("urn:document", specification.create_resource(raw))
        found = list(cases(document))
        if options.sample is not None and options.sample < len(found):
            found = random.Random(1).sample(found, options.sample)
        counts = collections.Counter[str](schemas=len(found))
        for case in found:
            judge_class = (JUDGES_3_0 if is_3_0 else JUDGES_3_1)[case.direction]
            judge = judge_class(
                {"$ref": f"urn:document#{_quoted(case.pointer)}"},
                registry=registry,
                format_checker=_format_checker(judge_class),
            )
            result = examine(file, case, judge, options.values, options.annotation, with_violations=options.violations)
            if result.reason is None:
                counts["supported"] += 1
            else:
                reasons[result.reason.partition(": ")[0]] += 1
                print(f"  refused {case.name}: {result.reason}")
            counts["values"] += result.values
            counts["bad"] += len(result.bad)
            counts["violations"] += result.violations
            counts["accepted"] += len(result.accepted)
            for violation in result.accepted[:1]:
                print(f"  accepted {case.name}: {violation.id}: {violation.summary[:200]}")
            for value, error in result.bad[:1]:
                path = "/".join(map(str, error.absolute_schema_path))[-120:]
                print(f"  bad {case.name}: {error.message[:150]} at {path}; {str(value)[:100]}")
            if result.seconds > options.slow:
                print(f"  slow {case.name}: {result.seconds:.1f} s")
            counts["milliseconds"] += round(result.seconds * 1000)
        total += counts
        print(_line(Path(file).name, counts, time.process_time() - start), flush=True)
    print(_line("all", total, total["milliseconds"] / 1000))


def _quoted(pointer: str) -> str:
    from urllib.parse import quote

    return quote(pointer, safe="/~$")


def _line(name: str, counts: collections.Counter[str], seconds: float) -> str:
    supported, schemas = counts["supported"], counts["schemas"]
    labelled = f"{counts['violations']} violations, {counts['accepted']} accepted, " if counts["violations"] else ""
    return (
        f"{name}: {supported} of {schemas} supported ({supported / max(schemas, 1):.1%}), {counts['values']} values, "
        f"{counts['bad']} bad, {labelled}{counts['milliseconds'] / 1000:.1f} s for contracts and values, "
        f"{seconds:.1f} s in all"
    )


if __name__ == "__main__":
    main()
