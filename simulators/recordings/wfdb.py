"""WFDB records, as PhysioNet has them: a header (`.hea`) and its signal files."""

from pathlib import Path
from typing import Any

import numpy as np

from monitor.vitals import Signal
from simulators.recordings.channels import Channel, refuse_length, refuse_waveform
from simulators.recordings.mapping import RecordingMap
from simulators.recordings.recording import RecordingError

UNREADABLE = (OSError, ValueError, LookupError, TypeError, ArithmeticError, MemoryError, AttributeError)
"""What the library raises for a record that is none: it looks at little before it reads."""


def read_wfdb(path: Path, mapping: RecordingMap) -> dict[Signal, Channel]:
    """The channels of a record, named by its header. Raises RecordingError with the signal of a mistake."""
    try:
        import wfdb
    except ImportError:
        raise RecordingError(path, "reading WFDB needs another package: pip install 'vigil-monitor[wfdb]'") from None
    header = path.with_suffix(".hea")
    if not header.is_file():
        raise RecordingError(header, "there is no such header")
    name = str(header.resolve().with_suffix(""))
    try:
        said = wfdb.rdheader(name, rd_segments=True)
        rate = float(said.fs)
        refuse_length(path, float(said.sig_len or 0) / rate)
        chosen = mapping.chosen([str(each) for each in said.sig_name or ()], path, "signal")
        for label in chosen.values():
            refuse_waveform(path, label, rate)
        record = wfdb.rdrecord(name, channel_names=[*chosen.values()])
        return {signal: _channel(record, label, rate) for signal, label in chosen.items()}
    except RecordingError:
        raise
    except UNREADABLE as error:
        raise RecordingError(path, f"not a WFDB record that can be read: {error}") from None


def _channel(record: Any, label: str, rate: float) -> Channel:
    number = record.sig_name.index(label)
    values = np.asarray(record.p_signal[:, number], dtype=np.float64)
    gain = record.adc_gain[number] if record.adc_gain else 0.0
    times = np.arange(len(values)) / rate
    place = f"signal '{label}'"
    return Channel(
        times, values, 1 / rate, 1 / gain if gain else 0.0, lambda n: f"{place}, sample {n} (at {n / rate:g} s)"
    )
