import collections
from fractions import Fraction

import orjson
import pytest

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling.fault_injection import MALFORMATIONS, FaultInjector
from chime_fixtures.sampling.job import Sample
from chime_fixtures.sampling.json_text import parse
from tests.support.sessions import session_job

CONTRACT = load_contract("ProxySession")


def test_a_share_is_exact_in_each_thousand():
    """Every block of 1000 records has its share of faults, at different positions and of different kinds."""
    injector = FaultInjector(CONTRACT, 5, invalid=Fraction("0.02"), malformed=Fraction("0.001"))
    found = list(injector.between(0, 20_000))
    kinds = collections.Counter((fault.record // 1000, fault.violation is None) for fault in found)
    assert kinds == {(thousand, broken): count for thousand in range(20) for broken, count in ((False, 20), (True, 1))}
    assert [fault.record for fault in found] == sorted({fault.record for fault in found})
    assert len({fault.id for fault in found if fault.violation}) == min(400, len(injector._violations))
    assert {fault.id for fault in found if not fault.violation} == {f"syntax.{name}" for name in MALFORMATIONS}
    assert list(injector.between(3141, 9001)) == [fault for fault in found if 3141 <= fault.record < 9001]


def test_a_share_below_a_thousandth_is_carried_over():
    """The fraction of a fault in one block is carried over to a later block."""
    injector = FaultInjector(CONTRACT, 5, invalid=Fraction("0.0004"))
    assert [len(list(injector.between(1000 * n, 1000 * n + 1000))) for n in range(5)] == [0, 0, 1, 0, 1]


def test_each_label_matches_its_record():
    """A labelled record violates its keyword at its pointer, a malformed line can't be parsed, and all others are valid."""
    sample = Sample(session_job("", 4000, seed=2, invalid=Fraction("0.05"), malformed=Fraction("0.01")))
    lines = b"".join(sample.lines(0, 4000)).split(b"\n")[:-1]
    labels = {label["record"]: label for label in map(orjson.loads, sample.labels(0, 4000))}
    assert (len(lines), len(labels)) == (4000, 240)
    for record, line in enumerate(lines):
        label = labels.get(record)
        if label is None or label["keyword"]:
            (fault,) = CONTRACT.check(orjson.loads(line)) or [None]
            assert (fault and (fault.pointer, fault.keyword)) == (label and (label["pointer"], label["keyword"]))
        elif label["id"] == "syntax.blank":
            assert line == b""
        elif label["id"] == "syntax.bom":
            assert line.startswith(b"\xef\xbb\xbf{")
        else:
            with pytest.raises(InvalidDocumentError):
                parse(line, "-")


@pytest.mark.parametrize("text", [b"5", b"{}", b"[]", b'"a"', b"null", b'{"a":1}', b"[1]", b"true"])
@pytest.mark.parametrize("name", sorted(set(MALFORMATIONS) - {"bom", "blank"}))
def test_every_value_can_be_malformed(name, text):
    """The malformed line of any record is rejected by the parser."""
    with pytest.raises(InvalidDocumentError):
        parse(MALFORMATIONS[name](text), "-")
