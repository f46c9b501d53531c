"""Apnoea is told by impedance, also while the heart goes on in it, and by nothing else."""

from collections.abc import Iterable

import numpy as np
import pytest

from monitor.signal.breathing import Impedance
from monitor.signal.chain import Chain
from monitor.signal.respiration import APNOEA_S, BreathingRate
from monitor.vitals import SECOND, Cause, Measured, Quality, Signal
from monitor.waves.run import Run
from simulators.waveforms import Waveforms
from simulators.waves import impedance as simulated
from simulators.waves.channels import CHANNELS, Channel, Worn
from simulators.waves.noise import Noise, NoiseKind
from tests.monitor.signal.streams import IMPEDANCE_HZ, constant, impedance, person, until
from tests.monitor.waves.runs import BEGAN
from tests.simulators.bodies import Course, Scripted

STOPS_S, LASTS_S = 60, 120
LATEST_S = APNOEA_S + 8
"""After the last breath a pause is told: rates come every 4 s, and a breath that is known lasts until its top."""
NOISE = Noise(NoiseKind.WHITE, 30)


def told(
    somebody: Waveforms, *channels: Channel, lasts_s: int = LASTS_S, lost: range = range(0)
) -> list[tuple[int, Measured]]:
    """Respiration rates of a device with these channels, and when each was told, in s; its impedance has a gap."""
    chain, worn = Chain(1), Worn("", "device", BEGAN)
    rates: list[tuple[int, Measured]] = []
    for second in range(lasts_s):
        some = [each for each in channels if each is not Channel.IMPEDANCE or second not in lost]
        for observation in chain.push(list(_runs(somebody, worn, second, some, begins=second in (0, lost.stop)))):
            rates += [(second + 1, each) for each in observation.values if each.signal is Signal.RESPIRATION_RATE]
    return rates


def _runs(somebody: Waveforms, worn: Worn, second: int, channels: Iterable[Channel], *, begins: bool) -> Iterable[Run]:
    for channel in channels:
        rate = CHANNELS[channel].rate_hz
        samples = somebody.samples(channel, second * rate, (second + 1) * rate)
        wave = worn.waveform(channel, second * rate, samples)
        at = BEGAN + (second + 1) * SECOND
        yield Run(wave, 7, second, at, broken=begins, late=False, timed=True)


def test_apnoea_is_a_rate_of_0_that_is_doubted() -> None:
    """From 20 s after the last breath on, and not before; it may be the electrodes as well."""
    rates = told(person(respiration_rate=until(STOPS_S, 14, 0)), Channel.IMPEDANCE)
    apnoea = {second for second, rate in rates if rate.value == 0}
    assert STOPS_S + APNOEA_S - 4 <= min(apnoea) <= STOPS_S + APNOEA_S + 4
    assert apnoea == {second for second, _ in rates if second >= min(apnoea)}
    assert {(rate.quality, rate.cause) for _, rate in rates if rate.value == 0} == {
        (Quality.QUESTIONABLE, Cause.WEAK_SIGNAL)
    }


@pytest.mark.parametrize("channels", [(Channel.INFRARED, Channel.ECG), (Channel.INFRARED,), (Channel.ECG,)])
def test_light_and_ecg_never_tell_apnoea(channels: tuple[Channel, ...]) -> None:
    """A modulation that is gone may be a hand that moved: no rate of them is 0."""
    rates = told(person(respiration_rate=until(STOPS_S, 14, 0)), *channels)
    assert rates
    assert all(rate.value for _, rate in rates)


@pytest.mark.parametrize("heart_rate", [40, 50, 75, 120])
@pytest.mark.parametrize("height_ohm", [0.0, 0.04, 0.12])
def test_the_heart_is_no_breath(monkeypatch: pytest.MonkeyPatch, heart_rate: float, height_ohm: float) -> None:
    """An eighth of a breath high, at any rate, it ends no apnoea."""
    monkeypatch.setattr(simulated, "HEART_OHM", height_ohm)
    somebody = person(respiration_rate=until(STOPS_S, 14, 0), heart_rate=constant(heart_rate))
    rates = BreathingRate(IMPEDANCE_HZ, 1).push(impedance(somebody, LASTS_S))
    assert rates.since_s[-1] > LASTS_S - STOPS_S - 5


@pytest.mark.parametrize(("decibel", "least", "most"), [(0, 0.0, 0.0), (15, 0.9, 1.0)])
def test_motion_in_impedance_is_doubted(decibel: float, least: float, most: float) -> None:
    """As strong as breaths, it makes no rate that is trusted; with a thirtieth of their power it costs few."""
    disturbed = {Channel.IMPEDANCE: (Noise(NoiseKind.MOTION, decibel),)}
    rates = told(Waveforms(Scripted({}), "somebody", disturbed=disturbed), Channel.IMPEDANCE)
    trusted = [rate.quality is Quality.VALID for second, rate in rates if second > 40]
    assert least <= sum(trusted) / len(trusted) <= most


@pytest.mark.parametrize("motion", [0.05, 0.3, 0.5])
def test_who_struggles_without_a_breath_is_told_to_have_none(motion: float) -> None:
    """Less moves in the chest than its breaths did, so breathing would be seen: no rate of what moves, but 0."""
    rates = struggling(motion, stops_s=STOPS_S)
    assert {rate.value for second, rate in rates if second >= STOPS_S + 2 * APNOEA_S} == {0.0}


def test_what_moves_more_than_breaths_hides_them() -> None:
    """Neither a rate that is trusted nor a pause is told while somebody breathes on in large movements."""
    told_of = [rate for second, rate in struggling(1.0, stops_s=LASTS_S) if second > STOPS_S + 2 * APNOEA_S]
    assert all(rate.value != 0 and rate.quality is not Quality.VALID for rate in told_of)
    assert Measured(Signal.RESPIRATION_RATE, None, Quality.INVALID, Cause.MOTION) in told_of


def struggling(motion: float, stops_s: int) -> list[tuple[int, Measured]]:
    """Rates of somebody who moves from STOPS_S on, and breathes until `stops_s`."""
    still, moving = Noise(NoiseKind.WHITE, 30), Noise(NoiseKind.MOTION, -6, moving=True)
    body = Scripted({Signal.RESPIRATION_RATE: until(stops_s, 14, 0)}, motion=until(STOPS_S, 0, motion))
    return told(Waveforms(body, "somebody", disturbed={Channel.IMPEDANCE: (still, moving)}), Channel.IMPEDANCE)


def chest(*noises: Noise, motion: Course | None = None, **courses: Course) -> Waveforms:
    """Somebody with a front end's noise in the impedance, as electrodes on nobody have it, and more."""
    body = Scripted({Signal[name.upper()]: course for name, course in courses.items()}, motion=motion)
    return Waveforms(body, "somebody", disturbed={Channel.IMPEDANCE: (NOISE, *noises)})


def pauses(rates: Iterable[tuple[int, Measured]]) -> set[int]:
    """When a pause was told."""
    return {second for second, rate in rates if rate.value == 0}


def test_who_begins_in_a_pause_is_told_to_be_in_one() -> None:
    """The heart in the impedance says that electrodes are on somebody: there is no breath, and none was hidden."""
    found = pauses(told(person(respiration_rate=constant(0)), Channel.IMPEDANCE))
    assert min(found) <= LATEST_S
    assert found == set(range(min(found), LASTS_S + 1, 4))


@pytest.mark.parametrize("rate", [40, 46, 52, 60, 72])
def test_who_begins_breathing_as_fast_as_a_heart_is_in_no_pause(rate: float) -> None:
    """No heart moves the impedance as much as such breaths do: their rate is told, above 52 nothing but `motion`."""
    rates = told(chest(respiration_rate=constant(rate)), Channel.IMPEDANCE)
    assert all(abs(each.value - rate) < 2 if each.value is not None else rate > 52 for s, each in rates if s > 40)


def test_electrodes_on_nobody_are_no_pause() -> None:
    """Noise alone tells nothing of anybody's breathing, however long it lasts."""
    idle = np.random.default_rng(1).normal(size=(1, LASTS_S * IMPEDANCE_HZ))
    bank = Impedance(IMPEDANCE_HZ)
    rates = [
        rate
        for second in np.split(idle, LASTS_S, axis=1)
        for each in bank.measured(np.array([0]), [second])
        for rate in each
    ]
    assert {rate.value for rate in rates} == {None}


@pytest.mark.parametrize("stops_s", [6, 10, 14, 18])
def test_a_pause_within_the_first_breaths_is_told(stops_s: int) -> None:
    """Before it is known how high breaths are, nothing but the heart in the impedance says that there are none."""
    found = pauses(told(person(respiration_rate=until(stops_s, 14, 0)), Channel.IMPEDANCE))
    assert stops_s + APNOEA_S - 6 <= min(found) <= stops_s + LATEST_S


@pytest.mark.parametrize("others", [(Channel.ECG,), ()])
@pytest.mark.parametrize(("gap_s", "kept"), [(2, True), (20, True), (40, False)])
def test_a_short_gap_leaves_known_how_high_breaths_were(
    monkeypatch: pytest.MonkeyPatch, gap_s: int, others: tuple[Channel, ...], *, kept: bool
) -> None:
    """Of one channel or of all. Who stands still from its end is told so, with no heart to be seen; after a long one
    nothing is known."""
    monkeypatch.setattr(simulated, "HEART_OHM", 0.0)
    gap = range(STOPS_S, STOPS_S + gap_s)
    somebody = chest(respiration_rate=until(STOPS_S, 14, 0))
    rates = told(somebody, *others, Channel.IMPEDANCE, lasts_s=gap.stop + 60, lost=gap)
    found = {second for second in pauses(rates) if second > gap.stop}
    assert bool(found) == kept
    assert all(gap.stop + APNOEA_S <= second for second in found)
    assert not kept or min(found) <= gap.stop + LATEST_S


def test_a_gap_hides_no_breath_that_comes_after_it() -> None:
    """Nobody who breathes on is told a pause, or another rate."""
    gap = range(STOPS_S, STOPS_S + 5)
    rates = told(person(respiration_rate=constant(14)), Channel.ECG, Channel.IMPEDANCE, lost=gap)
    assert all(rate.value is None or abs(rate.value - 14) < 1.5 for _, rate in rates)
    assert any(second > gap.stop + 15 and rate.quality is Quality.VALID for second, rate in rates)


@pytest.mark.parametrize("heart_rate", [45, 50, 60, 75])
def test_a_slow_heart_stays_no_breath_through_a_long_pause(monkeypatch: pytest.MonkeyPatch, heart_rate: float) -> None:
    """Three tenths of a breath high and smooth, it ends no pause in five minutes, and none when it slows by a fifth."""
    monkeypatch.setattr(simulated, "HEART_OHM", 0.3)
    monkeypatch.setattr(simulated, "HEART_WIDTH_S", 0.2)
    slows = until(STOPS_S + 120, heart_rate, 0.8 * heart_rate)
    somebody = chest(respiration_rate=until(STOPS_S, 14, 0), heart_rate=slows)
    rates = told(somebody, Channel.IMPEDANCE, lasts_s=STOPS_S + 300)
    assert {rate.value for second, rate in rates if second >= STOPS_S + LATEST_S} == {0.0}


@pytest.mark.parametrize("heart_rate", [50, 60, 75])
def test_slow_breaths_are_seen_over_a_strong_heart(monkeypatch: pytest.MonkeyPatch, heart_rate: float) -> None:
    """Six breaths a minute are six, from the first half minute on, where the heart is four tenths as high."""
    monkeypatch.setattr(simulated, "HEART_OHM", 0.4)
    monkeypatch.setattr(simulated, "HEART_WIDTH_S", 0.2)
    somebody = chest(respiration_rate=constant(6), heart_rate=constant(heart_rate))
    rates = [rate.value for second, rate in told(somebody, Channel.IMPEDANCE) if second > 40]
    assert all(value is not None and abs(value - 6) < 1 for value in rates)


def test_breathing_slow_at_rest_is_told_soon() -> None:
    """A fall from 14 to 6 breaths a minute is told within the window that rates are of, and trusted."""
    rates = told(chest(respiration_rate=until(STOPS_S, 14, 6)), Channel.IMPEDANCE)
    assert min(second for second, rate in rates if rate.value and rate.value <= 9) <= STOPS_S + 34
    assert all(rate.quality is Quality.VALID for second, rate in rates if second > 40)


MOVES = Noise(NoiseKind.MOTION, -6, moving=True)


def test_movement_makes_no_breathing_slow_and_no_pause() -> None:
    """Who breathes 14 times a minute and moves, much for minutes, is told neither less than 10 nor 0."""
    moving = chest(MOVES, respiration_rate=constant(14), motion=lambda seconds: np.where(seconds % 600 > 300, 0.8, 0))
    rates = told(moving, Channel.IMPEDANCE, lasts_s=3600)
    assert all(rate.value is None or rate.value >= 10 for second, rate in rates if second > 40)


def test_movement_teaches_not_how_high_breaths_are() -> None:
    """Breaths that movement made higher would make the others too low: who breathes on is told no pause."""
    body = Scripted(
        {Signal.RESPIRATION_RATE: constant(14)}, motion=lambda seconds: np.where(seconds % 600 > 300, 0.7, 0)
    )
    moving = Waveforms(body, "f", disturbed={Channel.IMPEDANCE: (NOISE, MOVES)})
    assert not pauses(told(moving, Channel.IMPEDANCE, lasts_s=1000))
