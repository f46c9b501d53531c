"""Apnoea is told by impedance, also while the heart goes on in it, and by nothing else."""

from collections.abc import Iterable

import pytest

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
from tests.simulators.bodies import Scripted

STOPS_S, LASTS_S = 60, 120


def told(somebody: Waveforms, *channels: Channel) -> list[tuple[int, Measured]]:
    """Respiration rates of a device with these channels, and when each was told, in s."""
    chain, worn = Chain(1), Worn("", "device", BEGAN)
    rates: list[tuple[int, Measured]] = []
    for second in range(LASTS_S):
        for observation in chain.push(list(_runs(somebody, worn, second, channels))):
            rates += [(second + 1, each) for each in observation.values if each.signal is Signal.RESPIRATION_RATE]
    return rates


def _runs(somebody: Waveforms, worn: Worn, second: int, channels: Iterable[Channel]) -> Iterable[Run]:
    for channel in channels:
        rate = CHANNELS[channel].rate_hz
        samples = somebody.samples(channel, second * rate, (second + 1) * rate)
        wave = worn.waveform(channel, second * rate, samples)
        at = BEGAN + (second + 1) * SECOND
        yield Run(wave, 7, second, at, broken=second == 0, late=False, timed=True)


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
