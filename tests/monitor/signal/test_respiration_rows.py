"""Who else is in a batch, and who is pushed when, changes nobody's respiration rate by a bit."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings

from monitor.signal.breaths import BreathDetector
from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.signal.found import Found
from monitor.signal.rates import Rates
from monitor.signal.respiration import BreathingRate, ModulatedBreathing
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.batches import Bank, People, Push, Turn, check_sizes, check_turns
from tests.monitor.signal.streams import IMPEDANCE_HZ, LIGHT_HZ, constant, impedance, light, person

ECG_HZ = CHANNELS[Channel.ECG].rate_hz
SECONDS = 80
SOMEBODY = [
    person(seed="calm"),
    person(Noise(NoiseKind.MOTION, 3), seed="moved"),
    person(seed="fast", respiration_rate=constant(28)),
]


def chests() -> People:
    """Three, of whom the last has a gap."""
    samples = np.vstack([impedance(each, SECONDS) for each in SOMEBODY])
    samples[2, 700:720] = np.nan
    return People((samples, 1))


def fingers_and_hearts() -> People:
    """Three: with both, with light that is missing for a moment, without an ECG."""
    lights = np.vstack([light(each, SECONDS) for each in SOMEBODY])
    hearts = np.vstack([each.samples(Channel.ECG, 0, SECONDS * ECG_HZ) for each in SOMEBODY])
    lights[1, 5000:5003], hearts[2] = np.nan, np.nan
    return People((lights, 1), (hearts, ECG_HZ // LIGHT_HZ))


CHESTS, FINGERS_AND_HEARTS = chests(), fingers_and_hearts()


def breaths(rows: int) -> Push:
    """Where breaths are, in so many."""
    detector = BreathDetector(IMPEDANCE_HZ, rows)

    def push(streams: Sequence[Array], some: Rows | None) -> Found:
        return detector.push(streams[0], some)

    return push


def by_impedance(rows: int) -> Push:
    """Rates of so many."""
    meter = BreathingRate(IMPEDANCE_HZ, rows)

    def push(streams: Sequence[Array], some: Rows | None) -> Rates:
        return meter.push(streams[0], some)

    return push


def modulated(rows: int) -> Push:
    """Rates of so many."""
    meter = ModulatedBreathing(LIGHT_HZ, ECG_HZ, rows)

    def push(streams: Sequence[Array], some: Rows | None) -> Rates:
        pleth, ecg = streams
        return meter.push(pleth, ecg, some)

    return push


@settings(max_examples=30, deadline=None)
@given(CHESTS.turns(500))
def test_breaths_go_on_by_themselves(turns: list[Turn]) -> None:
    """Whichever rows are pushed in whichever order, each has the breaths that it has alone."""
    check_turns(breaths, CHESTS, turns)


@settings(max_examples=30, deadline=None)
@given(CHESTS.turns(500))
def test_a_chest_goes_on_by_itself(turns: list[Turn]) -> None:
    """And the rates."""
    check_turns(by_impedance, CHESTS, turns)


@settings(max_examples=30, deadline=None)
@given(FINGERS_AND_HEARTS.turns(6000))
def test_a_modulation_goes_on_by_itself(turns: list[Turn]) -> None:
    """And what is told without impedance."""
    check_turns(modulated, FINGERS_AND_HEARTS, turns)


@pytest.mark.parametrize("rows", [2, 3, 17, 64])
@pytest.mark.parametrize(
    ("bank", "people", "ticks"),
    [(breaths, CHESTS, 301), (by_impedance, CHESTS, 301), (modulated, FINGERS_AND_HEARTS, 1301)],
)
def test_nobody_is_touched_by_others(bank: Bank, people: People, ticks: int, rows: int) -> None:
    """In a batch of any size everybody is told what they are told alone."""
    check_sizes(bank, people, rows, ticks)
