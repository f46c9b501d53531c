"""`vigil replay`: a recording through the same engine, in virtual time."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain, islice
from math import inf
from pathlib import Path

from msgspec import json

from monitor.cli.exits import Exit, Refused
from monitor.cli.show import err, plain, print_json
from monitor.events import Envelope, Record, Started
from monitor.journal import Journal, JournalError
from monitor.replay import Pace, Progress, ReplayError, replay
from monitor.results import Difference, differences, file_lines, recorded_lines, result_line
from monitor.vitals import SECOND, Origin

SHOWN = 20
"""Differences that are printed; all are counted."""

SLOWEST = 0.001


def run_replay(path: Path, *, speed: str, session: str | None, against: Path | None, as_json: bool) -> None:
    """Print the outputs, or what differs from another result.

    Raises:
        Refused: the recording cannot be used, or (exit 1) the results differ.
    """
    pace = Pace(_speed(speed))
    try:
        with closing(Journal.open(path, read_only=True)) as journal, _Shown(journal) as shown:
            told = replay(journal.read(), _origin(journal), pace=pace, progress=shown)
            lines = (result_line(one) for one in told if session is None or _session(one) == session)
            if against is not None:
                _compare(lines, _other(against, session), as_json)
            elif as_json:
                _summarise(lines)
            else:
                for line in lines:
                    sys.stdout.buffer.write(line + b"\n")
                sys.stdout.flush()
    except JournalError as error:
        raise Refused(str(error)) from None
    except (ReplayError, OverflowError) as error:
        raise Refused(f"{path}: this is not what Vigil records: {error}") from None


def _speed(speed: str) -> float | None:
    if speed == "max":
        return None
    try:
        factor = float(speed)
    except ValueError:
        factor = 0
    if not SLOWEST <= factor < inf:
        raise Refused(f"--speed is a number above 0, or max; not '{speed}' (at least {SLOWEST:g})")
    return factor


def _origin(journal: Journal) -> Origin:
    """What the recording holds: its first input says."""
    for record in chain.from_iterable(stored.records for stored in journal.read()):
        if isinstance(record, Envelope) and isinstance(record.body, Started):
            return record.body.origin
    raise Refused("the journal is empty: nothing was recorded in it")


def _session(record: Record) -> str:
    return str(getattr(record.body, "session", ""))


def _other(path: Path, session: str | None) -> Iterator[bytes]:
    """The result to compare with: JSON lines, or what a journal recorded."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None
    with file:
        if file.peek(15)[:15] != b"SQLite format 3":
            yield from file_lines(file)
            return
    with closing(Journal.open(path, read_only=True)) as journal:
        for stored in journal.read():
            yield from recorded_lines(r for r in stored.records if session is None or _session(r) == session)


def _compare(lines: Iterable[bytes], other: Iterable[bytes], as_json: bool) -> None:
    found = differences(lines, other)
    first = [*islice(found, SHOWN)]
    number = len(first) + sum(1 for _ in found)
    if as_json:
        print_json({"equal": number == 0, "differences": number, "first": first})
    else:
        _print_differences(first, number)
    if number:
        raise SystemExit(Exit.FAILED)


def _print_differences(first: list[Difference], number: int) -> None:
    for difference in first:
        for text in (f"@@ {difference.line}", f"- {difference.theirs}", f"+ {difference.ours}"):
            sys.stdout.write(f"{plain(text)}\n")
    err.print(f"{number} lines differ." if number else "The results are equal.")


def _summarise(lines: Iterable[bytes]) -> None:
    counts: dict[str, int] = {}
    for line in lines:
        kind = json.decode(line)["output"]["type"]
        counts[kind] = counts.get(kind, 0) + 1
    print_json({"outputs": sum(counts.values()), "by_type": counts})


class _Shown:
    """Progress on standard error, on a terminal only."""

    def __init__(self, journal: Journal) -> None:
        info = journal.info()
        self._first = info.first or 0
        self._span = max((info.last or 0) - self._first, 1)

    def __enter__(self) -> Callable[[Progress], None]:
        self._status = err.status("replaying …")
        self._status.start()
        return self._show

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def _show(self, progress: Progress) -> None:
        done = (progress.at - self._first) / self._span
        self._status.update(
            f"replaying: {done:.0%}, {(progress.at - self._first) / SECOND:.0f} s of the recording, "
            f"{progress.inputs} inputs, {progress.outputs} outputs"
        )
