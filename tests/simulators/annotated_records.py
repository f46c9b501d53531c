"""Annotated records as files: the excerpt of MIT-BIH that is kept here, and a simulated one in the form of BIDMC."""

import io
import json
import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.vitals import Signal
from simulators.latent import Array
from simulators.waveforms import Waveforms
from simulators.waves.channels import CHANNELS, Channel
from tests.monitor.signal.hearts import EXCERPT
from tests.simulators.written_body import Written

PULSE, RESPIRATION, SECONDS, RATE_HZ = 70.0, 15.0, 96, 125
FLUTTER_S = (20.0, 25.0)


def beat_record(folder: Path, *, flutter: bool = False, seconds: int = 60) -> Path:
    """The beginning of record 119, with five seconds of it said to be flutter when asked."""
    with np.load(EXCERPT) as held:
        leads, at, symbols = np.cumsum(held["differences"], axis=1), held["beats"], [*map(str, held["symbols"])]
    leads = leads[:, : seconds * 360]
    marks = [(place, mark) for place, mark in zip(at.tolist(), symbols, strict=True) if place < leads.shape[1]]
    if flutter:
        marks = sorted([*marks, *((int(at_s * 360), mark) for at_s, mark in zip(FLUTTER_S, "[]", strict=True))])
    meta = {"fs": 360, "adc_gain": [200.0, 200.0], "baseline": [1024, 1024], "ann_symbol": "".join(s for _, s in marks)}
    arrays = {f"ch{k}": encoded(lead) for k, lead in enumerate(leads)}
    return written(folder / "mitdb" / "119.npz.xz", meta, {**arrays, "ann_sample": np.array([at for at, _ in marks])})


def breath_record(folder: Path, *, signals: tuple[str, ...] = ("PLETH", "RESP", "II"), missing_s: int = 0) -> Path:
    """Somebody with a pulse of 70 /min, 15 breaths a minute; the pulse wave's first seconds may be missing."""
    body = Written({Signal.HEART_RATE: PULSE, Signal.RESPIRATION_RATE: RESPIRATION})
    waves, arrays = Waveforms(body, "breath"), {}
    channels = {"PLETH": Channel.INFRARED, "RESP": Channel.IMPEDANCE, "II": Channel.ECG}
    for name in signals:
        steps = np.rint(5000 * _normal(waves, channels[name])).astype(int)
        if name == "PLETH":
            steps[: missing_s * RATE_HZ] = 20_000
        arrays[f"sig_{name}"] = encoded(steps)
    seconds = np.arange(SECONDS + 1)
    arrays["numerics"] = np.column_stack([seconds, np.full(SECONDS + 1, PULSE)]).astype(np.float32)
    every = RATE_HZ * 60 / RESPIRATION
    arrays["breaths"] = np.repeat(np.arange(1, SECONDS * RATE_HZ / every)[:, None] * every, 2, axis=1)
    meta = {
        "fs": RATE_HZ,
        "signals": signals,
        "scales": dict.fromkeys(signals, 1e-4),
        "nan_codes": {name: 20_000 if name == "PLETH" else None for name in signals},
        "numerics": ["Time [s]", "PULSE"],
    }
    return written(folder / "bidmc" / "bidmc_99.npz.xz", meta, arrays)


def _normal(waves: Waveforms, channel: Channel) -> Array:
    """At 125 samples a second, of standard deviation 1."""
    rate_hz = CHANNELS[channel].rate_hz
    samples = waves.samples(channel, 0, SECONDS * rate_hz)
    drawn: Array = np.interp(np.arange(SECONDS * RATE_HZ) / RATE_HZ, np.arange(len(samples)) / rate_hz, samples)
    normal: Array = (drawn - drawn.mean()) / drawn.std()
    return normal


def encoded(steps: NDArray[Any]) -> NDArray[np.uint8]:
    """Differences with the sign in the lowest bit; all low bytes before all high bytes."""
    differences = np.diff(steps, prepend=0)
    zigzag = np.where(differences < 0, -2 * differences - 1, 2 * differences).astype("<u2")
    return zigzag.view(np.uint8).reshape(-1, 2).T.ravel()


def written(path: Path, meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Path:
    """A record as a file."""
    packed = io.BytesIO()
    named: dict[str, Any] = {"meta": np.frombuffer(json.dumps(meta).encode(), np.uint8), **arrays}
    np.savez(packed, **named)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress(packed.getvalue(), preset=0))
    return path
