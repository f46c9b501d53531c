"""The laws of the design that the engine keeps, over generated worlds."""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alert import Alert, AlertChange, AlertState, Kind, Page, PageReason, Priority
from monitor.events import (
    Envelope,
    Fault,
    Ignored,
    Observation,
    Routed,
    Told,
    Unclaimed,
)
from monitor.pipeline import Engine
from monitor.results import result_line
from monitor.vitals import SECOND, Cause, Measured, Origin, Quality, Reading, Signal
from tests.laws.world import SESSIONS, START, Step, World, started, steps


def run(
    envelopes: Iterable[Envelope], until: int, engine: Engine | None = None, also_at: Sequence[int] = ()
) -> list[Told]:
    """What an engine tells of recorded envelopes, woken at other instants too."""
    engine = engine or Engine(Origin.SIMULATED)
    waking = sorted(also_at)
    told: list[Told] = []
    for envelope in envelopes:
        while waking and waking[0] < envelope.at:
            told += engine.advance(max(waking.pop(0), engine.now))
        told += engine.receive(envelope)
    return [*told, *engine.advance(until)]


@given(steps(), st.lists(st.integers(0, 3600), max_size=8))
def test_replay_tells_what_was_told_live_however_often_it_wakes(story: list[Step], wakings: list[int]) -> None:
    """Law 1: the same inputs give the same outputs, byte for byte, whenever the engine is woken in between."""
    world = World().play(story)
    replayed = run(world.envelopes, world.now, also_at=[START + s * SECOND for s in wakings])
    assert [result_line(told) for told in replayed] == [result_line(told) for told in world.told]


@given(steps(), st.data())
def test_an_engine_restored_anywhere_goes_on_as_if_nothing_had_happened(story: list[Step], data: st.DataObject) -> None:
    """Law 2: a snapshot at any point, restored, gives the same future and the same later snapshot."""
    world = World().play(story)
    cut = data.draw(st.integers(0, len(world.envelopes)))
    before, after = Engine(Origin.SIMULATED), Engine(Origin.SIMULATED)
    first = [told for envelope in world.envelopes[:cut] for told in before.receive(envelope)]
    after.restore(before.snapshot())
    assert [*first, *run(world.envelopes[cut:], world.now, after)] == world.told
    assert after.snapshot() == world.engine.snapshot()


@given(steps(), st.integers(1, 7200))
def test_an_outage_fires_nothing_at_once_and_forgets_no_ladder(story: list[Step], seconds: int) -> None:
    """Law 2: after an outage the only alert of that instant is the outage, and every ladder goes on later.

    Whoever could not be reached before is tried again at once, because the rota is new: those pages say so.
    """
    world = World().play(story)
    due = world.engine.next_deadline()
    world.now += seconds * SECOND
    told = world.put(started(seconds * SECOND))
    pages = [one.body for one in told if isinstance(one.body, Page) and not one.body.alert.startswith("site/outage/")]
    assert {one.body.rule for one in told if isinstance(one.body, Alert)} == {"outage"}
    assert {page.reason for page in pages} <= {PageReason.NOBODY}
    moved = world.engine.next_deadline()
    assert due is None or (moved is not None and moved > world.now)


@given(steps())
def test_no_session_changes_another(story: list[Step]) -> None:
    """Sessions interleave without a trace: one person's outputs are the same whether or not another is watched."""
    own = [step for step in story if step[1] in ("oximeter", "strap", "cuff", "late", "dose", "nothing")]
    both = World().play(own)
    alone = run([e for e in both.envelopes if e.session in ("", SESSIONS[0])], both.now)
    assert list(_of(SESSIONS[0], alone)) == list(_of(SESSIONS[0], both.told))


def _of(session: str, told: Iterable[Told]) -> Iterable[tuple[int, object]]:
    """What concerns one person, without the places that count the whole site's inputs, and without pages."""
    for one in told:
        if getattr(one.body, "session", "") == session and not isinstance(one.body, Page):
            yield one.at, one.body


@given(steps())
def test_silence_is_never_calm(story: list[Step]) -> None:
    """Law 3: whatever happened before, ten minutes without data leave a technical alert open for every person."""
    world = World().play(story)
    world.wait(660 * SECOND)
    silent = {alert.session for alert in world.open_alerts() if alert.kind is Kind.TECHNICAL}
    assert silent >= set(SESSIONS)


@given(steps(), st.integers(1, 100_000))
def test_missing_data_never_resolves_an_alert(story: list[Step], seconds: int) -> None:
    """Law 4: with no input at all, no physiological alert ends or is latched, however long it takes."""
    world = World().play(story)
    over = {AlertState.RESOLVED, AlertState.LATCHED}
    later = [told.body for told in world.wait(seconds * SECOND) if isinstance(told.body, Alert)]
    assert not [alert for alert in later if alert.kind is Kind.PHYSIOLOGICAL and alert.state in over]


@given(steps(), st.sampled_from([(80.0, 5), (86.0, 10), (91.0, 20)]))
def test_a_condition_whose_data_vanish_fires_at_its_dwell(story: list[Step], fall: tuple[float, int]) -> None:
    """Law 4: oxygen that fell and then vanished raises its alert at exactly the instant its dwell ends."""
    world = World().play(story)
    world.open("s-3")
    world.observe("s-3", "ox", Measured(Signal.SPO2, 98.0))
    world.wait(SECOND)
    value, dwell_s = fall
    world.observe("s-3", "ox", Measured(Signal.SPO2, value))
    fell = world.now
    alerts = [(one.at, one.body) for one in world.wait(60 * SECOND) if isinstance(one.body, Alert)]
    raised = [at for at, alert in alerts if (alert.session, alert.rule) == ("s-3", "spo2_low")]
    assert raised[:1] == [fell + dwell_s * SECOND]


@given(steps())
def test_worse_is_heard(story: list[Step]) -> None:
    """Law 5: a rise is a new version, unanswered and unmuted; and whoever the ladder names is paged at that instant."""
    world = World().play(story)
    latest: dict[str, Alert] = {}
    for place, one in enumerate(world.told):
        alert = one.body
        if not isinstance(alert, Alert):
            continue
        before = latest.get(alert.id)
        latest[alert.id] = alert
        if before is not None and before.open and alert.priority.rank > before.priority.rank:
            assert alert.change is AlertChange.ROSE
            assert alert.version == before.version + 1
            assert alert.state is AlertState.RAISED
            assert alert.silenced_until is None
            assert _paged(world.told[place + 1 :], alert, one.at)


def _paged(later: Sequence[Told], alert: Alert, at: int) -> bool:
    pages = [told.body for told in later if told.at == at and isinstance(told.body, Page)]
    return any(page.alert == alert.id and page.version == alert.version for page in pages)


@given(steps())
def test_every_high_alert_is_paged_at_once_and_no_page_id_repeats(story: list[Step]) -> None:
    """A high alert that is raised pages somebody at the same instant, and ids are never used twice."""
    world = World().play(story)
    pages = [told.body.id for told in world.told if isinstance(told.body, Page)]
    assert len(pages) == len(set(pages))
    for place, one in enumerate(world.told):
        alert = one.body
        if isinstance(alert, Alert) and alert.change is AlertChange.RAISED and alert.priority is Priority.HIGH:
            assert _paged(world.told[place + 1 :], alert, one.at)


@given(steps())
def test_silence_mutes_sound_and_never_escalation(story: list[Step]) -> None:
    """Law 5: with every silence taken out, the same pages leave at the same instants."""
    world = World().play(story)
    loud = [step if step[1] != "silence" else (step[0], "nothing", 0, 0) for step in story]
    assert _pages(world) == _pages(World().play(loud))


def _pages(world: World) -> list[tuple[int, str, PageReason]]:
    return [(told.at, told.body.id, told.body.reason) for told in world.told if isinstance(told.body, Page)]


@given(steps())
def test_every_observation_comes_out_as_readings_or_with_a_reason(story: list[Step]) -> None:
    """Laws 6, 11: each value of each message is a reading, or its message is unclaimed or ignored, and said so."""
    world = World().play(story)
    outcomes: dict[int, list[object]] = {}
    for told in world.told:
        if isinstance(told.body, Reading | Unclaimed | Ignored):
            outcomes.setdefault(told.seq, []).append(told.body)
    for envelope in world.envelopes:
        if not isinstance(envelope.body, Observation):
            continue
        found = outcomes[envelope.seq]
        given_signals = {measured.signal for measured in envelope.body.values}
        readings = {reading.signal for reading in found if isinstance(reading, Reading)}
        assert given_signals <= readings or (not readings and len(found) == 1)


@given(steps())
def test_late_readings_neither_raise_nor_clear(story: list[Step]) -> None:
    """Law 7: with the late readings taken out, every physiological alert is the same.

    Nobody answers here: an answer goes to one of the open alerts, and a late crossing is one more. Every device sends
    a live message first: of a device whose first message ever waited somewhere, no clock could know.
    """
    story = [(0, "oximeter", whom, 0) for whom in range(len(SESSIONS))] + [
        step for step in story if step[1] not in ("acknowledge", "silence")
    ]
    world = World().play(story)
    calm = [step if step[1] != "late" else (step[0], "nothing", 0, 0) for step in story]
    assert _physiological(world) == _physiological(World().play(calm))


def _physiological(world: World) -> list[tuple[int, Alert]]:
    alerts = ((told.at, told.body) for told in world.told if isinstance(told.body, Alert))
    return [(at, alert) for at, alert in alerts if alert.kind is Kind.PHYSIOLOGICAL]


def test_a_live_engine_takes_no_simulated_data() -> None:
    """Law 8: simulated observations change nothing in a live process but a note that they were ignored."""
    engine = Engine(Origin.REAL)
    engine.receive(Envelope("site", 1, START, "", "", started(origin=Origin.REAL)))
    body = Observation("ox", "b", 0, None, START, (Measured(Signal.SPO2, 70.0),), Origin.SIMULATED)
    told = engine.receive(Envelope("site", 2, START, "", "", body))
    assert [type(one.body) for one in told] == [Ignored]


@given(steps())
def test_no_input_is_a_fault(story: list[Step]) -> None:
    """Nothing that can happen in a world makes a stage fail."""
    assert not [told for told in World().play(story).told if isinstance(told.body, Fault)]


def test_a_fault_in_one_session_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours in judging one input is told, raises an alert, and the others are watched on."""
    world = World()
    intake = next(stage for stage in world.engine._driver.stages(SESSIONS[0]) if type(stage).__name__ == "Intake")

    def broken(item: Routed, now: int) -> list[Reading]:
        raise ZeroDivisionError("oops")

    chain = world.engine._driver._chains[SESSIONS[0]]
    index = chain.stages.index(intake)
    monkeypatch.setitem(chain.routes, Routed, ((index, broken),))
    told = world.observe(SESSIONS[0], "ox", Measured(Signal.SPO2, 97.0))
    assert [one.body.what for one in told if isinstance(one.body, Fault)] == ["ZeroDivisionError: oops"]
    world.wait(SECOND)
    assert [alert.rule for alert in world.open_alerts()] == ["engine_fault"]
    told = world.observe(SESSIONS[1], "ox", Measured(Signal.SPO2, 97.0))
    assert [one.body.session for one in told if isinstance(one.body, Reading)] == [SESSIONS[1]]


def test_what_came_out_before_a_stage_failed_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that fails behind another takes nothing back: the reading was told, and is followed by the fault."""
    world = World()
    chain = world.engine._driver._chains[SESSIONS[0]]

    def broken(item: Reading, now: int) -> list[Reading]:
        raise ZeroDivisionError("oops")

    monkeypatch.setitem(chain.routes, Reading, ((len(chain.stages) - 1, broken),))
    told = world.observe(SESSIONS[0], "ox", Measured(Signal.SPO2, 97.0))
    assert [type(one.body) for one in told[:2]] == [Reading, Fault]


SEEDED = """
import random
from tests.laws.world import STEPS, World
from monitor.results import result_line
from hashlib import sha256
draw = random.Random(7)
story = [(draw.randrange(9), draw.choice(sorted(STEPS)), draw.randrange(8), draw.randrange(84)) for _ in range(400)]
world = World().play(story)
digest = sha256(b"".join(result_line(told) for told in world.told))
for name, part in world.engine.snapshot().items():
    digest.update(name.encode() + part)
print(len(world.told), digest.hexdigest())
"""


def test_hash_seeds_change_nothing() -> None:
    """Law 1: outputs and snapshots are the same bytes under different hash seeds."""
    results = {
        subprocess.run(
            [sys.executable, "-c", SEEDED],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(results) == 1


def test_a_pulse_lost_with_the_probe_on_is_physiological() -> None:
    """Law 4: no pulse with the probe on raises a high physiological alert; a probe that is off does not."""
    for cause, expected in ((Cause.NO_PULSE, True), (Cause.PROBE_OFF, False)):
        world = World(SESSIONS[:1])
        for _ in range(25):
            world.wait(SECOND)
            world.observe(SESSIONS[0], "ox", Measured(Signal.SPO2, None, Quality.INVALID, cause))
        found = [a for a in world.open_alerts() if a.kind is Kind.PHYSIOLOGICAL and a.priority is Priority.HIGH]
        assert bool(found) is expected
