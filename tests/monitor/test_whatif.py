"""What-if: the same recording under other limits, and what that changes."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from monitor.alert import Alert, Delivery, Page, Priority
from monitor.cli.exits import Refused
from monitor.cli.replay_wanted import Wanted
from monitor.cli.show import out
from monitor.cli.whatif import run_whatif
from monitor.events import (
    Acknowledge,
    Answered,
    CloseSession,
    DeliveryReported,
    Envelope,
    OpenSession,
    SessionClosed,
    Started,
    Told,
)
from monitor.journal import Journal
from monitor.journal.stored import Stored
from monitor.plain_toml import write_toml
from monitor.protocol import read_protocol
from monitor.replay import ReplayError
from monitor.tuning import Place, Values, tuned
from monitor.vitals import SECOND, Measured, Origin, Signal
from monitor.whatif.comparison import Change, Comparison, Difference, compare
from monitor.whatif.episodes import Episode, episodes
from monitor.whatif.rejudge import Promise, Rejudged, refused, rejudge
from tests.laws.world import PROTOCOL, Step, World, started, steps

DEFAULT = read_protocol(PROTOCOL)
SPO2_HIGH = Place("spo2_low", Priority.HIGH)
SLOW = tuned(DEFAULT, SPO2_HIGH, Values(dwell_s=20))
LOW = tuned(DEFAULT, SPO2_HIGH, Values(limit=82))
OPPOSITES = {
    Change.APPEARS: Change.VANISHES,
    Change.HIGHER: Change.LOWER,
    Change.EARLIER: Change.LATER,
    Change.LONGER: Change.SHORTER,
}
MIRROR = OPPOSITES | {back: there for there, back in OPPOSITES.items()}


class Nobody:
    """Never answers."""

    def hear(self, told: Told) -> Iterable[Promise]:
        """Do nothing."""
        return ()


class Nurse:
    """Every pager confirms at once, and whoever is paged is at the bedside five seconds later."""

    def hear(self, told: Told) -> Iterator[Promise]:
        """Confirm and answer pages."""
        page = told.body
        if isinstance(page, Page):
            report = DeliveryReported(page.id, page.alert, page.person, page.pager, Delivery.DELIVERED)
            yield told.at, lambda: report
            answer = Acknowledge(f"by-{page.id}", page.person, page.session, page.alert, page.version, at_bedside=True)
            yield told.at + 5 * SECOND, lambda: answer


def recorded(world: World) -> list[Stored]:
    """A world as a journal would give it: a batch for each input, judged until the next one, or until it was killed."""
    told = {each.seq: [one for one in world.told if one.seq == each.seq] for each in world.envelopes}
    following = [*world.envelopes[1:], None]
    return [
        Stored(each.seq, _until(world, each, after), [each, *told[each.seq]])
        for each, after in zip(world.envelopes, following, strict=True)
    ]


def _until(world: World, envelope: Envelope, following: Envelope | None) -> int:
    if following is None:
        return world.now
    return envelope.at if isinstance(following.body, Started) else following.at


def judged(world: World, protocol: str | None, responder: Nobody | Nurse | None = None) -> list[Told]:
    """Everything told of a recorded world under a protocol."""
    batches = recorded(world)
    how = Rejudged(Origin.SIMULATED, protocol, refused(batches))
    return [*rejudge(batches, how, responder or Nurse())]


def change(world: World, before: str | None, after: str | None) -> Comparison:
    """What differs between two protocols."""
    return compare(episodes(judged(world, before)), episodes(judged(world, after)))


def falling(*values: tuple[int, float]) -> World:
    """One person whose oxygen is at each value for so many seconds."""
    world = World(["s-1"])
    for seconds, value in values:
        for _ in range(seconds):
            world.observe("s-1", "ox", Measured(Signal.SPO2, value), Measured(Signal.PULSE_RATE, 70.0))
            world.wait(SECOND)
    return world


def of_spo2(comparison: Comparison) -> list[Difference]:
    """The differences of one rule."""
    return [each for each in comparison.differences if each.episode.rule == "spo2_low"]


@settings(max_examples=40, deadline=None)
@given(steps())
def test_the_same_protocol_changes_nothing(story: list[Step]) -> None:
    """Whatever happened, a protocol against itself gives no difference, whether it was recorded or named."""
    world = World().play(story)
    assert change(world, None, PROTOCOL).equal
    assert change(world, SLOW, SLOW).equal


@settings(max_examples=40, deadline=None)
@given(steps())
def test_who_never_answered_gets_the_alerts_that_were_recorded(story: list[Step]) -> None:
    """Where nobody answered and no pager reported, the same protocol tells exactly what was recorded."""
    answers = ("acknowledge", "silence", "report")
    world = World().play([step for step in story if step[1] not in answers])
    assert episodes(judged(world, None, Nobody())) == episodes(world.told)


@settings(max_examples=40, deadline=None)
@given(steps())
def test_every_alert_is_counted_once_and_the_other_way_round_is_the_opposite(story: list[Step]) -> None:
    """Each alert of a side is the same or differs, once; swapping the sides swaps appears and vanishes, and so on."""
    world = World().play(story)
    before, after = episodes(judged(world, None)), episodes(judged(world, LOW))
    there, back = compare(before, after), compare(after, before)
    assert len(before) == there.same + sum(each.before is not None for each in there.differences)
    assert len(after) == there.same + sum(each.after is not None for each in there.differences)
    swapped = [(MIRROR[each.change], each.after, each.before) for each in back.differences]
    assert [_ids(*each) for each in swapped] == [_ids(d.change, d.before, d.after) for d in there.differences]


def _ids(change: Change, before: Episode | None, after: Episode | None) -> tuple[Change, str, str]:
    return change, before.alert if before else "", after.alert if after else ""


def test_a_longer_dwell_reaches_high_later() -> None:
    """Ten more seconds of dwell are ten seconds later, and the mildest limits stay where they were."""
    (difference,) = of_spo2(change(falling((60, 97), (60, 86), (60, 97)), PROTOCOL, SLOW))
    assert (difference.change, difference.shift_s) == (Change.LATER, 10)
    (back,) = of_spo2(change(falling((60, 97), (60, 86), (60, 97)), SLOW, PROTOCOL))
    assert (back.change, back.shift_s) == (Change.EARLIER, -10)


def test_a_lower_limit_leaves_an_alert_at_the_priority_below() -> None:
    """86 % is high at most 87 and medium where high begins at 82."""
    comparison = change(falling((60, 97), (60, 86), (60, 97)), PROTOCOL, LOW)
    (difference,) = of_spo2(comparison)
    assert difference.change is Change.LOWER
    high, medium, _ = comparison.counts
    assert (high.before, high.after) == (medium.after, medium.before) == (1, 0)
    assert medium.changes == {Change.LOWER: 1}


def test_an_alert_that_only_one_protocol_tells_vanishes_or_appears() -> None:
    """Fifteen seconds at 90 % are too short for a medium alert after 20 s, and not for one after 10 s."""
    quick = tuned(DEFAULT, Place("spo2_low", Priority.MEDIUM), Values(dwell_s=10))
    world = falling((60, 97), (15, 90), (60, 97))
    (appears,) = of_spo2(change(world, PROTOCOL, quick))
    assert (appears.change, appears.before, appears.within) == (Change.APPEARS, None, "")
    (vanishes,) = of_spo2(change(world, quick, PROTOCOL))
    assert (vanishes.change, vanishes.after) == (Change.VANISHES, None)


def test_what_one_side_tells_once_and_the_other_twice_is_not_simply_gone() -> None:
    """Two dips that wide hysteresis joins: the second alert vanishes within the first, which is longer."""
    rule = next(each for each in DEFAULT.rule if each.id == "spo2_low")
    wide = replace(rule, limit=tuple(replace(limit, clear=99) for limit in rule.limit))
    rules = tuple(wide if each is rule else each for each in DEFAULT.rule)
    joined = write_toml(replace(DEFAULT, rule=rules))
    world = falling((60, 97), (40, 86), (60, 97), (40, 86), (90, 100))
    longer, vanishes = of_spo2(change(world, PROTOCOL, joined))
    assert (longer.change, vanishes.change) == (Change.LONGER, Change.VANISHES)
    assert longer.after is not None
    assert vanishes.within == longer.after.alert


def test_pages_are_counted_for_each_role() -> None:
    """One alert less is one page to the nurse less; nobody else was paged for it."""
    comparison = change(falling((60, 97), (60, 86), (60, 97)), PROTOCOL, LOW)
    assert {each.role: (each.before, each.after) for each in comparison.pages}["nurse"][0] > 0
    assert not comparison.equal


def test_recorded_answers_and_reports_answer_nothing() -> None:
    """Who answers is the responder alone: with nobody, no alert of the recording is ever acknowledged."""
    world = falling((60, 97), (60, 86))
    alert = next(each for each in world.open_alerts() if each.rule == "spo2_low")
    world.put(Acknowledge("ack-1", "nurse-1", "s-1", alert.id, alert.version, at_bedside=True))
    world.wait(200 * SECOND)
    told = judged(world, None, Nobody())
    assert not [one for one in told if isinstance(one.body, Alert) and one.body.by]
    assert [one for one in judged(world, None) if isinstance(one.body, Alert) and one.body.by]


def test_a_session_that_was_closed_is_closed_whatever_is_open() -> None:
    """Alerts that are open under other limits alone do not keep a session open that was closed."""
    world = falling((60, 97), (15, 90))
    world.wait(100 * SECOND)
    world.put(CloseSession("close", "nurse-1", "s-1", "done"), "s-1")
    told = judged(world, tuned(DEFAULT, Place("spo2_low", Priority.MEDIUM), Values(dwell_s=5)), Nobody())
    assert [one for one in told if isinstance(one.body, SessionClosed)]


def test_what_was_refused_then_is_not_done_now() -> None:
    """A close that was refused because alerts were open stays refused: the session goes on."""
    world = falling((60, 97), (60, 86))
    world.put(CloseSession("close", "nurse-1", "s-1"), "s-1")
    world.wait(SECOND)
    assert refused(recorded(world)) == {"close"}
    assert not [one for one in judged(world, None) if isinstance(one.body, SessionClosed)]


def test_an_answer_comes_at_its_instant_however_long_nothing_was_recorded() -> None:
    """The bedside is reached five seconds after the page, although the next input comes minutes later."""
    world = falling((60, 97), (5, 80))
    world.wait(600 * SECOND)
    told = judged(world, None)
    paged = next(one.at for one in told if isinstance(one.body, Page) and one.body.alert.startswith("s-1/spo2_low"))
    answered = next(one.at for one in told if isinstance(one.body, Answered) and one.body.request.startswith("by-s-1"))
    assert answered == paged + 5 * SECOND


def test_an_outage_of_the_recording_is_an_outage_again() -> None:
    """What was due while nobody watched does not fire at once, and answers that fell into it come after it."""
    world = falling((60, 97), (5, 86))
    world.now += 3600 * SECOND
    world.put(started(outage=3600 * SECOND))
    world.wait(60 * SECOND)
    assert episodes(judged(world, None, Nobody())) == episodes(world.told)
    assert change(world, None, PROTOCOL).equal


def test_what_no_process_could_have_recorded_is_refused() -> None:
    """An input without a start before it is a mistake with a sentence."""
    world = falling((1, 97))
    with pytest.raises(ReplayError, match="Started"):
        [*rejudge(recorded(world)[1:], Rejudged(Origin.SIMULATED, None, frozenset()), Nobody())]


def test_every_recorded_protocol_is_replaced() -> None:
    """The site's and every session's text are the named protocol's; without one they stay."""
    world = World()
    how = Rejudged(Origin.SIMULATED, SLOW, frozenset())
    texts = [
        kept.protocol for each in world.envelopes if isinstance(kept := how.kept(each.body), OpenSession | Started)
    ]
    assert texts == [SLOW] * 3
    assert all(Rejudged(Origin.SIMULATED, None, frozenset()).kept(e.body) == e.body for e in world.envelopes)


# --- the command


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """What a live process recorded of somebody whose oxygen fell, and of who answered."""
    world = falling((60, 97), (60, 86), (60, 97))
    with closing(Journal.open(tmp_path / "a.journal")) as written:
        for stored in recorded(world):
            written.append(stored.records, stored.until)
    return tmp_path / "a.journal"


@pytest.fixture
def slow(tmp_path: Path) -> str:
    """A protocol in a file whose high limit waits ten seconds longer."""
    path = tmp_path / "slow.toml"
    path.write_text(SLOW, encoding="utf-8")
    return str(path)


def test_the_command_says_what_differs_who_answered_and_how_the_pages_change(
    journal: Path, slow: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table for people: the alert, both sides, by how much; the staff who answered are stated."""
    monkeypatch.setattr(out, "width", 300)  # however long the paths are, they are not broken
    run_whatif(str(journal), Wanted(), protocol=slow)
    told = " ".join(capsys.readouterr().out.split())
    assert "slow.toml in place of as recorded" in told
    assert "going after 20 s, at the bedside after 60 s" in told
    assert "later" in told
    assert "+10 s" in told
    assert "nurse" in told


def test_the_document_for_scripts_holds_everything(
    journal: Path, slow: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """--json: sides, responder, each difference with both episodes, counts and pages."""
    run_whatif(str(journal), Wanted(), protocol=slow, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert (document["before"], document["after"]) == ("as recorded", slow)
    (difference,) = [d for d in document["comparison"]["differences"] if d["after"]["rule"] == "spo2_low"]
    assert (difference["change"], difference["shift_s"]) == ("later", 10)
    assert difference["before"]["reached"]["high"] + 10 * SECOND == difference["after"]["reached"]["high"]


@pytest.mark.parametrize("recording", ["draw:ketamine_iv/laryngospasm/1", "bidmc_10"])
def test_stories_and_recordings_differ_from_themselves_in_nothing(
    recording: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The default protocol against what a story and a recording of ours were opened with: the same, with real staff."""
    run_whatif(recording, Wanted(), protocol="default", as_json=True)
    comparison = json.loads(capsys.readouterr().out)["comparison"]
    assert comparison["differences"] == []
    assert all(pages["before"] == pages["after"] for pages in comparison["pages"])


def test_only_the_session_that_is_asked_for_is_compared(
    journal: Path, slow: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """--session of nobody: nothing differs."""
    run_whatif(str(journal), Wanted(session="s-9"), protocol=slow, against=Path("default"), as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["before"] == "default"
    assert document["comparison"]["differences"] == []


@pytest.mark.parametrize(
    ("wanted", "protocol", "live", "message"),
    [
        (Wanted(), "nobody-knows", False, "there is no protocol 'nobody-knows'"),
        (Wanted(speed="1"), "default", False, "leave out --live, --speed"),
        (Wanted(begin="10"), "default", False, "leave out --live, --speed"),
        (Wanted(), "default", True, "leave out --live, --speed"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    journal: Path, wanted: Wanted, protocol: str, live: bool, message: str
) -> None:
    """A sentence that says what would work."""
    with pytest.raises(Refused, match=message):
        run_whatif(str(journal), wanted, protocol=protocol, live=live)


def test_what_is_judged_again_can_reach_nobody() -> None:
    """By type: no pager, no outlet, no broker is imported by what judges, compares or prints."""
    code = (
        "import sys, monitor.whatif.rejudge, monitor.whatif.comparison;"
        "print([name for name in sys.modules if name.startswith(('alerts.pagers', 'monitor.outlets', 'gmqtt'))])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
