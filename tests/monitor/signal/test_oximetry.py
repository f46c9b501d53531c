"""Saturations are those of the body where light is undisturbed, and say so where it is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from monitor.signal.filters import Array
from monitor.signal.oximetry import DELAY_S, MEANING, Oximeter, Saturations, Sign
from monitor.signal.oximetry_kernel import AVERAGED_S
from monitor.signal.sensor import Sensor
from monitor.vitals import Cause, Quality, Signal
from simulators.waveforms import Waveforms
from simulators.waves.beats import Heart
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.noise import Noise, NoiseKind
from simulators.waves.ppg import Calibration
from tests.simulators.written_body import Course, Written

RATE = CHANNELS[Channel.RED].rate_hz
Light = tuple[Array, Array]


def light(
    seconds: int, levels: dict[Signal, Course] | None = None, noise: Noise | None = None, irregular: float = 0.0
) -> Light:
    """Red and infrared of somebody, shape (samples,)."""
    disturbed = {Channel.INFRARED: (noise,)} if noise else None
    body = Written(levels, irregular=irregular)
    waveforms = Waveforms(body, "x", disturbed=disturbed, heart=Heart(sway=0.03))
    return waveforms.samples(Channel.RED, 0, seconds * RATE), waveforms.samples(Channel.INFRARED, 0, seconds * RATE)


def told(both: Light, sensor: Sensor | None = None) -> Saturations:
    """What one row gives."""
    return Oximeter(RATE, 1, sensor).push(both[0][np.newaxis], both[1][np.newaxis])


def fields(saturations: Saturations) -> list[Array]:
    return [getattr(saturations, name) for name in Saturations.__struct_fields__]


def same(one: Saturations, other: Saturations) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(fields(one), fields(other), strict=True))


@pytest.mark.parametrize("rate", [40.0, 70.0, 170.0])
@pytest.mark.parametrize("saturation", [70.0, 80.0, 90.0, 97.0, 100.0])
def test_a_saturation_in_undisturbed_light_is_that_of_the_body(saturation: float, rate: float) -> None:
    """Within 1 %, without doubt, from the first one told on."""
    saturations = told(light(60, {Signal.SPO2: saturation, Signal.HEART_RATE: rate}))
    known = saturations.sign != Sign.BEGINNING
    assert saturations.at[known][0] == 6 * RATE
    assert np.abs(saturations.value[known] - saturation).max() < 1
    assert (saturations.sign[known] == Sign.NOTHING).all()
    assert saturations.error[known].max() < 1


def test_a_sensor_has_its_own_curve() -> None:
    """What another sensor's light says of saturation is read with that sensor's curve, within 1 %."""
    waveforms = Waveforms(Written({Signal.SPO2: 88.0}), "x", calibration=Calibration(104, 17))
    both = (waveforms.samples(Channel.RED, 0, 30 * RATE), waveforms.samples(Channel.INFRARED, 0, 30 * RATE))
    assert told(both, Sensor(at_zero=104, slope=17)).value[10:] == pytest.approx(88, abs=1)
    assert abs(told(both).value[10:] - 88).min() > 1


def test_a_curve_may_bend() -> None:
    """The saturation is the curve at the ratio that the straight curve tells."""
    both = light(20, {Signal.SPO2: 85.0})
    straight = told(both).value[10:]
    ratio = (110 - straight) / 25
    bent = told(both, Sensor(at_zero=94.845, slope=-30.354, bend=-45.06)).value[10:]
    assert bent == pytest.approx(-45.06 * ratio**2 + 30.354 * ratio + 94.845)


def test_an_irregular_pulse_is_no_motion() -> None:
    """In fibrillation the saturation is within 1 % and not doubted."""
    saturations = told(light(120, {Signal.HEART_RATE: 110.0}, irregular=1.0))
    assert saturations.value[10:] == pytest.approx(97, abs=1)
    assert (saturations.sign[10:] == Sign.NOTHING).all()


@pytest.mark.parametrize("saturation", [90.0, 97.0])
@pytest.mark.parametrize("decibel", [20, 10, 5, 0, -10, -20])
def test_motion_is_told_before_it_misleads(saturation: float, decibel: float) -> None:
    """Of saturations that motion moved by more than 5 %, at most one in ten is told without doubt."""
    saturations = told(light(240, {Signal.SPO2: saturation}, Noise(NoiseKind.MOTION, decibel)))
    wrong = np.abs(saturations.value[10:] - saturation) > 5
    trusted = saturations.sign[10:] == Sign.NOTHING
    assert (wrong & trusted).sum() <= 0.1 * max(wrong.sum(), 10)


def test_motion_as_strong_as_the_pulse_is_doubted() -> None:
    """At 0 dB, nineteen saturations in twenty are doubted, as motion."""
    saturations = told(light(240, None, Noise(NoiseKind.MOTION, 0)))
    moved = (saturations.sign == Sign.MOTION) | (saturations.sign == Sign.WORTHLESS)
    assert moved[10:].mean() >= 0.95


def moved(saturation: float, decibel: float, seed: str) -> tuple[Saturations, NDArray[np.bool_]]:
    """Somebody who is calm for 40 s and moves for a minute, again and again; and which saturations are of moving."""

    def moving(seconds: Array) -> Array:
        return np.where((seconds >= 40) & ((seconds + 60) % 100 < 60), 1.0, 0.0)

    noises = Noise(NoiseKind.WHITE, 46), Noise(NoiseKind.MOTION, decibel, moving=True)
    body = Written({Signal.SPO2: saturation}, motion=moving)
    waveforms = Waveforms(body, seed, disturbed={Channel.INFRARED: noises}, heart=Heart(sway=0.03))
    both = (waveforms.samples(Channel.RED, 0, 440 * RATE), waveforms.samples(Channel.INFRARED, 0, 440 * RATE))
    saturations = told(both)
    at_s = saturations.at / RATE
    return saturations, moving(at_s - 2) + moving(at_s - 8) > 0


def valued(saturations: Saturations) -> NDArray[np.bool_]:
    """Which of them are told with a value."""
    return np.isin(saturations.sign, (Sign.NOTHING, Sign.MOTION, Sign.LOW_PERFUSION))


@pytest.mark.parametrize("saturation", [80.0, 90.0, 98.0])
@pytest.mark.parametrize("decibel", [5, 0, -5, -10])
def test_what_is_told_in_motion_is_as_right_as_an_oximeter_has_to_be(saturation: float, decibel: float) -> None:
    """At most 4 % off, root mean square (ISO 80601-2-61), where somebody moves who had been calm."""
    saturations, moving = moved(saturation, decibel, f"{saturation}/{decibel}")
    errors = (saturations.value - saturation)[moving & valued(saturations)]
    assert np.sqrt(np.mean(np.append(errors, 0.0) ** 2)) <= 4


@pytest.mark.parametrize("seed", ["one", "two", "three"])
@pytest.mark.parametrize("decibel", [0, -5, -10])
def test_a_normal_saturation_is_not_told_as_low_in_motion(decibel: float, seed: str) -> None:
    """Of 98 %, no value below 88 is told in six and a half minutes, most of them of motion."""
    saturations, _ = moved(98.0, decibel, seed)
    assert saturations.value[valued(saturations)].min() > 88


@pytest.mark.parametrize("seed", ["one", "two", "three"])
@pytest.mark.parametrize("saturation", [65.0, 80.0, 88.0])
def test_a_low_saturation_is_told_in_motion(saturation: float, seed: str) -> None:
    """As low, in a third of the seconds when motion is as strong as the pulse; and where somebody is calm, in all."""
    saturations, moving = moved(saturation, 0, seed)
    low = valued(saturations) & (saturations.value < 90)
    assert low[moving].mean() > 1 / 3
    assert low[~moving & (saturations.sign != Sign.BEGINNING)].all()


def test_a_higher_pulse_becomes_the_usual_one() -> None:
    """A hand that warms up does not move: pulses that grow to four times in ten seconds leave the saturation valid."""
    still = Noise(NoiseKind.WHITE, 46)
    levels: dict[Signal, Course] = {Signal.SPO2: 92.0}
    levels[Signal.PERFUSION_INDEX] = lambda ticks: np.interp(ticks, [30, 40], [1.0, 4.0])
    saturations = told(light(90, levels, still))
    assert (saturations.sign[10:] == Sign.NOTHING).all()
    assert saturations.value[10:] == pytest.approx(92, abs=1)


def test_a_pulse_that_comes_back_is_believed() -> None:
    """However weak it was for a minute: ten seconds later, and from then on, its saturation is not doubted."""
    levels: dict[Signal, Course] = {Signal.SPO2: 92.0}
    levels[Signal.PERFUSION_INDEX] = lambda ticks: np.where((ticks > 30) & (ticks < 90), 0.02, 3.0)
    saturations = told(light(180, levels, Noise(NoiseKind.WHITE, 46)))
    assert (saturations.sign[102:] == Sign.NOTHING).all()


def test_little_noise_is_not_doubted() -> None:
    """At 20 dB, motion moves no saturation by 2 %, and none is doubted."""
    saturations = told(light(240, None, Noise(NoiseKind.MOTION, 20)))
    assert saturations.value[10:] == pytest.approx(97, abs=2)
    assert (saturations.sign[10:] == Sign.NOTHING).all()


def test_noise_of_its_own_in_either_light_does_not_move_a_saturation() -> None:
    """Receiver noise, a third of a weak pulse, shifts the mean of two minutes by less than 0.5 %."""
    red, infrared = light(120, {Signal.SPO2: 80.0, Signal.PERFUSION_INDEX: 0.4})
    noise = np.random.default_rng(1).normal(size=(2, len(red))) * 4e-4
    saturations = told((red * (1 + noise[0]), infrared * (1 + noise[1])))
    assert np.nanmean(saturations.value[10:]) == pytest.approx(80, abs=0.5)


@pytest.mark.parametrize("index", [0.2, 1.0, 3.0, 10.0])
def test_the_perfusion_index_is_the_height_of_a_pulse(index: float) -> None:
    """Within 10 % of the body's."""
    saturations = told(light(30, {Signal.PERFUSION_INDEX: index, Signal.RESPIRATION_RATE: 0.0}))
    assert saturations.perfusion_index[10:] == pytest.approx(index, rel=0.1)


@pytest.mark.parametrize(("index", "sign"), [(0.02, Sign.NO_PULSE), (0.2, Sign.LOW_PERFUSION), (0.5, Sign.NOTHING)])
def test_a_weak_pulse_is_told(index: float, sign: Sign) -> None:
    """Hardly a pulse is none; a weak one makes a saturation questionable."""
    assert (told(light(30, {Signal.PERFUSION_INDEX: index})).sign[10:] == sign).all()


def test_a_desaturation_is_told_late_by_half_the_average() -> None:
    """Falling by 3 % in ten seconds, as in apnoea: what is told is within 0.5 % of the truth of 4 s ago."""

    def truth(ticks: Array) -> Array:
        return np.clip(98 - 0.3 * (ticks - 30), 70, 98)

    saturations = told(light(120, {Signal.SPO2: truth}))
    at_s = saturations.at / RATE
    falling = (at_s > 30 + AVERAGED_S) & (at_s < 120)
    assert saturations.value[falling] == pytest.approx(truth(at_s[falling] - DELAY_S), abs=0.5)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_chunks_change_nothing(data: st.DataObject) -> None:
    """Cut anywhere, with gaps or without, the saturations are the same, bit by bit."""
    red, infrared = (each.copy() for each in light(20))
    for begin in data.draw(st.lists(st.integers(0, len(red) - 1), max_size=2)):
        red[begin : begin + data.draw(st.integers(1, 200))] = np.nan
    cuts = sorted(data.draw(st.lists(st.integers(0, len(red)), max_size=8)))
    oximeter = Oximeter(RATE, 1)
    parts = [
        oximeter.push(a[np.newaxis], b[np.newaxis])
        for a, b in zip(np.split(red, cuts), np.split(infrared, cuts), strict=True)
    ]
    joined = Saturations(*(np.concatenate(each) for each in zip(*map(fields, parts), strict=True)))
    assert same(joined, told((red, infrared)))


def test_single_samples_change_nothing() -> None:
    """Pushed one at a time, the saturations are the same."""
    red, infrared = light(9)
    oximeter = Oximeter(RATE, 1)
    parts = [oximeter.push(a.reshape(1, 1), b.reshape(1, 1)) for a, b in zip(red, infrared, strict=True)]
    joined = Saturations(*(np.concatenate(each) for each in zip(*map(fields, parts), strict=True)))
    assert same(joined, told((red, infrared)))


def test_rows_are_strangers() -> None:
    """What a row tells is what it tells alone, whatever its neighbours have: another saturation, motion, a gap."""
    people = [
        light(20, {Signal.SPO2: 80.0}),
        light(20, None, Noise(NoiseKind.MOTION, 0)),
        light(20, {Signal.HEART_RATE: 120.0}),
    ]
    people[2][0][1000:1100] = np.nan
    together = Oximeter(RATE, 3).push(np.stack([each[0] for each in people]), np.stack([each[1] for each in people]))
    for number, each in enumerate(people):
        mine = Saturations(*(field[together.row == number] for field in fields(together)))
        alone = told(each)
        assert all(
            np.array_equal(a, b, equal_nan=True) for a, b in zip(fields(mine)[1:], fields(alone)[1:], strict=True)
        )


@pytest.mark.parametrize(("lost", "sign"), [(np.nan, Sign.NO_LIGHT), (0.0, Sign.PROBE_OFF), (5.0, Sign.PROBE_OFF)])
def test_lost_light_starts_anew(lost: float, sign: Sign) -> None:
    """It is told at once, with no saturation; five seconds after it, saturations are those of a new start."""
    red, infrared = (each.copy() for each in light(40))
    infrared[10 * RATE + 7 : 12 * RATE] = lost
    saturations = told((red, infrared), Sensor(bright=4.0))
    assert saturations.sign.tolist()[10:18] == [sign, sign, *[Sign.BEGINNING] * 5, Sign.NOTHING]
    assert np.isnan(saturations.value[10:17]).all()
    fresh = told((red[12 * RATE :], infrared[12 * RATE :]))
    assert np.array_equal(saturations.value[12:], fresh.value, equal_nan=True)


@pytest.mark.parametrize(("level", "sign"), [(None, Sign.NO_LIGHT), (0.0, Sign.PROBE_OFF), (5.0, Sign.PROBE_OFF)])
def test_light_that_stands_still_is_no_lost_pulse(level: float | None, sign: Sign) -> None:
    """To the last digit, in both: a sensor that froze, or at either end of its range one that is off."""
    red, infrared = (each.copy() for each in light(40))
    freezes = 20 * RATE + 50
    red[freezes:], infrared[freezes:] = (red[freezes], infrared[freezes]) if level is None else (level, level)
    assert set(told((red, infrared), Sensor(bright=4.0)).sign[21:].tolist()) == {sign}


def test_light_of_a_stopped_heart_is_a_lost_pulse() -> None:
    """Its noise goes on: ten seconds later the pulse is lost, and the sensor has no fault."""
    levels: dict[Signal, Course] = {Signal.RESPIRATION_RATE: 0.0}
    levels[Signal.HEART_RATE] = lambda ticks: np.where(ticks < 20, 70.0, 0.0)
    saturations = told(light(60, levels, Noise(NoiseKind.WHITE, 46)))
    assert set(saturations.sign[30:].tolist()) == {Sign.NO_PULSE}


def test_a_row_that_is_reset_is_somebody_else() -> None:
    """With the newcomer's sensor, as after a start; the neighbour's saturations go on."""
    red, infrared = light(30)
    oximeter = Oximeter(RATE, 2)
    both = np.stack([red, red]), np.stack([infrared, infrared])
    oximeter.push(both[0][:, : 10 * RATE], both[1][:, : 10 * RATE])
    oximeter.reset([1], Sensor(at_zero=104, slope=17))
    after = oximeter.push(both[0][:, 10 * RATE :], both[1][:, 10 * RATE :])
    fresh = told((red[10 * RATE :], infrared[10 * RATE :]), Sensor(at_zero=104, slope=17))
    assert np.array_equal(after.value[after.row == 1], fresh.value, equal_nan=True)
    assert np.array_equal(after.value[after.row == 0], told((red, infrared)).value[10:])


def test_a_row_that_is_reset_within_a_second_starts_with_the_next() -> None:
    """The second that two people share is nobody's."""
    red, infrared = light(12)
    oximeter = Oximeter(RATE, 1)
    oximeter.push(red[np.newaxis, :60], infrared[np.newaxis, :60])
    oximeter.reset([0])
    signs = oximeter.push(red[np.newaxis, 60:], infrared[np.newaxis, 60:]).sign.tolist()
    assert signs == [Sign.NO_LIGHT, *[Sign.BEGINNING] * 5, *[Sign.NOTHING] * 6]


def test_a_ratio_off_the_curve_is_impossible() -> None:
    """Far above 100 % the number is kept, for the journal; a little above it is the end of the scale."""
    red, infrared = light(20, {Signal.SPO2: 100.0})
    far = told((1 + (red / red.mean() - 1) * 0.1, infrared))
    assert (far.sign[10:] == Sign.IMPOSSIBLE).all()
    assert (far.value[10:] > 105).all()
    near = told((1 + (red / red.mean() - 1) * 0.9, infrared))
    assert (near.value[10:] == 100).all()


def test_the_light_may_be_either_way_up() -> None:
    """More blood, less light: turned over, the saturations are the same within 0.5 %."""
    red, infrared = light(30, {Signal.SPO2: 85.0})
    turned = told((1.6 - red, 2 - infrared))
    assert turned.value[10:] == pytest.approx(told((red, infrared)).value[10:], abs=0.5)


def test_every_sign_has_a_meaning() -> None:
    """What is told without doubt is valid; a value is told only where it is not invalid, or impossible."""
    assert set(MEANING) == set(Sign)
    assert MEANING[Sign.NOTHING] == (Quality.VALID, Cause.NONE)
    assert [sign for sign, (quality, _) in MEANING.items() if quality is Quality.QUESTIONABLE] == [
        Sign.MOTION,
        Sign.LOW_PERFUSION,
    ]
