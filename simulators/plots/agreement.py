"""How far simulated people agree with published ones: one row for each published number."""

from collections.abc import Iterator

from msgspec import Struct

from monitor.vitals import SIGNALS, Signal
from simulators.plots.published import Finding, Published, Rate
from simulators.plots.trial import Trial

NAMES = {
    Signal.SYSTOLIC: "systolic",
    Signal.DIASTOLIC: "diastolic",
    Signal.HEART_RATE: "heart rate",
    Signal.TEMPERATURE: "temperature",
    Signal.SPO2: "saturation",
}


class Row(Struct, frozen=True):
    """A published number beside ours, as texts."""

    what: str
    published: str
    simulated: str
    source: str


def rows(published: Published, trial: Trial) -> Iterator[Row]:
    """Every number that is published of a drug, in the order of the table."""
    yield from (_finding(each, trial) for each in published.findings)
    yield from (_rate(each, trial) for each in published.rates)


def _finding(finding: Finding, trial: Trial) -> Row:
    signal = finding.signal
    if finding.of_maxima:
        when, ours = "mean of maxima", trial.mean_maximum(signal)
    else:
        when, ours = _minutes(finding.minutes), trial.mean_change(signal, finding.minutes)
    unit, decimals = SIGNALS[signal].unit, 2 if signal is Signal.TEMPERATURE else 1
    low, high = finding.spread or (None, None)
    theirs = f"{finding.change:+g}" if low is None else f"{finding.change:+g} ({low:+.3g} to {high:+.3g})"
    said = finding.note or f"{theirs} {unit}"
    return Row(f"{NAMES[signal]}, {when}", said, f"{ours:+.{decimals}f} {unit}", finding.source)


def _minutes(minutes: tuple[float, float]) -> str:
    start, end = minutes
    return f"{start:g} min" if start == end else f"{start:g} to {end:g} min"


def _rate(rate: Rate, trial: Trial) -> Row:
    low, high = rate.percent
    theirs = f"{low:g} %" if low == high else f"{low:g} to {high:g} %"
    return Row(f"people with {rate.what}", theirs, f"{trial.share(rate.any_of) * 100:.1f} %", rate.source)
