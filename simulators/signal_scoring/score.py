"""Judges the signal processing on a folder of annotated records, record by record, on several processes."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from simulators.recordings.annotated import SUFFIX, name_of
from simulators.scoring.spread import spread
from simulators.signal_scoring import noisy, noisy_breaths, peers, pulses
from simulators.signal_scoring.beats import NONE, Latency, OwnBeats, latency, own_beats, together
from simulators.signal_scoring.report import BeatRow, PulseRow, RateRow, Report, beat_row, counted
from simulators.signal_scoring.speed import Speed, on_one_core

OURS: Mapping[int, str] = MappingProxyType({1: "ours, one lead", 2: "ours, both leads"})
BEATS_IN, BREATHS_IN = "mitdb", "bidmc"
Say = Callable[[str], None]
Answer = TypeVar("Answer")


class Wanted(Struct, frozen=True):
    """What to judge: paths of records, and what beside accuracy."""

    beats: tuple[str, ...]
    breaths: tuple[str, ...]
    peers: bool = False
    noise: bool = False
    speed: bool = True
    jobs: int = 1


class NoRecordsError(ValueError):
    """A folder holds nothing to judge by; the message says what it should hold."""


def records_in(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Paths of the records of MIT-BIH and of BIDMC, in order.

    Raises:
        NoRecordsError: there is none of either.
    """
    if not folder.is_dir():
        raise NoRecordsError(f"{folder} is no folder")
    both = [tuple(sorted(map(str, (folder / name).glob(f"*{SUFFIX}")))) for name in (BEATS_IN, BREATHS_IN)]
    if not any(both):
        meant = f": give the folder that holds {folder.name}/" if folder.name in (BEATS_IN, BREATHS_IN) else ""
        raise NoRecordsError(f"{folder} holds no records (*{SUFFIX}) in {BEATS_IN}/ or {BREATHS_IN}/{meant}")
    return both[0], both[1]


def score(wanted: Wanted, say: Say) -> Report:
    """Everything that is wanted; `say` hears how far it is.

    Raises:
        RecordError: a record cannot be read.
    """
    each = _Records(wanted, say)
    rates, pulse_rows = _rates(each, wanted)
    return Report(
        beat_records=len(wanted.beats),
        breath_records=len(wanted.breaths),
        beats=tuple(_beats(each, wanted)),
        pulses=pulse_rows,
        rates=rates,
        noisy_beats=_noisy(each.of("noise in ECG", noisy.disturbed_beats, wanted.beats, wanted.noise)),
        noisy_pulses=_noisy(each.of("noise in light", noisy.disturbed_pulses, wanted.breaths, wanted.noise)),
        noisy_breaths=_noisy_breaths(each, wanted),
        # Alone, when nothing else runs.
        speeds=_speeds(say) if wanted.speed else (),
        missing_peers=tuple(peers.missing()) if wanted.peers else (),
    )


class _Records:
    """Asks something of each record."""

    def __init__(self, wanted: Wanted, say: Say) -> None:
        self._jobs, self._say = wanted.jobs, say

    def of(self, what: str, work: Callable[[str], Answer], paths: Sequence[str], asked: bool = True) -> list[Answer]:
        """The answers in order; none when it is not asked."""
        answers: list[Answer] = []
        if not (asked and paths):
            return answers
        for path, answer in zip(paths, spread(work, paths, min(self._jobs, len(paths))), strict=True):
            answers.append(answer)
            self._say(f"{what}: {len(answers)} of {len(paths)}, last {name_of(Path(path))}")
        return answers


def _beats(each: _Records, wanted: Wanted) -> list[BeatRow]:
    rows = []
    for leads, method in OURS.items():
        own = [found for found in each.of(method, partial(own_beats, leads=leads), wanted.beats) if found]
        if own:
            chunked = median(one.seconds / one.chunked_cpu_s for one in own)
            rows.append(replace(_row(method, own, latency(own)), chunked=chunked))
    scores = each.of("peers, beats", peers.peer_beats, wanted.beats, wanted.peers)
    rows += [_row(name, [score[name] for score in scores]) for name in (scores[0] if scores else ())]
    return rows


def _row(method: str, found: Sequence[OwnBeats | peers.PeerBeats], late: Latency | None = None) -> BeatRow:
    """All records as one, and how many times faster than it lasts the median one is worked through."""
    records = [one.beats for one in found]
    speed = median(one.seconds / one.cpu_s for one in found)
    gave_up = sum(isinstance(one, peers.PeerBeats) and one.gave_up for one in found)
    return beat_row(method, records, together(records, method), speed, late, gave_up)


def _rates(each: _Records, wanted: Wanted) -> tuple[tuple[RateRow, ...], tuple[PulseRow, ...]]:
    own = each.of("ours, pulses and breaths", pulses.own_pulses, wanted.breaths)
    if not own:
        return (), ()
    rates, found = [], [PulseRow("ours", counted(sum((one.pulses for one in own), NONE)))]
    scores = each.of("peers, pulses and breaths", peers.peer_rates, wanted.breaths, wanted.peers)
    for what, least in pulses.RATES.items():
        windows = pulses.joint([one.rates[what] for one in own])
        rates.append(RateRow("ours", what, windows.errors(), windows.errors(least)))
        for name in scores[0].get(what, ()) if scores else ():
            theirs = [score[what][name] for score in scores]
            errors = pulses.joint([one.windows for one in theirs]).errors()
            rates.append(RateRow(name, what, errors, gave_up=sum(one.gave_up for one in theirs)))
            agreed = [one.pulses for one in theirs if one.pulses]
            found += [PulseRow(name, counted(sum(agreed, NONE)))] if agreed else []
    return tuple(rates), tuple(found)


def _speeds(say: Say) -> tuple[Speed, ...]:
    say("speed")
    return tuple(on_one_core())


def _noisy_breaths(each: _Records, wanted: Wanted) -> tuple[noisy_breaths.BreathsScore, ...]:
    records = each.of("noise in breaths", noisy_breaths.disturbed_breaths, wanted.breaths, wanted.noise)
    return tuple(one for parts in zip(*records, strict=True) for one in noisy_breaths.breaths_scores(parts))


def _noisy(records: list[list[noisy.Disturbed]]) -> tuple[noisy.NoiseScore, ...]:
    return tuple(noisy.noise_score(parts) for parts in zip(*records, strict=True))
