"""Stretches of electrocardiograms with the beats that are found in them, beside those that people marked."""

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from monitor.signal.ecg import BeatDetector
from monitor.signal.judging import matched
from simulators.plots.figures import COLOURS, MARKED, OURS, blank
from simulators.recordings.annotated import BeatRecord
from simulators.signal_scoring.beats import WIDE_S
from simulators.signal_scoring.noisy import Condition, added
from simulators.waves.noise import NoiseKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Stretch(Struct, frozen=True):
    """What to draw: seconds of a record's first lead, and what disturbs it."""

    record: str
    begin_s: float
    end_s: float
    what: str
    disturbed: Condition | None = None


STRETCHES = (
    Stretch("100", 60, 70, "sinus rhythm"),
    Stretch("100", 60, 70, "the same, electrodes moving at 0 dB", Condition(NoiseKind.MOTION, 0.0)),
    Stretch("119", 20, 32, "ventricular beats"),
    Stretch("203", 850, 860, "fibrillation and noise"),
)


def draw(records: dict[str, BeatRecord]) -> "Figure":
    """A panel for each stretch of which there is a record.

    Raises:
        FigureError: matplotlib is not installed.
        KeyError: none of them is there.
    """
    stretches = [each for each in STRETCHES if each.record in records]
    if not stretches:
        raise KeyError("there is none of the records " + ", ".join(sorted({each.record for each in STRETCHES})))
    figure = blank(10, 1.9 * len(stretches))
    axes = figure.subplots(len(stretches), 1, squeeze=False)[:, 0]
    for each, stretch in zip(axes, stretches, strict=True):
        _draw(each, records[stretch.record], stretch)
    axes[0].legend(loc="upper left", bbox_to_anchor=(0, 1.35), ncols=4, frameon=False)
    axes[-1].set_xlabel("seconds of the record")
    return figure


def _draw(axes: "Axes", record: BeatRecord, stretch: Stretch) -> None:
    lead = record.leads[0]
    if stretch.disturbed:
        lead = added(lead, record.rate_hz, record.name, stretch.disturbed)
    found = np.sort(BeatDetector(record.rate_hz, 1).push(lead[None]).at) / record.rate_hz
    inside = (found >= stretch.begin_s) & (found < stretch.end_s)
    truth = record.beats_s[(record.beats_s >= stretch.begin_s) & (record.beats_s < stretch.end_s)]
    pairs = matched(truth, found[inside], WIDE_S)
    false, missed = np.delete(found[inside], pairs[:, 1]), np.delete(truth, pairs[:, 0])
    at = np.arange(round(stretch.begin_s * record.rate_hz), round(stretch.end_s * record.rate_hz))
    top = float(lead[at].max()) + 0.15 * float(np.ptp(lead[at]))
    axes.plot(at / record.rate_hz, lead[at], color=COLOURS[4], linewidth=0.7)
    for beats_s, height, marker, colour, label in (
        (truth, top, "|", COLOURS[1], "annotated"),
        (found[inside][pairs[:, 1]], None, "o", OURS, "found"),
        (false, None, "x", MARKED, "found, none there"),
        (missed, None, "v", MARKED, "missed"),
    ):
        heights = (
            np.full(len(beats_s), height) if height is not None else np.interp(beats_s, at / record.rate_hz, lead[at])
        )
        axes.plot(
            beats_s, heights, linestyle="none", marker=marker, color=colour, markersize=6, fillstyle="none", label=label
        )
    axes.set_xlim(stretch.begin_s, stretch.end_s)
    axes.set_ylabel("mV")
    axes.set_title(f"{stretch.record}: {stretch.what}", fontsize=9, loc="right")
