"""What the devices of a recorded person send: observations, each with its second of the recording."""

from collections.abc import Iterator
from heapq import merge

import numpy as np

from monitor.events import Observation
from monitor.vitals import SECOND, Cause, Measured, Origin, Quality
from simulators.latent import Array
from simulators.recordings.recording import Recording, Wearing

BOOT = "recorded"


def observations(recording: Recording, start: int) -> Iterator[Observation]:
    """Everything that is sent, once, in order of time; second 0 is at `start` (ns).

    What was real when it was recorded is simulated from here on. A device sends nothing while none of its signals has a
    value; a signal without one beside others is sent as invalid.
    """
    by_device = (_of_device(recording, worn, start) for worn in recording.devices)
    return merge(*by_device, key=lambda observation: observation.received_at)


def _of_device(recording: Recording, worn: Wearing, start: int) -> Iterator[Observation]:
    values = np.stack([recording.levels[signal][: recording.seconds] for signal in worn.signals])
    for sequence, second in enumerate(_sent(values, worn.every_s).tolist()):
        at = start + second * SECOND
        measured = tuple(
            Measured(signal, value) if value == value else Measured(signal, None, Quality.INVALID, Cause.DEVICE)
            for signal, value in zip(worn.signals, values[:, second].tolist(), strict=True)
        )
        yield Observation(worn.device, BOOT, sequence, at, at, measured, Origin.SIMULATED)


def _sent(values: Array, every_s: int | None) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """The seconds at which a device sends; `values` of shape (signals, seconds)."""
    there = ~np.isnan(values)
    if every_s is None:
        before = np.concatenate([np.full((len(values), 1), np.nan), values[:, :-1]], axis=1)
        due = (there & (values != before)).any(axis=0)
    else:
        due = (np.arange(values.shape[1]) % every_s == 0) & there.any(axis=0)
    return np.flatnonzero(due)
