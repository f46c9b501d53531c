"""The score of the signal processing, as tables to read."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from monitor.signal.judging import Errors
from simulators.signal_scoring.noisy import NoiseScore
from simulators.signal_scoring.report import BeatRow, Counted, PulseRow, RateRow, Report
from simulators.signal_scoring.speed import Speed


class Table(Struct, frozen=True):
    """Texts."""

    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(report: Report) -> Iterator[Table]:
    """Those that have rows."""
    return (table for table in _all(report) if table.rows)


def _all(report: Report) -> Iterator[Table]:
    yield Table(
        f"Beats in {report.beat_records} records of MIT-BIH",
        "One to one within 150 and within 75 ms, flutter left out. Speed: times real time, each record whole; medians.",
        ("method", "F1 %", "Se %", "PPV %", "F1 % 75 ms", "missed", "false", "worst", "F1 %", "speed", "in 1 s chunks"),
        tuple(map(_beats, report.beats)),
    )
    yield Table(
        "How much later than its R peak a beat is told, s",
        "Beats that come as expected; then those that were learnt at the start or searched for when one was overdue.",
        ("method", "expected %", "P50", "P95", "latest", "others P50", "P95", "latest"),
        tuple(_late(row) for row in report.beats if row.latency),
    )
    yield Table(
        f"Pulses in {report.breath_records} records of BIDMC",
        "One to one within 150 ms of the R peaks that we find, moved by the transit time that fits the record best.",
        ("method", "F1 %", "Se %", "PPV %", "missed", "false"),
        tuple(map(_pulses, report.pulses)),
    )
    yield Table(
        f"Rates in {report.breath_records} records of BIDMC: absolute errors, /min",
        "Pulse: 8 s against the monitor's, 8 s late. Respiration: 32 s, where two annotators agree within 2 /min.",
        ("rate", "method", "told %", "mean", "median", "P95", "trusted %", "mean", "median", "P95"),
        tuple(map(_rates, report.rates)),
    )
    yield Table(
        "Heart rate in disturbed ECG",
        "Noise at a ratio to the record's own power. F1 of all beats; errors of rates told as valid, /min.",
        NOISE,
        tuple(map(_noise, report.noisy_beats)),
    )
    yield Table(
        "Pulse rate in disturbed light",
        "The same.",
        NOISE,
        tuple(map(_noise, report.noisy_pulses)),
    )
    yield Table(
        "Respiration rate in disturbed impedance, light and ECG",
        "Each channel with noise of its own, at one ratio; errors of rates that are trusted, /min.",
        ("disturbance", "from", "trusted %", "mean error", "median", "P95"),
        tuple((row.condition, row.what, *_errors(row.told)) for row in report.noisy_breaths),
    )
    yield Table(
        "People a core serves, live",
        "Many at a time, ECG at 250 Hz, light at 125 Hz, impedance at 25 Hz; medians of rounds.",
        ("part", "40 ms chunks", "1 s chunks"),
        tuple(_speeds(report.speeds)),
    )


NOISE = ("disturbance", "F1 %", "told %", "mean error", "median", "P95", "doubtful %", "silent %, by cause")


def _beats(row: BeatRow) -> tuple[str, ...]:
    wide = row.within_150_ms
    chunked = "" if row.chunked is None else f"{row.chunked:,.0f}"
    worst = row.worst, percent(row.worst_f1), f"{row.real_time:,.0f}", chunked
    return (_method(row), *_shares(wide), percent(row.within_75_ms.f1), *_wrong(wide), *worst)


def _method(row: BeatRow | RateRow) -> str:
    return f"{row.method} (gave up: {row.gave_up})" if row.gave_up else row.method


def _late(row: BeatRow) -> tuple[str, ...]:
    late = row.latency
    if late is None:
        return ()
    shown = [[each.get(name) for name in ("p50", "p95", "p100")] for each in (late.soon_s, late.searched_s)]
    return (row.method, percent(late.soon), *("" if each is None else f"{each:.3f}" for part in shown for each in part))


def _pulses(row: PulseRow) -> tuple[str, ...]:
    return (row.method, *_shares(row.pulses), *_wrong(row.pulses))


def _rates(row: RateRow) -> tuple[str, ...]:
    return (row.what, _method(row), *_errors(row.windows), *(_errors(row.trusted) if row.trusted else ("",) * 4))


def _noise(row: NoiseScore) -> tuple[str, ...]:
    silent = ", ".join(f"{cause} {percent(share, 1)}" for cause, share in row.silent.items())
    return (row.condition, percent(row.f1), *_errors(row.told), percent(row.doubtful, 1), silent)


def _speeds(speeds: Sequence[Speed]) -> Iterator[tuple[str, ...]]:
    for part in dict.fromkeys(each.part for each in speeds):
        yield part, *(f"{each.people:,.0f}" for each in speeds if each.part == part)


def _shares(counted: Counted) -> tuple[str, str, str]:
    return percent(counted.f1), percent(counted.sensitivity), percent(counted.predictive_value)


def _wrong(counted: Counted) -> tuple[str, str]:
    return str(counted.annotated - counted.matched), str(counted.found - counted.matched)


def _errors(errors: Errors) -> tuple[str, str, str, str]:
    return percent(errors.coverage, 1), f"{errors.mean:.2f}", f"{errors.median:.2f}", f"{errors.p95:.2f}"


def percent(share: float, digits: int = 2) -> str:
    """Of a share, without the sign."""
    return f"{100 * share:.{digits}f}"
