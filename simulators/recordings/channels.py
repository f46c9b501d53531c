"""From the samples of a file to one value for each second.

The rule: at second k, counted from the file's first instant, a signal has the last value recorded at or before k. A
value stands for one and a half sample intervals (or the mapping's `hold_s`); what is older is no value. A missing code
is no value from its instant on, until a value follows. Nothing is interpolated and nothing is filled in.
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct

from monitor.vitals import SIGNALS, Signal
from simulators.latent import Array
from simulators.recordings.mapping import Mapped, RecordingMap
from simulators.recordings.recording import Recording, RecordingError, Wearing

HELD_INTERVALS: Final = 1.5
MOST_S: Final = 14 * 86_400
"""Seconds: no session lasts two weeks, and a wrong time column must not fill the memory."""
NUMERICS_HZ: Final = 32.0
"""Numerics come at 1 Hz or less from monitors, and at up to 32 Hz in the EDF of sleep laboratories; a waveform has
more: a pulse wave of 40 Hz is unusually coarse."""
SLACK_S: Final = 1e-6
"""Times that were computed from a rate are not whole."""


class Channel(Struct, frozen=True):
    """The samples of one column or channel: in order of time, as the file's numbers, NaN where it says none.

    `step` is the resolution in which the file keeps them, 0 when they are exact; `place` names a sample.
    """

    times: Array
    values: Array
    interval_s: float
    step: float
    place: Callable[[int], str]


def refuse_waveform(where: Path, name: str, rate: float) -> None:
    """Only numerics are played. Raises RecordingError for a channel of a waveform's rate (Hz)."""
    if rate > NUMERICS_HZ:
        raise RecordingError(
            where,
            f"channel '{name}' has {rate:g} samples a second: that is a waveform. Numerics (at most {NUMERICS_HZ:g} a "
            "second) are played; waveforms will come through the signal chain, which measures numerics from them. "
            "Remove its [[signal]] from the mapping, or name a channel of numerics",
        )


def refuse_length(where: Path, seconds: float) -> None:
    """Raises RecordingError for what is longer than any session, or has no length."""
    if not SLACK_S < seconds <= MOST_S:
        raise RecordingError(
            where, f"it lasts {seconds:g} s; above 0 and at most {MOST_S} are played: correct its times"
        )


def recorded(name: str, where: Path, mapping: RecordingMap, channels: Mapping[Signal, Channel]) -> Recording:
    """The recording that the channels of a file are.

    Raises:
        RecordingError: naming the place of a value that is not possible.
    """
    length = max(float(each.times[-1]) + each.interval_s for each in channels.values())
    refuse_length(where, length)
    seconds = max(math.floor(length + SLACK_S), 1)
    mapped = [each for each in mapping.signal if each.signal in channels]
    levels = {
        each.signal: _held(_meant(channels[each.signal], each, mapping, where), channels[each.signal], mapping, seconds)
        for each in mapped
    }
    return Recording(name, levels, _devices(mapping, mapped))


def _devices(mapping: RecordingMap, mapped: list[Mapped]) -> tuple[Wearing, ...]:
    worn: list[Wearing] = []
    for device in dict.fromkeys(each.device for each in mapped):
        sending = mapping.device.get(device)
        every_s = 1 if sending is None else None if sending.on_change else sending.every_s
        worn.append(Wearing(device, tuple(each.signal for each in mapped if each.device == device), every_s))
    return tuple(worn)


def _meant(channel: Channel, mapped: Mapped, mapping: RecordingMap, where: Path) -> Array:
    """The samples in the signal's unit and resolution, NaN for a missing code."""
    values, info = channel.values.copy(), SIGNALS[mapped.signal]
    for code in (*mapping.missing, *mapped.missing):
        if isinstance(code, int | float):
            values[np.abs(values - code) <= channel.step / 2] = np.nan
    conversion = mapped.conversion()
    levels: Array = np.round(values * conversion.scale + conversion.offset, info.decimals)
    for n in np.flatnonzero(~np.isnan(levels) & ~((info.lowest <= levels) & (levels <= info.highest)))[:1]:
        possible = f"possible for {mapped.signal} is {info.lowest:g} to {info.highest:g} {info.unit}"
        raise RecordingError(
            where,
            f"{channel.place(int(n))}: {channel.values[n]:g} gives {levels[n]:g}; {possible}. "
            "Correct `unit`, or add it to `missing` if it stands for no value",
        )
    return levels


def _held(levels: Array, channel: Channel, mapping: RecordingMap, seconds: int) -> Array:
    """One value a second, by the rule above."""
    grid = np.arange(seconds, dtype=np.float64)
    last = np.searchsorted(channel.times, grid + SLACK_S, side="right") - 1
    held_s = mapping.hold_s or HELD_INTERVALS * channel.interval_s
    stands = (last >= 0) & (grid - channel.times[last] < held_s - SLACK_S)
    return np.where(stands, levels[last], np.nan)
