"""How well pulses, pulse rate and respiration are found in the records of BIDMC: `python -m tests.bench.bidmc FOLDER`.

BIDMC PPG and Respiration Dataset 1.0.0: Pimentel et al. 2016, doi 10.1109/TBME.2016.2613124; Goldberger et al. 2000.
The folder holds records as `bidmc_NN.npz.xz`. The R peaks that pulses are judged by come from the ECG of the record,
found by our own detector. Every other record was used for tuning: the other half is told apart.
"""

from __future__ import annotations

import io
import json
import lzma
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitor.signal import judging
from monitor.signal.ecg import BeatDetector
from monitor.signal.filters import Array
from monitor.signal.ppg import PulseDetector
from monitor.signal.pulse_rate import TRUSTED as PULSE_TRUSTED
from monitor.signal.pulse_rate import PulseRate
from monitor.signal.rates import Rates
from monitor.signal.respiration import TRUSTED, TRUSTED_MODULATION, BreathingRate, ModulatedBreathing

RATE_HZ = 125
SECONDS = 480
LAG_S = 8
"""By how much the monitor's pulse rate is late."""
SHIFTS = np.arange(-0.3, 1.2, 0.02)


class Record:
    """One record: `signals` by name, monitor's pulse rate each second, and the breaths of two annotators (s)."""

    def __init__(self, path: Path) -> None:
        held = np.load(io.BytesIO(lzma.decompress(path.read_bytes())))
        meta = json.loads(held["meta"].tobytes())
        self.signals = {name: _decoded(held[f"sig_{name}"]) * meta["scales"][name] for name in meta["signals"]}
        self.pulse = held["numerics"][:, meta["numerics"].index("PULSE")].astype(np.float64)
        self.breaths = [each[np.isfinite(each) & (each > 0)] / RATE_HZ for each in held["breaths"].T]


def _decoded(planes: Array) -> Array:
    """Differences, zigzag, in two planes of bytes."""
    size = len(planes) // 2
    zigzag = planes[:size].astype(np.int32) | (planes[size:].astype(np.int32) << 8)
    return np.cumsum((zigzag >> 1) ^ -(zigzag & 1)).astype(np.float64)


def pulses(records: list[Record]) -> judging.Agreement:
    """All records' pulses against the R peaks of lead II."""
    found = PulseDetector(RATE_HZ, len(records)).push(_stacked(records, "PLETH"))
    beats = BeatDetector(RATE_HZ, len(records)).push(_stacked(records, "II"))
    total = judging.Agreement(0, 0, 0)
    for row in range(len(records)):
        at_s, peaks = found.of_row(row).at / RATE_HZ, np.sort(beats.of_row(row).at) / RATE_HZ
        moved = peaks + judging.best_shift(peaks, at_s, 0.15, SHIFTS)
        total += judging.agreement(moved[(moved > 0) & (moved < SECONDS)], at_s, 0.15)
    return total


def pulse_rate(records: list[Record], least: float) -> judging.Errors:
    """Windows of 8 s every 4 s against the monitor's numeric."""
    pleth = _stacked(records, "PLETH")
    found = PulseDetector(RATE_HZ, len(records)).push(pleth)
    rates = PulseRate(RATE_HZ, len(records)).push(found, pleth.shape[1])
    ends = np.arange(8, SECONDS - LAG_S + 1, 4)
    truth = np.array([record.pulse[ends + LAG_S] for record in records]).ravel()
    value, confidence = _at(rates, ends - 1, len(records))
    return judging.errors(np.where(truth > 0, truth, np.nan), value, confidence, least)


def respiration(records: list[Record], least: Mapping[str, float]) -> dict[str, judging.Errors]:
    """Windows of 32 s every 8 s where the annotators agree within 2 /min: impedance, and pulse wave with ECG."""
    impedance, pleth, ecg = (_stacked(records, name) for name in ("RESP", "PLETH", "II"))
    ends = np.arange(32, SECONDS + 1, 8)
    truth = np.array([judging.agreed_rates(record.breaths, ends.astype(float), 32, 2) for record in records]).ravel()
    estimates = {
        "impedance": BreathingRate(RATE_HZ, len(records)).push(impedance),
        "modulation": ModulatedBreathing(RATE_HZ, RATE_HZ, len(records)).push(pleth, ecg),
    }
    return {
        name: judging.errors(truth, *_at(rates, ends // 4 - 1, len(records)), least[name])
        for name, rates in estimates.items()
    }


def _at(rates: Rates, steps: NDArray[np.intp], rows: int) -> tuple[Array, Array]:
    """Values and confidences of some steps of all rows."""
    value, confidence = rates.value.reshape(rows, -1), rates.confidence.reshape(rows, -1)
    return value[:, steps].ravel(), confidence[:, steps].ravel().astype(np.float64)


def patients_per_core(pleth: Array, chunk: int, rows: int = 1000) -> float:
    """How many people's pulses and pulse rates one core finds as they come, in chunks of so many samples."""
    many = np.tile(pleth[:, : 60 * RATE_HZ], (rows // len(pleth) + 1, 1))[:rows]
    detector, meter = PulseDetector(RATE_HZ, rows), PulseRate(RATE_HZ, rows)
    chunks = [np.ascontiguousarray(many[:, at : at + chunk]) for at in range(0, many.shape[1], chunk)]
    meter.push(detector.push(chunks[0]), chunk)
    began = time.process_time()
    for each in chunks[1:]:
        meter.push(detector.push(each), chunk)
    return rows * (len(chunks) - 1) * chunk / RATE_HZ / (time.process_time() - began)


def _stacked(records: list[Record], name: str) -> Array:
    return np.array([record.signals[name] for record in records])


def main(folder: str) -> None:
    """Print the figures of all records and of each half."""
    records = [Record(path) for path in sorted(Path(folder).glob("bidmc_*.npz.xz"))]
    gates = {"impedance": TRUSTED, "modulation": TRUSTED_MODULATION}
    for name, half in {"all": records, "tuned on": records[::2], "held out": records[1::2]}.items():
        beats = pulses(half)
        print(name, "pulses", beats, f"F1 {beats.f1:.4f}", sep="\n  ")
        print(name, "pulse rate", pulse_rate(half, 0), pulse_rate(half, PULSE_TRUSTED), sep="\n  ")
        print(name, "respiration", respiration(half, dict.fromkeys(gates, 0.0)), respiration(half, gates), sep="\n  ")
    pleth = _stacked(records, "PLETH")
    for chunk in (5, RATE_HZ):
        print(f"patients a core, chunks of {1000 * chunk // RATE_HZ} ms: {patients_per_core(pleth, chunk):,.0f}")


if __name__ == "__main__":
    main(sys.argv[1])
