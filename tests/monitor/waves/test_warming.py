"""Compiling before the first waveform comes."""

from __future__ import annotations

import os
from pathlib import Path

from monitor.signal.chain import Chain
from monitor.vitals import Signal
from monitor.waves.compiling import RATES, nobody
from monitor.waves.warming import Warming, compiled, note_compiled


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
    """Unless a module has changed since, or not all was compiled here. What once was compiled and went is not asked."""
    module, gone = tmp_path / "ecg.py", tmp_path / "__pycache__" / "ecg.gone-7.nbi"
    gone.parent.mkdir()
    gone.touch()
    module.touch()
    os.utime(gone, (0, 0))
    os.utime(module, (1, 1))
    assert not compiled(tmp_path)
    note_compiled(tmp_path)
    assert compiled(tmp_path)
    os.utime(module, (2**33, 2**33))
    assert not compiled(tmp_path)


def test_who_may_not_write_beside_the_modules_compiles_each_time(tmp_path: Path) -> None:
    """And is not ended by it."""
    (tmp_path / "ecg.py").touch()
    note_compiled(tmp_path)
    assert not compiled(tmp_path)
