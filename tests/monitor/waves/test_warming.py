"""Compiling before the first waveform comes."""

from __future__ import annotations

import os
from pathlib import Path

from monitor.signal.chain import Chain
from monitor.vitals import Signal
from monitor.waves.compiling import RATES, nobody
from monitor.waves.warming import Warming, compiled


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


def test_what_is_compiled_is_not_compiled_again(tmp_path: Path) -> None:
    """Unless a module has changed since, or nothing was compiled here."""
    module, index = tmp_path / "ecg.py", tmp_path / "__pycache__" / "ecg.advance.nbi"
    index.parent.mkdir()
    module.touch()
    assert not compiled(tmp_path)
    index.touch()
    os.utime(module, (1, 1))
    assert compiled(tmp_path)
    os.utime(index, (0, 0))
    assert not compiled(tmp_path)
