import pytest
from hypothesis import Phase, find, given, seed, settings
from hypothesis import strategies as st

from chime_fixtures.engine.strategies.choices import HypothesisChoices, draw_fixed_integer, independent

LAST_INDICES = (255, 2047)


def index_up_to(last):
    return st.composite(lambda draw: HypothesisChoices(draw).integer(0, last))()


@pytest.mark.parametrize("last", LAST_INDICES)
def test_all_indices_are_equally_likely(last):
    drawn = []

    @seed(0)
    @settings(max_examples=40, database=None, phases=[Phase.generate])
    @given(independent(st.tuples(*[index_up_to(last)] * 8)))
    def collect(indices):
        drawn.extend(indices)

    collect()
    quarters = [sum(index * 4 // (last + 1) == quarter for index in drawn) for quarter in range(4)]
    assert all(0.15 < count / len(drawn) < 0.35 for count in quarters)


@pytest.mark.parametrize("last", LAST_INDICES)
def test_an_index_shrinks_to_the_smallest(last):
    smallest = last * 3 // 4
    assert find(index_up_to(last), lambda index: index >= smallest) == smallest


@pytest.mark.parametrize("last", LAST_INDICES)
def test_a_fixed_index_shrinks_as_a_drawn_one(last):
    @st.composite
    def indices(draw):
        if draw(st.integers(0, 1)):
            return draw_fixed_integer(draw, 0, last, last)
        return HypothesisChoices(draw).integer(0, last)

    smallest = last * 3 // 4
    assert find(indices(), lambda index: index >= smallest) == smallest
