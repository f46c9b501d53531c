"""Stretches of pulse waves with the pulses that are found in them, and below what is told of the pulse rate."""

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from monitor.signal.ecg import BeatDetector
from monitor.signal.judging import best_shift
from monitor.signal.ppg import PulseDetector
from monitor.signal.pulse import Pulse
from monitor.signal.pulse_rate import SURE
from monitor.vitals import Measured, Quality, Signal
from simulators.latent import Array, Latent
from simulators.plots.figures import COLOURS, MARKED, OURS, blank
from simulators.recordings.annotated import BreathRecord
from simulators.signal_scoring.noisy import Condition, added
from simulators.signal_scoring.pulses import LEAD, PLETH, SHIFTS, WITHIN_S
from simulators.waveforms import Waveforms
from simulators.waves.channels import CHANNELS, Channel
from simulators.waves.noise import Noise, NoiseKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STILL: Mapping[Signal, float] = {
    Signal.HEART_RATE: 70,
    Signal.SPO2: 97,
    Signal.SYSTOLIC: 120,
    Signal.RESPIRATION_RATE: 15,
}
SIMULATED_S = 120
BAND, SHADING = 0.16, 0.35
"""The part of a panel's height that says what is told."""
LEAST_WRITTEN = 0.13
"""What takes a smaller part of its width has no words."""
SHADES = {Quality.VALID: COLOURS[1], Quality.QUESTIONABLE: COLOURS[3], Quality.INVALID: MARKED}


class Light(Struct, frozen=True, eq=False):
    """A pulse wave, and when the heart beat (s)."""

    samples: Array
    rate_hz: int
    beats_s: Array


class Perfused:
    """A Body of whom nothing changes but the perfusion index (%), straight from one instant (s) to the next."""

    def __init__(self, *course: tuple[float, float]) -> None:
        self._at_s, self._index = np.array(course).T

    def latent(self, start: int, stop: int) -> Latent:
        """As Body."""
        ticks = np.arange(start, stop, dtype=np.float64)
        nothing = np.zeros(len(ticks))
        levels = {signal: np.full(len(ticks), value, np.float64) for signal, value in STILL.items()}
        levels[Signal.PERFUSION_INDEX] = np.interp(ticks, self._at_s, self._index)
        return Latent(start, levels, nothing, nothing)

    def shown(self, start: int, stop: int) -> Mapping[Signal, Array]:
        """As Body."""
        return self.latent(start, stop).levels


class Stretch(Struct, frozen=True):
    """What to draw: seconds of a record, or of somebody simulated in whose light there is white noise."""

    begin_s: int
    end_s: int
    what: str
    record: str = ""
    disturbed: Condition | None = None
    simulated: Perfused | None = None
    snr_db: float = 30.0


MOTION = Condition(NoiseKind.MOTION, 0.0)
STRETCHES = (
    Stretch(60, 76, "undisturbed", "bidmc_02"),
    Stretch(60, 76, "the same, moved: motion at 0 dB", "bidmc_02", MOTION),
    Stretch(40, 56, "irregular", "bidmc_24"),
    Stretch(40, 56, "simulated: perfusion 0.2 %", simulated=Perfused((0, 0.2)), snr_db=12),
    Stretch(278, 326, "lost, and back", "bidmc_44"),
    Stretch(44, 92, "simulated: a cuff above the sensor", simulated=Perfused((50, 3.5), (56, 0), (76, 0), (82, 3.5))),
)


def draw(records: Mapping[str, BreathRecord]) -> "Figure":
    """A panel for each stretch of which there is a record, or that needs none.

    Raises:
        FigureError: matplotlib is not installed.
    """
    stretches = [each for each in STRETCHES if each.simulated or each.record in records]
    figure = blank(12, 0.3 + 1.85 * ((len(stretches) + 1) // 2))
    axes = figure.subplots((len(stretches) + 1) // 2, 2, squeeze=False).ravel()
    for each, stretch in zip(axes, stretches, strict=False):
        _draw(each, _light(stretch, records), stretch)
    for each in axes[len(stretches) :]:
        each.set_axis_off()
    for quality, shade in SHADES.items():
        axes[0].axvspan(0, 0, color=shade, alpha=SHADING, linewidth=0, label=f"told: {quality}")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return figure


def _light(stretch: Stretch, records: Mapping[str, BreathRecord]) -> Light:
    if stretch.simulated:
        noise = {Channel.INFRARED: (Noise(NoiseKind.WHITE, stretch.snr_db),)}
        waveforms = Waveforms(stretch.simulated, stretch.what, disturbed=noise)
        rate_hz = CHANNELS[Channel.INFRARED].rate_hz
        samples = waveforms.samples(Channel.INFRARED, 0, SIMULATED_S * rate_hz)
        return Light(samples, rate_hz, waveforms.beats(0, SIMULATED_S).at_s)
    record = records[stretch.record]
    samples, rate_hz = record.signals[PLETH], record.rate_hz
    if stretch.disturbed:
        samples = added(samples, rate_hz, record.name, stretch.disturbed)
    beats_s = np.sort(BeatDetector(rate_hz, 1).push(record.signals[LEAD][None]).at) / rate_hz
    return Light(samples, rate_hz, beats_s)


def _draw(axes: "Axes", light: Light, stretch: Stretch) -> None:
    rate_hz, samples = light.rate_hz, light.samples
    found = PulseDetector(rate_hz, 1).push(samples[None])
    sure = np.sort(found.at[found.confidence >= SURE]) / rate_hz
    beats_s = light.beats_s + best_shift(light.beats_s, sure, WITHIN_S, SHIFTS)
    at = np.arange(stretch.begin_s * rate_hz, stretch.end_s * rate_hz)
    lowest, high = np.nanmin(samples[at]), np.nanmax(samples[at])
    axes.plot(at / rate_hz, samples[at], color=COLOURS[4], linewidth=0.7)
    here = [each[(each >= stretch.begin_s) & (each < stretch.end_s)] for each in (beats_s, sure)]
    top = np.full(len(here[0]), high + 0.12 * (high - lowest))
    axes.plot(here[0], top, "|", color=COLOURS[1], markersize=6, label="heart beats, as late as pulses come")
    heights = np.interp(here[1], at / rate_hz, samples[at])
    axes.plot(here[1], heights, "o", color=OURS, markersize=4.5, fillstyle="none", label="pulse found")
    _band(axes, light, stretch)
    axes.set_ylim(lowest - 1.4 * BAND * (high - lowest), high + 0.25 * (high - lowest))
    axes.set_xlim(stretch.begin_s, stretch.end_s)
    axes.set_yticks([])
    axes.set_title(": ".join(filter(None, (stretch.record, stretch.what))), fontsize=9, loc="right")


def _band(axes: "Axes", light: Light, stretch: Stretch) -> None:
    """What is told in each second: values that are believed, doubted, or none; and why."""
    told = _told(light, stretch.end_s)[stretch.begin_s :]
    begin_s, across = float(stretch.begin_s), axes.get_xaxis_transform()
    for (quality, cause), run in groupby(told, lambda each: (each.quality, each.cause)):
        seconds = list(run)
        axes.axvspan(begin_s, begin_s + len(seconds), 0, BAND, color=SHADES[quality], alpha=SHADING, linewidth=0)
        values = [each.value for each in seconds if each.value is not None]
        words = [f"{np.median(values):.0f} /min" if values else "no value", cause.replace("_", " ")]
        if len(seconds) >= LEAST_WRITTEN * (stretch.end_s - stretch.begin_s):
            middle, text = begin_s + len(seconds) / 2, ": ".join(filter(None, words))
            axes.text(middle, BAND / 2, text, transform=across, ha="center", va="center", fontsize=7)
        begin_s += len(seconds)


def _told(light: Light, until_s: int) -> list[Measured]:
    """The pulse rate as it is told each second; before there is any, nothing is."""
    bank, told = Pulse(light.rate_hz), []
    for at in range(0, until_s * light.rate_hz, light.rate_hz):
        (values,) = bank.measured(np.zeros(1, np.intp), [light.samples[None, at : at + light.rate_hz]])
        rates = [each for each in values if each.signal is Signal.PULSE_RATE]
        told.append(rates[0] if rates else Measured(Signal.PULSE_RATE, None, Quality.INVALID))
    return told
