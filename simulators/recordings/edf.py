"""EDF and EDF+: one channel a signal, each at its own rate."""

from pathlib import Path
from typing import Any

import numpy as np

from monitor.vitals import Signal
from simulators.recordings.channels import Channel, refuse_length, refuse_waveform
from simulators.recordings.mapping import RecordingMap
from simulators.recordings.recording import RecordingError

UNREADABLE = (OSError, ValueError, LookupError, TypeError, ArithmeticError, MemoryError)
"""What the library raises for a file that is none."""


def read_edf(path: Path, mapping: RecordingMap) -> dict[Signal, Channel]:
    """The channels of an EDF. Raises RecordingError with the channel of a mistake."""
    try:
        from pyedflib import EdfReader
    except ImportError:
        raise RecordingError(path, "reading EDF needs another package: pip install 'vigil-monitor[edf]'") from None
    if not path.is_file():
        raise RecordingError(path, "there is no such file")
    try:
        with EdfReader(str(path)) as edf:
            return _channels(path, mapping, edf)
    except RecordingError:
        raise
    except UNREADABLE as error:
        raise RecordingError(path, f"not an EDF that can be read: {error}") from None


def _channels(path: Path, mapping: RecordingMap, edf: Any) -> dict[Signal, Channel]:
    labels = [str(label).strip() for label in edf.getSignalLabels()]
    refuse_length(path, float(edf.getFileDuration()))
    return {
        signal: _channel(path, edf, labels.index(label), label)
        for signal, label in mapping.chosen(labels, path, "channel").items()
    }


def _channel(path: Path, edf: Any, number: int, label: str) -> Channel:
    rate = float(edf.getSampleFrequency(number))
    if not rate > 0:
        raise RecordingError(path, f"channel '{label}' has no samples")
    refuse_waveform(path, label, rate)
    values = np.asarray(edf.readSignal(number), dtype=np.float64)
    if not len(values):
        raise RecordingError(path, f"channel '{label}' has no samples")
    physical = float(edf.getPhysicalMaximum(number)) - float(edf.getPhysicalMinimum(number))
    step = abs(physical / (float(edf.getDigitalMaximum(number)) - float(edf.getDigitalMinimum(number))))
    times = np.arange(len(values)) / rate
    return Channel(times, values, 1 / rate, step, lambda n: f"channel '{label}', sample {n} (at {n / rate:g} s)")
