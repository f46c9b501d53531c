"""`vigil signal rerun`: what was computed from waveforms, computed again."""

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, TypeVar

from monitor.cli.exits import Exit, Refused
from monitor.cli.show import err, out, print_json, print_table
from monitor.events import Envelope, Observation, Started
from monitor.journal import Journal, JournalError
from monitor.sensors import KnownSensor, known_sensor
from monitor.vitals import Measured, Signal
from monitor.waves.rerun import TOLERANCE, Agreement, Key, compared, recomputed
from monitor.waves.rows import NoWavesError, WaveReader
from monitor.waves.run import SUFFIX, Run

COLUMNS = ("signal", "compared", "missing", "other quality", "beyond", "tolerance", "largest", "mean")

Input = TypeVar("Input", Observation, Started)


class Era(NamedTuple):
    """From an instant on (ns) these sensors were known."""

    since: int
    sensors: tuple[KnownSensor, ...]


def run_rerun(path: Path, waves: Path | None, *, as_json: bool) -> None:
    """Print how far numbers computed again agree with the journal; exit 1 when they do not.

    Raises:
        Refused: there is nothing to compare, or nothing to compute with.
    """
    journal = path.with_name(path.name.removesuffix(SUFFIX))
    kept = waves or journal.with_name(f"{journal.name}{SUFFIX}")
    try:
        with (
            closing(Journal.open(journal, read_only=True)) as opened,
            closing(WaveReader(kept)) as reader,
            err.status("computing …"),
        ):
            again = _again(reader.runs(), _eras(opened))
            agreements = compared((body for _, body in _inputs(opened, Observation)), again)
    except (JournalError, NoWavesError, ModuleNotFoundError) as error:
        raise Refused(str(error)) from None
    if not agreements:
        raise Refused(f"{journal}: no numbers were computed from waveforms")
    agrees = all(agreement.agrees for agreement in agreements)
    if as_json:
        print_json({"agrees": agrees, "signals": agreements})
    else:
        print_table(COLUMNS, map(_row, agreements))
        out.print("They agree." if agrees else "They do not agree.")
    if not agrees:
        raise SystemExit(Exit.FAILED)


def _inputs(journal: Journal, of: type[Input]) -> Iterator[tuple[int, Input]]:
    """Those of one type, and when each came in (ns)."""
    for stored in journal.read():
        for record in stored.records:
            if isinstance(record, Envelope) and isinstance(record.body, of):
                yield record.at, record.body


def _eras(journal: Journal) -> Sequence[Era]:
    """The journal says which sensors were known: a configuration may have changed since. The first is of all time."""
    eras: list[Era] = []
    for at, started in _inputs(journal, Started):
        if not eras or started.sensors != eras[-1].sensors:
            eras.append(Era(at, started.sensors))
    return eras


def _again(runs: Iterable[Run], eras: Sequence[Era]) -> dict[Key, dict[Signal, Measured]]:
    """Everything that runs give, with the sensors that were known when they came."""
    since = [era.since for era in eras[1:]]
    found: dict[Key, dict[Signal, Measured]] = {}
    for number, some in groupby(runs, lambda run: bisect(since, run.received_at)):
        found |= recomputed(some, known_sensor(eras[number].sensors if eras else ()))
    return found


def _row(agreement: Agreement) -> tuple[str, ...]:
    counts = agreement.n, agreement.missing, agreement.doubts, agreement.beyond
    lengths = TOLERANCE[agreement.signal], agreement.largest, agreement.mean
    return (agreement.signal, *map(str, counts), *(f"{length:.3g}" for length in lengths))
