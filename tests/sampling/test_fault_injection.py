import collections
from fractions import Fraction

import orjson
import pytest

from chime_fixtures.chime.contracts import load_contract
from chime_fixtures.engine.errors import InvalidDocumentError
from chime_fixtures.sampling import reader
from chime_fixtures.sampling.fault_injection import MALFORMED, Faults
from chime_fixtures.sampling.job import Corpus, Job

CONTRACT = load_contract("ProxySession")


def test_a_share_is_exact_in_each_thousand():
    """Every aligned thousand has as many faults as its share says, at places and of kinds that differ."""
    faults = Faults(CONTRACT, 5, invalid=Fraction("0.02"), malformed=Fraction("0.001"))
    found = list(faults.between(0, 20_000))
    kinds = collections.Counter((fault.record // 1000, fault.violation is None) for fault in found)
    assert kinds == {(thousand, broken): count for thousand in range(20) for broken, count in ((False, 20), (True, 1))}
    assert [fault.record for fault in found] == sorted({fault.record for fault in found})
    assert len({fault.id for fault in found if fault.violation}) == min(400, len(faults._catalogue))
    assert {fault.id for fault in found if not fault.violation} == {f"syntax.{name}" for name in MALFORMED}
    assert list(faults.between(3141, 9001)) == [fault for fault in found if 3141 <= fault.record < 9001]


def test_a_share_below_a_thousandth_is_kept_over_more_of_them():
    """What a thousand can't hold as a whole fault comes in a later one."""
    faults = Faults(CONTRACT, 5, invalid=Fraction("0.0004"))
    assert [len(list(faults.between(1000 * n, 1000 * n + 1000))) for n in range(5)] == [0, 0, 1, 0, 1]


def test_each_label_is_true():
    """What is labelled breaks its keyword at its pointer, a broken line can't be read or is told, and nothing else is amiss."""
    corpus = Corpus(Job("", 4000, seed=2, invalid=Fraction("0.05"), malformed=Fraction("0.01")))
    lines = b"".join(corpus.lines(0, 4000)).split(b"\n")[:-1]
    labels = {label["record"]: label for label in map(orjson.loads, corpus.labels(0, 4000))}
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
                reader.parse(line, "-")


@pytest.mark.parametrize("text", [b"5", b"{}", b"[]", b'"a"', b"null", b'{"a":1}', b"[1]", b"true"])
@pytest.mark.parametrize("name", sorted(set(MALFORMED) - {"bom", "blank"}))
def test_every_value_can_be_broken(name, text):
    """Whatever the record was, the broken line is refused by the reader."""
    with pytest.raises(InvalidDocumentError):
        reader.parse(MALFORMED[name](text), "-")
