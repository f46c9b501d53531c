"""Vignettes: people who get worse, told through the whole engine with the default protocol. When is who told what?"""

from random import Random

import pytest

from monitor.vitals import Cause, Measured, Signal
from tests.laws.vignette import DIA, HEART, PULSE, SPO2, SYS, Course, Room, doubtful, nothing

RR, TEMP = Signal.RESPIRATION_RATE, Signal.TEMPERATURE


def spo2(value: float) -> Course:
    return lambda second: [Measured(SPO2, value)]


def heart(value: float) -> Course:
    return lambda second: [Measured(HEART, value), Measured(PULSE, value)]


# --- breathing


@pytest.mark.parametrize("seed", range(8))
def test_an_apnoea_is_high_within_half_a_minute_through_noise(seed: int) -> None:
    """From 98 to 80 % in a minute, two readings in five doubtful and off by up to 10 %: high within 30 s below 88."""
    random = Random(seed)

    def apnoea(second: int) -> list[Measured]:
        value = round(98 - 18 * min(second, 60) / 60)
        if random.random() < 0.4:
            cause = random.choice([Cause.MOTION, Cause.LOW_PERFUSION])
            return [doubtful(SPO2, value + random.choice([-3, 0, 6, 10]), cause)]
        return [Measured(SPO2, value)]

    room = Room().watch(60).watch(120, apnoea)
    high = next(seconds for seconds, _, priority in room.lines("spo2_low") if priority == "high")
    below = 60 + 34
    assert below < high <= below + 30
    assert room.paged("spo2_low")[-1][1] in ("second_nurse", "supervisor", "physician")


def test_doubt_between_valid_lows_does_not_hide_them() -> None:
    """84 % for two minutes with a doubtful 97 every five seconds is high within half a minute."""
    room = Room().watch(10)
    room.watch(120, lambda second: [Measured(SPO2, 84.0) if second % 5 else doubtful(SPO2, 97.0)])
    assert room.lines("spo2_low")[0] == (16, "raised", "high")


def test_saturation_that_flickers_around_the_high_limit_is_high() -> None:
    """86 and 88 by turns, never clear at 89: high when it was ten seconds below 88, all in all."""
    room = Room().watch(11).watch(60, lambda second: [Measured(SPO2, 88.0 if second % 2 else 86.0)])
    assert room.lines("spo2_low") == [(30, "raised", "high")]


@pytest.mark.parametrize(("mostly", "between"), [(90.0, 92.0), (91.0, 92.0)])
def test_one_better_reading_now_and_then_does_not_keep_a_medium_alert_away(mostly: float, between: float) -> None:
    """Below 92 with a 92 every fifteen seconds: somebody is paged within a minute."""
    room = Room().watch(10).watch(60, lambda second: [Measured(SPO2, mostly if second % 15 else between)])
    assert room.paged("spo2_low") == [(32, "nurse", "raised")]


def test_a_tachycardia_of_145_is_high_through_a_138_every_eight_seconds() -> None:
    """138 is not yet over: the thirty seconds stand still for it and go on."""
    room = Room().watch(10).watch(60, lambda second: heart(145.0 if second % 8 else 138.0)(second))
    assert room.lines("heart_rate_high") == [(45, "raised", "high")]


def test_a_probe_that_falls_off_during_a_desaturation_hides_nothing() -> None:
    """What was falling is told at the end of its dwell, and the lost signal on its own within 30 s."""
    room = Room().watch(10).watch(30, lambda second: [Measured(SPO2, 97.0 - second // 2)])
    room.watch(60, lambda second: [nothing(SPO2, Cause.PROBE_OFF), nothing(PULSE, Cause.PROBE_OFF)])
    assert room.lines("spo2_low") == [(40, "raised", "high"), (41, "rose", "high")]
    assert (69, "raised", "high") in room.lines("signal_lost")
    assert room.alert("spo2_low").open


def test_a_lost_pulse_with_the_probe_on_is_about_the_person() -> None:
    """No pulse for ten seconds is high and physiological, whatever else the oximeter says."""
    room = Room().watch(10).watch(20, lambda second: [nothing(PULSE, Cause.NO_PULSE), nothing(SPO2, Cause.NO_PULSE)])
    assert room.lines("pulse_lost") == [(20, "raised", "high")]


def test_seven_breaths_a_minute_are_high_after_twenty_seconds() -> None:
    """Hypoventilation under ketamine."""
    room = Room().watch(10).watch(30, lambda second: [Measured(RR, 7.0)])
    assert room.lines("respiration_low") == [(30, "raised", "high")]


# --- the heart


@pytest.mark.parametrize(("seconds", "told"), [(9, []), (10, [(20, "raised", "high")])])
def test_a_heart_rate_of_165_is_high_from_ten_seconds_on(seconds: int, told: list[object]) -> None:
    """Nine seconds are a burst of noise, ten are a tachycardia."""
    room = Room().watch(10).watch(seconds, heart(165)).watch(20, heart(80))
    assert room.lines("heart_rate_high")[:1] == told


def test_a_pulse_of_150_is_heard_when_the_strap_is_lost() -> None:
    """The oximeter's pulse stands in ten seconds after the strap's last value, and then has the dwell of the limit."""
    room = Room().watch(10)
    del room.calm[HEART]
    room.watch(60, lambda second: [Measured(PULSE, 150.0)])
    assert room.lines("heart_rate_high") == [(50, "raised", "high")]


def test_dropouts_do_not_hide_a_bradycardia() -> None:
    """38 with a dropout every third second is high when it has lasted ten."""
    room = Room().watch(10)
    room.watch(15, lambda second: [nothing(HEART, Cause.LEADS_OFF) if second % 3 == 0 else Measured(HEART, 38.0)])
    assert room.lines("heart_rate_low") == [(21, "raised", "high")]


def test_a_vasovagal_reaction_is_told_by_heart_and_by_pressure() -> None:
    """The slow heart at once; the first low pressure asks for a repeat and is high when none comes within a minute."""
    room = Room().watch(10).watch(40, lambda second: heart(max(36, 72 - 3 * second))(second))
    room.cuff(72, 40).watch(70, heart(50))
    assert room.lines("heart_rate_low")[0] == (31, "raised", "high")
    assert room.lines("systolic_low") == [(50, "raised", "medium"), (110, "rose", "high")]


# --- pressure and temperature


@pytest.mark.parametrize("dosed", [False, True])
def test_a_crisis_whose_repeats_fail_is_high(dosed: bool) -> None:
    """185, then two attempts that bring no value."""
    room = Room(dosed=dosed).watch(60).cuff(185, 100).watch(60).cuff(None).watch(60).cuff(None).watch(1)
    assert room.lines("systolic_high")[-2:] == [(60, "raised", "medium"), (180, "rose", "high")]


def test_a_crisis_that_comes_back_after_a_good_repeat_begins_again() -> None:
    """185, a valid 150, then 186 and no repeat: medium all along, high five minutes after 186."""
    room = Room(dosed=True).watch(60).cuff(185, 90).watch(60).cuff(150, 85).watch(60).cuff(186, 90).watch(310)
    assert room.lines("systolic_high") == [(60, "raised", "medium"), (480, "rose", "high")]


def test_a_crisis_is_told_at_once_however_far_it_jumped() -> None:
    """122, then 205 once: doubtful for its jump, high all the same, with its own value."""
    room = Room(dosed=True).watch(60).cuff(205, 100).watch(1)
    assert room.lines("systolic_high") == [(60, "raised", "high")]
    assert "Room 1 · Systolic pressure high: 205 mmHg (≥ 200 mmHg)" in room.words("systolic_high")[0]


def test_a_diastolic_of_121_is_told_without_a_systolic() -> None:
    """Some cuffs give one pressure only."""
    room = Room(dosed=True).watch(60)
    room.observe("s-1", "cuff", Measured(DIA, 121.0))
    assert room.lines("diastolic_high") == [(60, "raised", "high")]


def test_pressures_that_changed_places_are_no_measurement() -> None:
    """80 over 130 cannot be: nothing is judged, and the measurement is still due."""
    room = Room().watch(60).cuff(80, 130).watch(541)
    assert room.rules() == {"measurement_overdue"}


def test_a_pressure_that_gets_worse_is_told_again() -> None:
    """190 was answered at the bedside; 205 is a new page with the new value, not the old one."""
    room = Room(dosed=True).watch(60).cuff(185, 90).watch(60).cuff(190, 90).watch(1)
    room.answer("systolic_high", at_bedside=True)
    room.watch(59).cuff(205, 95).watch(1)
    assert room.lines("systolic_high")[-1] == (180, "rose", "high")
    assert "205 mmHg (≥ 200 mmHg)" in room.words("systolic_high")[-1]


def test_two_temperatures_of_39_are_high() -> None:
    """The first asks for a repeat, the second after two minutes confirms."""
    room = Room().watch(10)
    room.observe("s-1", "temp", Measured(TEMP, 39.1))
    room.watch(130).observe("s-1", "temp", Measured(TEMP, 39.1))
    assert room.lines("temperature_high") == [(10, "raised", "medium"), (140, "rose", "high")]


# --- phases


def test_a_dose_does_not_end_what_was_measured_before_it() -> None:
    """165 twice at rest is medium; once a drug acts it is an advisory, and nobody is told that it is over."""
    room = Room().watch(10).cuff(165, 90).watch(60).cuff(166, 90).watch(10).dose().watch(10)
    assert room.alert("systolic_high").priority == "low"
    assert "resolved" not in [reason for _, _, reason in room.paged("systolic_high")]


def test_recovery_judges_the_last_pressure_by_its_own_limits() -> None:
    """165 an hour into recovery would be too late: it asks for a repeat, and is told five minutes later without one."""
    room = Room(dosed=True).watch(10).cuff(165, 90).watch(10).recover().watch(301)
    assert room.lines("systolic_high")[-1] == (320, "rose", "medium")


def test_no_phase_and_no_booster_ends_a_high_alert() -> None:
    """High limits hold everywhere: a booster, a phase and an emergency change nothing about 205."""
    room = Room(dosed=True).watch(10).cuff(205, 100).watch(400).dose(20.0).watch(10).recover().watch(10)
    assert (room.alert("systolic_high").priority, room.lines("systolic_high")) == ("high", [(10, "raised", "high")])
    assert SYS in {Signal(alert.signal) for alert in room.open_alerts() if alert.priority == "high"}
