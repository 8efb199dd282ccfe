import random

import pytest

from chime_fixtures.engine.regex import Language
from chime_fixtures.engine.values.calendar_hazards import CALENDAR_HAZARDS
from chime_fixtures.engine.values.choices import RandomChoices
from chime_fixtures.engine.values.text_hazards import TEXT_HAZARDS
from chime_fixtures.engine.values.texts import INFIXES, text_hazards

FREE_TEXT = Language.from_pattern("^[^]*$")
HAZARDS = {hazard.label: hazard for hazard in (*TEXT_HAZARDS, *CALENDAR_HAZARDS)}


@pytest.mark.parametrize("length", [3, 6, 12])
def test_a_short_text_has_each_infix_that_fits(length):
    hazards, choices = text_hazards(FREE_TEXT), RandomChoices(random.Random(0))
    texts = [
        hazards.text(variant, "ab", length, choices)[:length] for _ in range(40) for variant in range(hazards.variants)
    ]
    for infix in INFIXES:
        assert any(infix in text for text in texts) is (len(infix) < length), infix


def test_each_whole_value_has_a_hazard_of_its_own():
    for pattern in ("^[^]*$", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$"):
        met = set()
        for text in text_hazards(Language.from_pattern(pattern)).whole_values:
            new = {label for label, hazard in HAZARDS.items() if "whole" in hazard.roles and hazard.matches(text)} - met
            assert new, text
            met |= new
