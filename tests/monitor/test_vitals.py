"""The vocabulary: facts of signals, and what of a reading is judged."""

from itertools import product

import pytest
from msgspec import msgpack

from monitor.testing import START, make_reading
from monitor.vitals import SIGNALS, Cause, Origin, Quality, Reading, Signal, Waveform

CRISES = {
    Signal.HEART_RATE: (0, 20, 250),
    Signal.PULSE_RATE: (0, 20, 250),
    Signal.SPO2: (30, 60),
    Signal.PERFUSION_INDEX: (0, 0.1),
    Signal.SYSTOLIC: (40, 260),
    Signal.DIASTOLIC: (20, 160),
    Signal.MEAN_PRESSURE: (30, 190),
    Signal.RESPIRATION_RATE: (0, 4, 60),
    Signal.TEMPERATURE: (32, 42.5),
    Signal.ETCO2: (10, 90),
}
"""Values of people in grave danger."""


@pytest.mark.parametrize("signal", Signal)
def test_every_signal_has_its_facts(signal: Signal) -> None:
    """No signal is without a name, a unit, codes and a plausible range."""
    info = SIGNALS[signal]
    assert all((info.label, info.unit, info.ucum, info.loinc, info.mdc, info.mdc_name))
    assert info.lowest < info.highest


@pytest.mark.parametrize("fact", ["label", "loinc", "mdc", "mdc_name"])
def test_no_two_signals_share_a_name_or_code(fact: str) -> None:
    """A code names one signal: two with the same would be one series in a store, one tile on a page."""
    facts = [getattr(info, fact) for info in SIGNALS.values()]
    assert len(set(facts)) == len(facts)


@pytest.mark.parametrize(("signal", "value"), [(signal, value) for signal, each in CRISES.items() for value in each])
def test_a_crisis_is_plausible(signal: Signal, value: float) -> None:
    """Law 6: what happens to people in danger is never taken for a mistake of the device."""
    assert SIGNALS[signal].lowest <= value <= SIGNALS[signal].highest


@pytest.mark.parametrize("signal", Signal)
def test_cuff_and_temperature_come_now_and_then(signal: Signal) -> None:
    """What is measured on a schedule is known as such; everything else must not pause."""
    paused = {Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.MEAN_PRESSURE, Signal.TEMPERATURE}
    assert SIGNALS[signal].continuous is (signal not in paused)


@pytest.mark.parametrize(("value", "quality", "cause"), [*product((None, 97.0), Quality, Cause)])
def test_limits_look_at_every_value_but_invalid_and_late_ones(
    value: float | None, quality: Quality, cause: Cause
) -> None:
    """A questionable value is judged, whatever its cause; nothing, an invalid or a late value is not."""
    judged = value is not None and quality is not Quality.INVALID and cause is not Cause.LATE
    assert make_reading(value, quality=quality, cause=cause).judged is judged


def test_a_reading_survives_its_encoding() -> None:
    """What a journal holds comes back equal, with its origin."""
    reading = make_reading(89.0, quality=Quality.QUESTIONABLE, cause=Cause.MOTION, origin=Origin.SIMULATED)
    assert msgpack.decode(msgpack.encode(reading), type=Reading) == reading


def test_a_waveform_survives_its_encoding() -> None:
    """Samples come back as the integers they were."""
    wave = Waveform("s-1", "ox-1", "pleth", "1", START, 8_000_000, 0.001, (1, -2, 3), Origin.REAL)
    assert msgpack.decode(msgpack.encode(wave), type=Waveform) == wave
