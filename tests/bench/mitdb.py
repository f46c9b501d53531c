"""How well and how fast beats are found in records of MIT-BIH: `python -m tests.bench.mitdb FOLDER`.

MIT-BIH Arrhythmia Database 1.0.0: Moody and Mark 2001, doi 10.1109/51.932724; Goldberger et al. 2000. The folder holds
records as `NNN.npz.xz`. Beats are matched one to one; ventricular flutter is left out. Every other record makes one
half: the tables of the detector are the middle of two, each found on one of these halves.
"""

from __future__ import annotations

import io
import json
import lzma
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from monitor.signal.ecg import LATEST_S, BeatDetector
from monitor.signal.found import Found
from monitor.signal.judging import Agreement, agreement

RATE_HZ = 360
RATES_HZ = (360, 125, 250, 500)
BEATS = frozenset("NLRBAaJSVrFejnE/fQ?")
Floats = NDArray[np.float64]


class Record:
    """One record: two leads in mV, shape (2, samples), beats and flutter episodes in seconds."""

    def __init__(self, path: Path) -> None:
        held = np.load(io.BytesIO(lzma.decompress(path.read_bytes())))
        meta = json.loads(held["meta"].tobytes())
        self.leads = np.array(
            [(_decoded(held[f"ch{k}"]) - meta["baseline"][k]) / meta["adc_gain"][k] for k in range(2)]
        )
        at_s, symbols = held["ann_sample"] / RATE_HZ, meta["ann_symbol"]
        self.beats_s = at_s[[symbol in BEATS for symbol in symbols]]
        ends = [at_s[[symbol == mark for symbol in symbols]] for mark in "[]"]
        self.flutter_s = [*zip(*ends, strict=True)]

    def judged(self, at_s: Floats, within_s: float) -> Agreement:
        """What was found against the beats."""
        return agreement(self._outside(self.beats_s), self._outside(np.sort(at_s)), within_s)

    def _outside(self, at_s: Floats) -> Floats:
        inside = [(at_s >= begin) & (at_s <= end) for begin, end in self.flutter_s]
        return at_s[~np.any(inside, axis=0)] if inside else at_s


def _decoded(planes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Differences, zigzag, in two planes of bytes."""
    size = len(planes) // 2
    zigzag = planes[:size].astype(np.int64) | (planes[size:].astype(np.int64) << 8)
    return np.cumsum((zigzag >> 1) ^ -(zigzag & 1))


def found_in(record: Record, leads: int, rate_hz: int) -> Found:
    ratio = Fraction(rate_hz, RATE_HZ)
    samples = record.leads[:leads]
    if ratio != 1:
        samples = resample_poly(samples, ratio.numerator, ratio.denominator, axis=1)
    return BeatDetector(rate_hz, 1, leads=leads).push(samples[None] if leads > 1 else samples)


def told(records: list[Record], found: list[Found], rate_hz: int) -> str:
    parts = []
    for within_s in (0.150, 0.075):
        pairs = zip(records, found, strict=True)
        total = sum((record.judged(each.at / rate_hz, within_s) for record, each in pairs), Agreement(0, 0, 0))
        missed, false = total.annotated - total.matched, total.found - total.matched
        parts.append(f"{within_s * 1000:.0f} ms: F1 {total.f1:.3%} missed {missed} false {false}")
    return "; ".join(parts)


def latency(found: list[Found], rate_hz: int) -> str:
    late_s = np.concatenate([each.latency for each in found]) / rate_hz
    soon = late_s <= LATEST_S + 1e-9
    figures = ", ".join(f"P{part} {np.percentile(late_s, part):.3f}" for part in (50, 95, 99))
    return f"told within {LATEST_S} s: {soon.mean():.2%}; of all, start and search-back included: {figures} s"


def patients_per_core(records: list[Record], leads: int, chunk: int, rows: int = 480, rate_hz: int = 250) -> float:
    """How many people one core serves at 250 Hz, in chunks of so many samples; the best of five runs of a minute."""
    minute = [resample_poly(record.leads, 25, 36, axis=1)[:leads, : 60 * rate_hz] for record in records]
    many = np.stack(minute * (rows // len(minute) + 1))[:rows]
    samples = many if leads > 1 else many[:, 0]
    chunks = [np.ascontiguousarray(samples[..., at : at + chunk]) for at in range(0, 60 * rate_hz, chunk)]
    took_s = []
    for _ in range(5):
        detector, began = BeatDetector(rate_hz, rows, leads=leads), time.process_time()
        for each in chunks:
            detector.push(each)
        took_s.append(time.process_time() - began)
    return rows * 60 / min(took_s)


def main(folder: str) -> None:
    """Print the figures of all records and of each half."""
    records = [Record(path) for path in sorted(Path(folder).glob("*.npz.xz"))]
    for leads in (1, 2):
        for rate_hz in RATES_HZ:
            found = [found_in(record, leads, rate_hz) for record in records]
            print(f"{leads} lead(s), {rate_hz} Hz; {latency(found, rate_hz)}")
            for name, part in {"all": slice(None), "A": slice(0, None, 2), "B": slice(1, None, 2)}.items():
                print(f"  {name:4}{told(records[part], found[part], rate_hz)}")
    for leads in (1, 2):
        for chunk in (10, 250):
            patients = patients_per_core(records, leads, chunk)
            print(f"{leads} lead(s), chunks of {chunk * 4} ms: {patients:,.0f} patients a core at 250 Hz")


if __name__ == "__main__":
    main(sys.argv[1])
