"""`vigil signal rerun`: what was computed from waveforms, computed again."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from monitor.cli.exits import Exit, Refused
from monitor.cli.show import err, out, print_json, print_table
from monitor.events import Envelope, Observation
from monitor.journal import Journal, JournalError
from monitor.waves.rerun import TOLERANCE, Agreement, compare
from monitor.waves.rows import NoWavesError, WaveReader
from monitor.waves.run import SUFFIX

COLUMNS = ("signal", "compared", "missing", "other quality", "beyond", "tolerance", "largest", "mean")


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
            agreements = compare(_journaled(opened), reader.runs())
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


def _journaled(journal: Journal) -> Iterator[Observation]:
    for stored in journal.read():
        for record in stored.records:
            if isinstance(record, Envelope) and isinstance(record.body, Observation):
                yield record.body


def _row(agreement: Agreement) -> tuple[str, ...]:
    counts = agreement.n, agreement.missing, agreement.doubts, agreement.beyond
    lengths = TOLERANCE[agreement.signal], agreement.largest, agreement.mean
    return (agreement.signal, *map(str, counts), *(f"{length:.3g}" for length in lengths))
