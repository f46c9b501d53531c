"""Compiling before the first waveform comes."""

from __future__ import annotations

from monitor.signal.chain import Chain
from monitor.vitals import Signal
from monitor.waves.compiling import RATES, nobody
from monitor.waves.warming import Warming


def test_every_kind_of_number_is_computed_with_nobody() -> None:
    """What would be left out is compiled when somebody comes."""
    told = Chain(2).push(nobody("a", *RATES))
    assert {value.signal for each in told for value in each.values} == {
        *(Signal.HEART_RATE, Signal.PULSE_RATE, Signal.PERFUSION_INDEX, Signal.SPO2, Signal.RESPIRATION_RATE)
    }


def test_who_ends_waits_for_no_compiler() -> None:
    """However much is left to compile."""
    warming = Warming()
    warming.close()
    assert warming.ended
