"""What other libraries find in the same records. Each is asked as its own documentation does it, for a whole record.

None is needed to run Vigil: those that cannot be imported are named, with how to install them. None can be asked chunk
by chunk, so none tells how late it would be.
"""

import warnings
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from msgspec import Struct

from monitor.signal.ecg import BeatDetector
from monitor.signal.judging import Agreement
from simulators.latent import Array
from simulators.recordings.annotated import read_beats, read_breaths
from simulators.signal_scoring import pulses
from simulators.signal_scoring.beats import Beats, judged, timed
from simulators.signal_scoring.pulses import Windows

Find = Callable[[Any, Array, int], Any]
"""From the library, the samples (samples,) and their rate to indices of beats, pulses or breaths."""


class Peer(Struct, frozen=True):
    """`module`: what is imported. `package`: what pip is to install."""

    module: str
    package: str
    find: Find


class PeerBeats(Struct, frozen=True):
    """Of one record. `seconds` of signal took so many `cpu_s`."""

    beats: Beats
    seconds: float
    cpu_s: float
    gave_up: bool


class PeerRates(Struct, frozen=True, eq=False):
    """Of one record: pulses where it finds pulses, and the rates made of what it finds."""

    pulses: Agreement | None
    windows: Windows
    gave_up: bool


def _neurokit_beats(method: str, cleaned: str | None = None) -> Find:
    def find(library: Any, samples: Array, rate_hz: int) -> Any:
        clean = library.ecg_clean(samples, sampling_rate=rate_hz, method=cleaned or method)
        return library.ecg_peaks(clean, sampling_rate=rate_hz, method=method)[1]["ECG_R_Peaks"]

    return find


def _neurokit_breaths(method: str) -> Find:
    def find(library: Any, samples: Array, rate_hz: int) -> Any:
        clean = library.rsp_clean(samples, sampling_rate=rate_hz, method=method)
        return library.rsp_peaks(clean, sampling_rate=rate_hz, method=method)[1]["RSP_Peaks"]

    return find


def _neurokit_pulses(library: Any, samples: Array, rate_hz: int) -> Any:
    clean = library.ppg_clean(samples, sampling_rate=rate_hz, method="elgendi")
    return library.ppg_findpeaks(clean, sampling_rate=rate_hz, method="elgendi")["PPG_Peaks"]


def _heartpy_beats(library: Any, samples: Array, rate_hz: int) -> Any:
    level = library.remove_baseline_wander(samples, rate_hz)
    return library.process(library.scale_data(level), rate_hz)[0]["peaklist"]


def _heartpy_pulses(library: Any, samples: Array, rate_hz: int) -> Any:
    return library.process(samples, rate_hz)[0]["peaklist"]


def _biosppy_beats(library: Any, samples: Array, rate_hz: int) -> Any:
    return library.ecg.ecg(samples, sampling_rate=rate_hz, show=False)["rpeaks"]


def _biosppy_pulses(library: Any, samples: Array, rate_hz: int) -> Any:
    return library.ppg.ppg(samples, sampling_rate=rate_hz, show=False)["peaks"]


NEUROKIT, WFDB, SLEEPECG = ("neurokit2", "neurokit2"), ("wfdb.processing", "wfdb"), ("sleepecg", "sleepecg")
BIOSPPY, HEARTPY = ("biosppy.signals", "biosppy peakutils"), ("heartpy", "heartpy")
"""The first needs a package that it does not name."""

BEATS: Mapping[str, Peer] = MappingProxyType(
    {
        "wfdb gqrs": Peer(*WFDB, lambda library, samples, rate_hz: library.gqrs_detect(sig=samples, fs=rate_hz)),
        "wfdb xqrs": Peer(
            *WFDB, lambda library, samples, rate_hz: library.xqrs_detect(sig=samples, fs=rate_hz, verbose=False)
        ),
        "sleepecg": Peer(*SLEEPECG, lambda library, samples, rate_hz: library.detect_heartbeats(samples, rate_hz)),
        "neurokit2 neurokit": Peer(*NEUROKIT, _neurokit_beats("neurokit")),
        "neurokit2 pantompkins1985": Peer(*NEUROKIT, _neurokit_beats("pantompkins1985")),
        "neurokit2 rodrigues2021": Peer(*NEUROKIT, _neurokit_beats("rodrigues2021", cleaned="neurokit")),
        "biosppy": Peer(*BIOSPPY, _biosppy_beats),
        "heartpy": Peer(*HEARTPY, _heartpy_beats),
    }
)
PULSES: Mapping[str, Peer] = MappingProxyType(
    {
        "neurokit2 elgendi": Peer(*NEUROKIT, _neurokit_pulses),
        "biosppy": Peer(*BIOSPPY, _biosppy_pulses),
        "heartpy": Peer(*HEARTPY, _heartpy_pulses),
    }
)
BREATHS: Mapping[str, Peer] = MappingProxyType(
    {
        "neurokit2 khodadad2018": Peer(*NEUROKIT, _neurokit_breaths("khodadad2018")),
        "neurokit2 biosppy": Peer(*NEUROKIT, _neurokit_breaths("biosppy")),
    }
)


def missing() -> list[str]:
    """What to install for the peers that cannot be imported."""
    wanted = {peer.package: peer.module for table in (BEATS, PULSES, BREATHS) for peer in table.values()}
    return sorted(package for package, module in wanted.items() if not _importable(module))


def peer_beats(path: str) -> dict[str, PeerBeats]:
    """What each installed peer finds in the first lead of one record.

    Raises:
        RecordError: the record cannot be read.
    """
    record = read_beats(Path(path))
    scores = {}
    for name, peer in _installed(BEATS).items():
        (at, gave_up), cpu_s = timed(partial(_found, peer, record.leads[0], record.rate_hz))
        seconds = record.leads.shape[1] / record.rate_hz
        scores[name] = PeerBeats(judged(record, at / record.rate_hz), seconds, cpu_s, gave_up)
    return scores


def peer_rates(path: str) -> dict[str, dict[str, PeerRates]]:
    """What each installed peer finds in the pulse wave and in the impedance of one record.

    Raises:
        RecordError: the record cannot be read, or lacks a waveform.
    """
    record = read_breaths(Path(path), (pulses.PLETH, pulses.IMPEDANCE, pulses.LEAD))
    rate_hz = record.rate_hz
    whole = {name: samples[: record.seconds * rate_hz] for name, samples in record.signals.items()}
    peaks_s = np.sort(BeatDetector(rate_hz, 1).push(whole[pulses.LEAD][None]).at) / rate_hz
    scores: dict[str, dict[str, PeerRates]] = {"pulse": {}, "impedance": {}}
    for name, peer in _installed(PULSES).items():
        at, gave_up = _found(peer, _filled(whole[pulses.PLETH]), rate_hz)
        at_s = at / rate_hz
        agreed = pulses.pulses_agree(peaks_s, at_s, record.seconds)
        windows = pulses.of_events(at_s, *pulses.pulse_truth(record), pulses.PULSE_S)
        scores["pulse"][name] = PeerRates(agreed, windows, gave_up)
    for name, peer in _installed(BREATHS).items():
        at, gave_up = _found(peer, _filled(whole[pulses.IMPEDANCE]), rate_hz)
        windows = pulses.of_events(at / rate_hz, *pulses.breath_truth(record), pulses.BREATH_S)
        scores["impedance"][name] = PeerRates(None, windows, gave_up)
    return scores


@cache
def _importable(module: str) -> bool:
    try:
        import_module(module)
    except ImportError:
        return False
    return True


def _installed(peers: Mapping[str, Peer]) -> dict[str, Peer]:
    absent = missing()
    return {name: peer for name, peer in peers.items() if peer.package not in absent}


def _found(peer: Peer, samples: Array, rate_hz: int) -> tuple[Array, bool]:
    """Indices in order, and whether the peer gave up."""
    library = import_module(peer.module)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return np.sort(np.asarray(peer.find(library, samples, rate_hz), np.float64)), False
        except Exception:  # noqa: BLE001 - whatever a peer raises on a record, it found nothing there, and that is counted
            return np.empty(0), True


def _filled(samples: Array) -> Array:
    """No peer takes a missing sample: it is the one before."""
    known = np.maximum.accumulate(np.where(np.isnan(samples), 0, np.arange(len(samples))))
    return np.nan_to_num(samples[known])
