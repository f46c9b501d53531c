"""Public recordings in which people marked every beat or breath: records of MIT-BIH and of BIDMC, as `.npz.xz`.

MIT-BIH Arrhythmia Database: Moody and Mark 2001, doi 10.1109/51.932724. BIDMC PPG and Respiration Dataset: Pimentel et
al. 2016, doi 10.1109/TBME.2016.2613124. Both: Goldberger et al. 2000, doi 10.1161/01.CIR.101.23.e215.

A record is an array archive inside xz. Its waveforms are whole numbers: the differences from each to the next, with the
sign in the lowest bit, the low bytes of all before the high bytes of all. `meta` is JSON in bytes.
"""

import io
import json
import lzma
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from simulators.latent import Array

SUFFIX = ".npz.xz"
BEATS = frozenset("NLRBAaJSVrFejnE/fQ?")
"""Annotations of MIT-BIH that are beats; the others tell rhythms, noise and comments."""
FLUTTER = "[", "]"
"""Where ventricular flutter begins and ends: nobody could mark its beats."""
PULSE = "PULSE"

Record = TypeVar("Record")


class RecordError(ValueError):
    """A file is no such record; the message says which, and why."""


class BeatRecord(Struct, frozen=True, eq=False):
    """One record of MIT-BIH: `leads` (leads, samples) in mV, and in seconds its beats and its flutter, begin to end."""

    name: str
    rate_hz: int
    leads: Array
    beats_s: Array
    flutter_s: tuple[tuple[float, float], ...]

    def outside_flutter(self, at_s: Array) -> Array:
        """Those instants that do not lie in flutter, in order."""
        inside = np.zeros(len(at_s), np.bool_)
        for begin, end in self.flutter_s:
            inside |= (at_s >= begin) & (at_s <= end)
        return np.sort(at_s[~inside])


class BreathRecord(Struct, frozen=True, eq=False):
    """One record of BIDMC: waveforms by name, of one length, NaN where missing.

    `pulse`: /min, what the bedside monitor told each second, NaN when nothing. `breaths_s`: of each annotator, seconds.
    """

    name: str
    rate_hz: int
    signals: Mapping[str, Array]
    pulse: Array
    breaths_s: tuple[Array, ...]

    @property
    def seconds(self) -> int:
        """How many whole seconds it has, in waveforms and numbers."""
        return min(len(next(iter(self.signals.values()))) // self.rate_hz, len(self.pulse) - 1)


def read_beats(path: Path) -> BeatRecord:
    """A record of MIT-BIH.

    Raises:
        RecordError: it is none, or damaged.
    """
    record: BeatRecord = _read(path, _beats)
    return record


def read_breaths(path: Path, needed: Iterable[str] = ()) -> BreathRecord:
    """A record of BIDMC.

    Raises:
        RecordError: it is none, or damaged, or lacks a waveform that is needed.
    """
    record: BreathRecord = _read(path, _breaths)
    missing = [name for name in needed if name not in record.signals]
    if missing:
        raise RecordError(f"{path}: it has no {' or '.join(missing)}")
    return record


def name_of(path: Path) -> str:
    """What a record is called."""
    return path.name.removesuffix(SUFFIX)


def _read(path: Path, understood: Callable[[str, Any, dict[str, NDArray[Any]]], Record]) -> Record:
    try:
        with np.load(io.BytesIO(lzma.decompress(path.read_bytes())), allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        return understood(name_of(path), json.loads(arrays["meta"].tobytes()), arrays)
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror or error}") from None
    except (lzma.LZMAError, BadZipFile, EOFError):
        raise RecordError(f"{path}: damaged, or not packed as {SUFFIX}") from None
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        raise RecordError(f"{path}: its contents are not those of such a record") from None


def _beats(name: str, meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> BeatRecord:
    rate_hz, gains, levels = int(meta["fs"]), meta["adc_gain"], meta["baseline"]
    leads = [(_decoded(arrays[f"ch{k}"]) - levels[k]) / gains[k] for k in range(len(gains))]
    at_s, symbols = arrays["ann_sample"] / rate_hz, np.array(list(meta["ann_symbol"]))
    begins, ends = (at_s[symbols == mark].tolist() for mark in FLUTTER)
    flutter_s = tuple(zip(begins, ends, strict=True))
    return BeatRecord(name, rate_hz, np.array(leads), at_s[np.isin(symbols, [*BEATS])], flutter_s)


def _breaths(name: str, meta: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> BreathRecord:
    rate_hz, numbers = int(meta["fs"]), arrays["numerics"].astype(np.float64)
    signals = {}
    for each in meta["signals"]:
        codes, missing = _decoded(arrays[f"sig_{each}"]), meta["nan_codes"][each]
        signals[each] = np.where(codes == missing, np.nan, codes * meta["scales"][each])
    pulse = numbers[:, meta["numerics"].index(PULSE)]
    breaths_s = tuple(at[np.isfinite(at) & (at > 0)] / rate_hz for at in arrays["breaths"].T.astype(np.float64))
    return BreathRecord(name, rate_hz, signals, np.where(pulse > 0, pulse, np.nan), breaths_s)


def _decoded(planes: NDArray[np.uint8]) -> Array:
    size = len(planes) // 2
    signed = planes[:size].astype(np.int64) | (planes[size:].astype(np.int64) << 8)
    return np.cumsum((signed >> 1) ^ -(signed & 1)).astype(np.float64)
