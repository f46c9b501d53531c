"""Laws of the board: what the live page shows is exactly what the records say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.live.board import KEPT_PAGES, Board
from dashboards.live.equipment import KEPT_DEVICES, KEPT_REFUSED, KEPT_UNCLAIMED
from dashboards.live.numbers import OUTSHINES
from dashboards.live.views import BoardUpdate, BoardView, Late, Note, NumberView, SessionView
from monitor.alert import AlertState, Delivery, Priority
from monitor.events import (
    ClockSkew,
    DeviceAssigned,
    DeviceStatus,
    DoseRecorded,
    Gap,
    Ignored,
    LateCrossing,
    Noted,
    PhaseEntered,
    Quarantined,
    Record,
    SessionClosed,
    SiteCondition,
    Started,
    Unclaimed,
)
from monitor.session import Dose, Phase, Route
from monitor.vitals import SECOND, Cause, Origin, Quality, RhythmSign, Signal
from tests.dashboards.records import (
    NOW,
    alert,
    cuff,
    entered,
    fresh,
    opened,
    page,
    reading,
    report,
    rhythm,
    told,
)


def board_of(*records: Record) -> Board:
    board = Board(Origin.REAL, "clinic-east")
    for record in records:
        board.apply(record)
    return board


def tile(*records: Record) -> SessionView:
    shown = board_of(opened(), *records).session("s-1")
    assert shown is not None
    return shown


def number(*records: Record, signal: Signal = Signal.SPO2) -> NumberView:
    return tile(*records).numbers[signal]


def test_a_reading_is_shown_with_everything_that_says_how_far_to_trust_it() -> None:
    """A number never stands alone: unit, quality, cause, instants, device and origin come with it."""
    shown = number(reading(Signal.SPO2, 93, quality=Quality.QUESTIONABLE, cause=Cause.MOTION, origin=Origin.SIMULATED))
    assert (shown.value, shown.unit, shown.quality, shown.cause) == (93, "%", Quality.QUESTIONABLE, Cause.MOTION)
    assert (shown.measured_at, shown.received_at, shown.device) == (NOW, NOW, "oximeter-1")
    assert shown.origin is Origin.SIMULATED


def test_an_invalid_reading_shows_no_value() -> None:
    """A number that is physically impossible stays in the journal and off the page."""
    shown = number(reading(Signal.SPO2, 97), reading(Signal.SPO2, 140, quality=Quality.INVALID, cause=Cause.IMPOSSIBLE))
    assert (shown.value, shown.cause) == (None, Cause.IMPOSSIBLE)


def test_a_late_reading_is_no_news() -> None:
    """Late is not new: it replaces nothing, and is counted apart."""
    late = reading(Signal.SPO2, 80, at=NOW - 60 * SECOND, quality=Quality.QUESTIONABLE, cause=Cause.LATE)
    board = board_of(opened(), reading(Signal.SPO2, 97), late)
    assert board.sessions()[0].numbers[Signal.SPO2].value == 97
    assert (board.site().counters.readings, board.site().counters.late) == (1, 1)


@pytest.mark.parametrize(
    ("device", "quality", "after", "shown"),
    [
        ("oximeter-1", Quality.INVALID, SECOND, None),
        ("watch-1", Quality.INVALID, SECOND, 97),
        ("watch-1", Quality.QUESTIONABLE, SECOND, 97),
        ("watch-1", Quality.VALID, SECOND, 91),
        ("watch-1", Quality.INVALID, OUTSHINES, None),
    ],
)
def test_of_two_devices_the_better_is_shown(device: str, quality: Quality, after: int, shown: float | None) -> None:
    """A second device without a signal does not make the number of the first flicker; an old number it replaces."""
    second = reading(Signal.SPO2, 91, at=NOW + after, device=device, quality=quality, cause=Cause.PROBE_OFF)
    assert number(reading(Signal.SPO2, 97), second).value == shown


def test_freshness_is_kept_beside_the_value() -> None:
    """What the core says of an expected signal reaches the page, with its instant."""
    shown = number(reading(Signal.SPO2, 97), fresh(Signal.SPO2, "stale", at=NOW + 10 * SECOND))
    assert (shown.value, shown.freshness, shown.since) == (97, "stale", NOW + 10 * SECOND)
    assert number(fresh(Signal.SPO2, "never_seen")).measured_at is None


def test_a_cuff_measurement_is_one_triple_of_one_instant() -> None:
    """Systolic, diastolic and mean never come from different measurements."""
    later = NOW + 900 * SECOND
    shown = tile(*cuff(124, 78, 93), reading(Signal.SYSTOLIC, 140, at=later, device="cuff-1")).cuff
    assert (shown.systolic, shown.diastolic, shown.mean, shown.measured_at) == (140, None, None, later)


def test_a_cuff_triple_is_as_good_as_its_worst_part() -> None:
    """One questionable pressure makes the whole measurement questionable."""
    doubtful = reading(Signal.SYSTOLIC, 190, device="cuff-1", quality=Quality.QUESTIONABLE, cause=Cause.CUFF_JUMP)
    shown = tile(doubtful, *cuff(190, 78, 93)[1:]).cuff
    assert (shown.systolic, shown.quality, shown.cause) == (190, Quality.QUESTIONABLE, Cause.CUFF_JUMP)


def test_a_failed_cuff_measurement_leaves_the_last_one_and_says_so() -> None:
    """The last blood pressure is not hidden by an attempt that brought none."""
    failed = reading(
        Signal.SYSTOLIC,
        None,
        at=NOW + 60 * SECOND,
        device="cuff-1",
        quality=Quality.INVALID,
        cause=Cause.MEASUREMENT_FAILED,
    )
    shown = tile(*cuff(124, 78, 93), failed).cuff
    assert (shown.systolic, shown.measured_at) == (124, NOW)
    assert (shown.failed_at, shown.failed_cause) == (NOW + 60 * SECOND, Cause.MEASUREMENT_FAILED)
    assert tile(*cuff(124, 78, 93), failed, *cuff(126, 80, 95, at=NOW + 90 * SECOND)).cuff.failed_at is None


@pytest.mark.parametrize("valid_first", [True, False])
def test_a_cuff_measurement_with_one_failed_part_is_questionable(valid_first: bool) -> None:
    """Half a blood pressure is shown, and doubted, whichever half was read first."""
    bad = reading(Signal.DIASTOLIC, None, device="cuff-1", quality=Quality.INVALID, cause=Cause.MOTION)
    good = cuff(124, 78, 93)[0]
    shown = tile(*((good, bad) if valid_first else (bad, good))).cuff
    assert (shown.systolic, shown.diastolic, shown.quality) == (124, None, Quality.QUESTIONABLE)


def test_a_cuff_keeps_its_freshness_through_a_new_measurement() -> None:
    """Only the core says when a measurement is overdue no more."""
    assert tile(fresh(Signal.SYSTOLIC, "overdue"), *cuff(124, 78, 93)).cuff.freshness == "overdue"


def test_tiles_never_move() -> None:
    """A session keeps its place until it closes; the next one takes the lowest free place."""
    board = board_of(opened("s-1", "1"), opened("s-2", "2"), opened("s-3", "3"), told(SessionClosed("s-2", NOW, "ak")))
    assert {session.id: session.slot for session in board.sessions()} == {"s-1": 0, "s-3": 2}
    board.apply(opened("s-4", "2"))
    assert [(session.id, session.slot) for session in board.sessions()] == [("s-1", 0), ("s-3", 2), ("s-4", 1)]


def test_what_people_do_is_shown_on_the_tile() -> None:
    """Phase, doses, notes, late crossings and devices belong to the session."""
    dose = Dose("mdma", 80, Route.ORAL, NOW)
    shown = tile(
        told(PhaseEntered("s-1", Phase.ASCENDING, NOW, "ak"), NOW + SECOND),
        told(DoseRecorded("s-1", dose, "ak")),
        told(Noted("s-1", "ak", "restless", NOW)),
        told(LateCrossing("s-1", "spo2_low", Signal.SPO2, 84, "< 88", NOW)),
        told(DeviceAssigned("s-1", "oximeter-1", NOW)),
        told(DeviceAssigned("s-1", "cuff-1", NOW)),
        told(DeviceAssigned("s-1", "oximeter-1", NOW, worn=False)),
    )
    assert (shown.phase, shown.phase_since, shown.doses) == (Phase.ASCENDING, NOW + SECOND, (dose,))
    assert shown.notes == (Note("ak", "restless", NOW),)
    assert shown.late == (Late("spo2_low", Signal.SPO2, 84, "< 88", NOW),)
    assert shown.devices == ("cuff-1",)


def test_alerts_stand_by_priority_then_newest() -> None:
    """The most urgent is read first."""
    first, second = alert(rule="a"), alert(rule="b", raised_at=NOW + SECOND)
    low = alert(rule="c", priority=Priority.LOW, raised_at=NOW + 9 * SECOND)
    board = board_of(*map(told, (low, first, second)))
    assert [shown.alert.rule for shown in board.alerts()] == ["b", "a", "c"]


@pytest.mark.parametrize("state", [AlertState.ATTENDED, AlertState.LATCHED])
def test_what_nobody_looks_after_stands_before_what_somebody_does(state: AlertState) -> None:
    """Within a priority, an alert that waits is never pushed out of sight by newer ones that are attended or over."""
    waiting, going = alert(rule="a"), alert(rule="b", state=AlertState.GOING, raised_at=NOW + SECOND)
    cared_for = alert(rule="c", state=state, raised_at=NOW + 9 * SECOND)
    medium = alert(rule="d", priority=Priority.MEDIUM, raised_at=NOW + 9 * SECOND)
    board = board_of(*map(told, (cared_for, waiting, medium, going)))
    assert [shown.alert.rule for shown in board.alerts()] == ["b", "a", "c", "d"]


@pytest.mark.parametrize("state", AlertState)
def test_only_what_is_resolved_leaves(state: AlertState) -> None:
    """An alert stays on the page in every state but resolved."""
    board = board_of(told(alert()), told(alert(state=state)))
    assert [shown.alert.state for shown in board.alerts()] == ([] if state is AlertState.RESOLVED else [state])


def test_an_alert_shows_whom_it_paged_and_whether_they_were_reached() -> None:
    """Paged is not delivered: both are told, with their instants."""
    raised = alert()
    sent = page(raised)
    board = board_of(told(raised), told(sent))
    assert [each.outcome for each in board.alerts()[0].pages] == [None]
    board.apply(report(sent, at=NOW + SECOND))
    shown = board.alerts()[0].pages[0]
    assert (shown.person, shown.at, shown.outcome, shown.outcome_at) == (
        "nurse-a",
        NOW,
        Delivery.DELIVERED,
        NOW + SECOND,
    )


def test_a_change_of_an_alert_keeps_its_pages() -> None:
    """Who was paged is not forgotten when the alert rises."""
    raised = alert()
    board = board_of(told(raised), told(page(raised)), told(alert(version=2)))
    assert (board.alerts()[0].alert.version, board.alerts()[0].paged) == (2, 1)


def test_a_page_sent_twice_is_one_page() -> None:
    """After a crash the same page may leave again; its outcome stays."""
    raised = alert()
    sent = page(raised)
    board = board_of(told(raised), told(sent), report(sent), told(sent))
    assert (board.alerts()[0].paged, board.alerts()[0].pages[0].outcome) == (1, Delivery.DELIVERED)


def test_the_equipment_is_shown() -> None:
    """Devices, what was refused, conditions and an outage are the site's part."""
    site = board_of(
        entered(Started("1", "clinic-east", (), "", outage=9 * SECOND)),
        entered(DeviceStatus("cuff-1", online=True, received_at=NOW, battery=80)),
        entered(DeviceStatus("cuff-1", online=False, received_at=NOW, detail="last will")),
        told(ClockSkew("cuff-1", 5 * SECOND)),
        told(Unclaimed("strap-9", 1, NOW)),
        told(Unclaimed("strap-9", 2, NOW + SECOND)),
        entered(Quarantined("mqtt", "not JSON", NOW, "cuff-1", "{{")),
        entered(SiteCondition("broker_lost", present=True, subject="a")),
        entered(SiteCondition("broker_lost", present=True, subject="b")),
        entered(SiteCondition("broker_lost", present=False, subject="a")),
        told(Ignored("cuff-1", 1, "duplicate")),
        told(Ignored("cuff-1", 2, "simulated data where only real data belong")),
        told(Gap("cuff-1", 9, 5)),
    ).site()
    device = site.devices[0]
    assert (device.id, device.online, device.battery, device.detail) == ("cuff-1", False, 80, "last will")
    assert (device.skew, site.outage, site.started_at) == (5 * SECOND, 9 * SECOND, NOW)
    assert [(each.device, each.observations) for each in site.unclaimed] == [("strap-9", 2)]
    assert [(each.source, each.reason) for each in site.refused] == [("mqtt", "not JSON")]
    assert [(each.code, each.subject) for each in site.conditions] == [("broker_lost", "b")]
    counters = site.counters
    assert (counters.quarantined, counters.unclaimed, counters.duplicates, counters.ignored, counters.gaps) == (
        1,
        2,
        1,
        1,
        5,
    )


def test_a_device_is_unclaimed_until_somebody_wears_it() -> None:
    """The list of unclaimed devices is a list of things to do."""
    board = board_of(told(Unclaimed("strap-9", 1, NOW)), told(DeviceAssigned("s-1", "strap-9", NOW)))
    assert (board.site().unclaimed, board.site().devices[0].session) == ((), "s-1")


def test_memory_is_bounded_and_what_leaves_a_list_stays_counted() -> None:
    """However long the day, the board does not grow; nothing is dropped unseen."""
    many = range(300)
    raised = alert()
    board = board_of(
        told(DeviceAssigned("s-1", "device-0", NOW)),
        *(entered(DeviceStatus(f"device-{index}", online=True, received_at=NOW)) for index in many),
        *(told(Unclaimed(f"device-{index}", 1, NOW)) for index in many),
        *(entered(Quarantined("mqtt", str(index), NOW)) for index in many),
        told(raised),
        *(told(page(raised, index)) for index in many),
    )
    site = board.site()
    kept = len(site.devices) - 1, len(site.unclaimed), len(site.refused)
    assert kept == (KEPT_DEVICES, KEPT_UNCLAIMED, KEPT_REFUSED)
    assert site.devices[0].session == "s-1"
    assert (site.counters.unclaimed, site.counters.quarantined) == (300, 300)
    assert (len(board.alerts()[0].pages), board.alerts()[0].paged) == (KEPT_PAGES, 300)


@pytest.mark.parametrize("record", [reading(Signal.SPO2, 97, "s-9"), told(PhaseEntered("s-9", Phase.PLATEAU, NOW))])
def test_what_belongs_to_no_open_session_is_on_no_tile(record: Record) -> None:
    """A record of a session that is not open changes no tile."""
    assert board_of(opened(), record).sessions() == board_of(opened()).sessions()


SESSIONS = st.sampled_from(["s-1", "s-2", "s-3"])
INSTANTS = st.integers(0, 20).map(lambda seconds: NOW + seconds * SECOND)
RAISED = st.builds(
    lambda session, rule, state, version: alert(session, rule, state=state, version=version),
    SESSIONS,
    st.sampled_from(["spo2_low", "hr_high"]),
    st.sampled_from(AlertState),
    st.integers(1, 3),
)
RECORDS: st.SearchStrategy[Record] = st.one_of(
    st.builds(opened, SESSIONS, st.just("1"), INSTANTS),
    SESSIONS.map(lambda session: told(SessionClosed(session, NOW, "ak"))),
    st.builds(
        reading,
        st.sampled_from(Signal),
        st.integers(0, 200).map(float),
        SESSIONS,
        INSTANTS,
        st.sampled_from(["a", "b"]),
        st.sampled_from(Quality),
        st.sampled_from([Cause.NONE, Cause.LATE, Cause.MOTION]),
    ),
    st.builds(
        lambda sign, session, device, at: rhythm(sign, session=session, device=device, at=at),
        st.sampled_from(RhythmSign),
        SESSIONS,
        st.sampled_from(["a", "b"]),
        INSTANTS,
    ),
    st.builds(fresh, st.sampled_from(Signal), st.sampled_from(["fresh", "stale"]), SESSIONS, INSTANTS),
    RAISED.map(told),
    RAISED.map(lambda raised: told(page(raised))),
    RAISED.map(lambda raised: report(page(raised))),
    st.builds(lambda device: told(Unclaimed(device, 1, NOW)), st.sampled_from(["a", "b"])),
    st.builds(
        lambda session, device: told(DeviceAssigned(session, device, NOW)), SESSIONS, st.sampled_from(["a", "b"])
    ),
)


def folded(before: BoardView, update: BoardUpdate) -> BoardView:
    """What a tab does with an update."""
    sessions = {session.id: session for session in (*before.sessions, *update.sessions)}
    alerts = before.alerts if update.alerts is None else update.alerts
    return BoardView(before.site, tuple(sessions[id] for id in update.order), alerts)


@given(st.lists(RECORDS, max_size=40), st.data())
def test_a_tab_that_was_told_in_any_batches_shows_the_board(records: list[Record], data: st.DataObject) -> None:
    """However updates are coalesced, a tab ends with the same sessions and alerts as one that reads the board now."""
    board = board_of()
    shown, revision = board.view(), board.revision
    for record in records:
        board.apply(record)
        if data.draw(st.booleans()):
            shown, revision = folded(shown, board.update(revision)), board.revision
    shown = folded(shown, board.update(revision))
    assert (shown.sessions, shown.alerts) == (board.sessions(), board.alerts())


@given(st.lists(RECORDS, max_size=40), st.integers(0, 40))
def test_a_restored_board_goes_on_as_the_same_board(records: list[Record], stop: int) -> None:
    """A checkpoint between any two records changes nothing that is shown, to the byte."""
    straight = board_of(*records)
    restored = board_of()
    restored.restore(board_of(*records[:stop]).snapshot())
    for record in records[stop:]:
        restored.apply(record)
    assert restored.snapshot() == straight.snapshot()


@given(st.lists(RECORDS, max_size=20))
def test_a_restored_board_is_told_whole(records: list[Record]) -> None:
    """A tab that knew nothing gets everything after a restart."""
    board = board_of()
    board.restore(board_of(*records).snapshot())
    shown = folded(board_of().view(), board.update(0))
    assert (shown.sessions, shown.alerts) == (board.sessions(), board.alerts())
