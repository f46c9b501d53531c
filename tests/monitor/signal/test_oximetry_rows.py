"""Who else is in a batch, and who is pushed when, changes nobody's saturation by a bit."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings

from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.signal.oximetry import Oximeter, Saturations
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.batches import People, Push, Turn, check_sizes, check_turns
from tests.monitor.signal.test_oximetry import RATE, light


def people() -> People:
    """Calm, moved, with a gap, and with a sensor that is off for a moment."""
    both = [light(20), light(20, None, Noise(NoiseKind.MOTION, 3)), light(20), light(20)]
    red, infrared = (np.stack([each[number] for each in both]) for number in range(2))
    red[2, 700:720], infrared[3, 1000] = np.nan, 0
    return People((red, 1), (infrared, 1))


PEOPLE = people()


def bank(rows: int) -> Push:
    """The oximeter of so many."""
    oximeter = Oximeter(RATE, rows)

    def push(streams: Sequence[Array], some: Rows | None) -> Saturations:
        red, infrared = streams
        return oximeter.push(red, infrared, some)

    return push


@settings(max_examples=40, deadline=None)
@given(PEOPLE.turns(700))
def test_a_row_goes_on_by_itself(turns: list[Turn]) -> None:
    """Whichever rows are pushed in whichever order, each is told what it would be told alone."""
    check_turns(bank, PEOPLE, turns)


@pytest.mark.parametrize("rows", [2, 3, 17, 64])
def test_nobody_is_touched_by_others(rows: int) -> None:
    """In a batch of any size everybody is told what they are told alone."""
    check_sizes(bank, PEOPLE, rows, 301)
