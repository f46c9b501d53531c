"""`vigil replay RECORDING --protocol A [--against B]`: what other limits would have told of the same recording."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from alerts.protocols import protocol_text
from monitor.alert import Alert, Delivery, Page
from monitor.cli.exits import Refused
from monitor.cli.replay_sources import Source, opened
from monitor.cli.replay_wanted import Wanted
from monitor.cli.show import err, out, print_json, print_table
from monitor.events import DeliveryReported, Told
from monitor.journal import JournalError
from monitor.protocol import ProtocolError, read_protocol
from monitor.replay import ReplayError
from monitor.vitals import SECOND
from monitor.whatif.comparison import Change, Comparison, Difference, compare
from monitor.whatif.episodes import Episode, episodes
from monitor.whatif.rejudge import Promise, Rejudged, refused, rejudge
from simulators.play import DELIVERED_AFTER
from simulators.staff import USUAL_RESPONDER, Responder, Staff
from simulators.story import Scenario

RECORDED = "as recorded"
SHOWN = 60
"""Differences that are printed; all are counted, and all are in the JSON."""


class Side(Struct, frozen=True):
    """A protocol to judge by: its TOML text, None for those that were recorded."""

    name: str
    text: str | None


class WhatIf(Struct, frozen=True):
    """The whole answer. `first` (ns): the beginning of the recording. `comparison`: what `after` makes of `before`."""

    recording: str
    first: int
    before: str
    after: str
    responder: Responder
    comparison: Comparison


class Answering:
    """Staff who do not exist, in place of everybody who answered a recording. Every page is delivered."""

    def __init__(self, responder: Responder) -> None:
        # No story says what anybody does.
        self._staff = Staff(Scenario(title=RECORDED, by="", session=()), 0, responder, "what-if")

    def hear(self, told: Told) -> Iterator[Promise]:
        """As in monitor.whatif.rejudge.Responder."""
        body = told.body
        if isinstance(body, Page):
            report = DeliveryReported(body.id, body.alert, body.person, body.pager, Delivery.DELIVERED)
            yield body.due_at + DELIVERED_AFTER, lambda: report
        if isinstance(body, Alert | Page):
            for intent in self._staff.hear(body, told.at):
                yield intent.due, partial(self._staff.answer, intent)


def run_whatif(
    recording: str,
    wanted: Wanted,
    *,
    protocol: str,
    against: Path | None = None,
    live: bool = False,
    as_json: bool = False,
) -> None:
    """Print which alerts appear, vanish and move when `protocol` takes the place of `against`, or of what was recorded.

    Raises:
        Refused: the recording, a protocol or an option cannot be used.
    """
    if live or wanted.speed is not None or not wanted.whole:
        raise Refused("--protocol judges a whole recording again: leave out --live, --speed, --from, --to and --loop")
    try:
        before, after = _side(None if against is None else str(against)), _side(protocol)
        with opened(recording, wanted.mapping) as source:
            answer = what_if(recording, source, before, after, wanted.session)
    except (JournalError, ProtocolError) as error:
        raise Refused(str(error)) from None
    except (ReplayError, OverflowError) as error:
        raise Refused(f"{recording}: this is not what Vigil records: {error}") from None
    if as_json:
        print_json(answer)
    else:
        _print(answer)


def _side(name: str | None) -> Side:
    if name is None:
        return Side(RECORDED, None)
    text = protocol_text(name)
    read_protocol(text)
    return Side(name, text)


def what_if(recording: str, source: Source, before: Side, after: Side, session: str | None = None) -> WhatIf:
    """Judge a recording by both sides, with the same staff, and compare.

    Raises:
        ReplayError: it is none that a process could have recorded.
    """
    known = refused(source.batches())
    sides: list[list[Episode]] = []
    for side in (before, after):
        with err.status(f"judging by {side.name} …"):
            told = rejudge(source.batches(), Rejudged(source.origin, side.text, known), Answering(USUAL_RESPONDER))
            found = episodes(told)
        sides.append([each for each in found if session is None or each.session == session])
    return WhatIf(recording, source.first, before.name, after.name, USUAL_RESPONDER, compare(*sides))


def _print(answer: WhatIf) -> None:
    comparison, responder = answer.comparison, answer.responder
    out.print(f"{answer.recording}: {answer.after} in place of {answer.before}", style="bold")
    out.print(
        f"Simulated staff answer every audible alert: going after {responder.going_s:g} s, at the bedside after "
        f"{responder.bedside_s:g} s. What was answered when it was recorded is left out. Nobody is told anything."
    )
    out.print(f"\n{comparison.same} alerts are the same, {len(comparison.differences)} differ.")
    if comparison.differences:
        out.print()
        columns = ("At", "Session", "Alert", "Change", "Before", "After", "By", "Pages")
        print_table(columns, (_row(each, answer.first) for each in comparison.differences[:SHOWN]))
        if len(comparison.differences) > SHOWN:
            out.print(f"… and {len(comparison.differences) - SHOWN} more: --json prints all.")
    _print_counts(comparison)


def _print_counts(comparison: Comparison) -> None:
    there = [change for change in Change if any(change in count.changes for count in comparison.counts)]
    out.print()
    print_table(
        ("Alerts", "Before", "After", *(change.capitalize() for change in there)),
        [
            (count.priority, str(count.before), str(count.after), *(str(count.changes.get(each, "")) for each in there))
            for count in comparison.counts
        ],
    )
    out.print()
    print_table(("Pages", "Before", "After"), [(p.role, str(p.before), str(p.after)) for p in comparison.pages])


def _row(difference: Difference, first: int) -> Sequence[str]:
    episode, before, after = difference.episode, difference.before, difference.after
    return (
        _clock(episode.raised_at - first),
        episode.session or "(site)",
        f"{episode.rule}, {episode.signal}",
        f"{difference.change} (within another)" if difference.within else str(difference.change),
        _reached(before, first),
        _reached(after, first),
        "" if difference.shift_s is None else f"{difference.shift_s:+.0f} s",
        " → ".join(str(sum(side.pages.values())) if side else "0" for side in (before, after)),
    )


def _reached(episode: Episode | None, first: int) -> str:
    """Each priority with its instant; of those reached at the same one the highest."""
    if episode is None:
        return ""
    highest = {at: priority for priority, at in sorted(episode.reached.items(), key=lambda each: each[0].rank)}
    return ", ".join(f"{priority} {_clock(at - first)}" for at, priority in sorted(highest.items()))


def _clock(ns: int) -> str:
    seconds = round(ns / SECOND)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
