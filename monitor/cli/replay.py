"""`vigil replay`: a recording through the same engine, in virtual time."""

import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from itertools import count, islice
from pathlib import Path

from msgspec import json

from monitor.cli.exits import Exit, Refused
from monitor.cli.replay_sources import Source, is_journal, opened
from monitor.cli.replay_wanted import Wanted, factor
from monitor.cli.replay_watched import Ended, Watched
from monitor.cli.show import err, plain, print_json
from monitor.events import Record
from monitor.journal import Journal, JournalError
from monitor.replay import Pace, ReplayError, replay
from monitor.results import Difference, differences, file_lines, recorded_lines, result_line

SHOWN = 20
"""Differences that are printed; all are counted."""


def run_replay(recording: str, wanted: Wanted, *, against: Path | None = None, as_json: bool = False) -> None:
    """Print the outputs, or what differs from another result.

    Raises:
        Refused: the recording cannot be used, or (exit 1) the results differ.
    """
    speed = factor(wanted.speed or "max")
    if against is not None and not wanted.whole:
        raise Refused("--against compares whole results: leave out --from, --to and --loop")
    try:
        # Closed in any case: the terminal is given back as it was.
        with opened(recording, wanted.mapping) as source, closing(_lines(source, wanted, speed)) as lines:
            if against is not None:
                _compare(lines, _other(against, wanted.session), as_json)
            elif as_json:
                _summarise(lines)
            else:
                _print(lines, at_once=speed is not None)
    except Ended:
        # Who ended it knows what was printed; half a summary or comparison is none.
        if against is not None or as_json:
            raise SystemExit(Exit.INTERRUPTED) from None
    except JournalError as error:
        raise Refused(str(error)) from None
    except (ReplayError, OverflowError) as error:
        raise Refused(f"{recording}: this is not what Vigil records: {error}") from None


def _print(lines: Iterable[bytes], *, at_once: bool) -> None:
    try:
        for line in lines:
            sys.stdout.buffer.write(line + b"\n")
            if at_once:
                sys.stdout.buffer.flush()
    finally:
        sys.stdout.flush()


def _lines(source: Source, wanted: Wanted, speed: float | None) -> Generator[bytes, None, None]:
    """The canonical lines of every lap."""
    begin, end = wanted.window(source)
    with Watched(source.first, end or source.last) as watched:
        for _ in range(wanted.laps) if wanted.laps else count():
            pace = Pace(speed, watched.sleep, watched.now, begin)
            told = replay(source.batches(), source.origin, pace=pace, begin=begin, end=end, progress=watched.show)
            yield from (result_line(one) for one in told if wanted.session is None or _session(one) == wanted.session)


def _session(record: Record) -> str:
    return str(getattr(record.body, "session", ""))


def _other(path: Path, session: str | None) -> Iterator[bytes]:
    """The result to compare with: JSON lines, or what a journal recorded."""
    if not is_journal(path):
        try:
            with path.open("rb") as file:
                yield from file_lines(file)
        except OSError as error:
            raise Refused(f"{path}: {error.strerror}") from None
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
