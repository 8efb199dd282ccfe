"""Tables of the hazards of numbers, against each definition by itself."""

import pytest

from chime_fixtures.engine.cases.number_matchers import NumberMatcher
from chime_fixtures.engine.values.number_hazards import NUMBER_HAZARDS


@pytest.mark.parametrize("hazards", [NUMBER_HAZARDS, NUMBER_HAZARDS[:1], ()], ids=["all", "one", "none"])
def test_numbers(hazards):
    """At each bound of a hazard, next to it, and with a fraction."""
    bounds = [each for hazard in NUMBER_HAZARDS for each in (hazard.start, hazard.low, hazard.high) if each is not None]
    matcher = NumberMatcher([*enumerate(hazards)])
    for number in {
        0,
        -0.0,
        2.5,
        1e-7,
        *bounds,
        *(each + step for each in bounds for step in (-1, 1, 0.5) if each < 2**70),
    }:
        expected = [position for position, hazard in enumerate(hazards) if hazard.matches(number)]
        assert (number, matcher.positions(number)) == (number, expected)
