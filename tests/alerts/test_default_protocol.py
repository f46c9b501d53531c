"""The default protocol, held to itself: every limit at its value and one step inside, generated from the table."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from alerts.conditions import limit_text
from alerts.protocols import protocol_text
from alerts.technical import DEVICE_CODES, FRESHNESS
from monitor.alert import Priority
from monitor.events import PhaseEntered
from monitor.people import Role
from monitor.protocol import Limit, ProtocolError, Rule, TreatmentProtocol, read_protocol, technical_rule
from monitor.session import Phase
from monitor.vitals import SIGNALS, Cause, Quality, Signal
from tests.alerts.watching import FAILED, PROBE_OFF, QUESTIONABLE, Watched, at

TEXT = protocol_text("default")
PROTOCOL = read_protocol(TEXT)
HIGH, MEDIUM, LOW = Priority.HIGH, Priority.MEDIUM, Priority.LOW
LIVE = [phase for phase in Phase if phase is not Phase.CLOSED]

Place = tuple[Rule, Limit]


def places() -> Iterator[Place]:
    return ((rule, limit) for rule in PROTOCOL.rule for limit in rule.limit)


def value_of(limit: Limit) -> float | None:
    return limit.at_least if limit.at_least is not None else limit.at_most


def place_name(place: object) -> str:
    assert isinstance(place, tuple)
    rule, limit = place
    number = rule.limit.index(limit)
    return f"{rule.id}-{limit.priority}-{limit.cause or format(value_of(limit), 'g')}-{number}"


def only(place: Place) -> TreatmentProtocol:
    rule, limit = place
    return replace(PROTOCOL, rule=(replace(rule, limit=(limit,)),))


def watched(place: Place, protocol: TreatmentProtocol | None = None) -> Watched:
    w = Watched(protocol or only(place))
    phases = place[1].phases
    w.put(0, PhaseEntered("s-1", phases[0] if phases else Phase.BASELINE, at(0)))
    return w


def step_inside(place: Place, value: float) -> float:
    rule, limit = place
    step = 10.0 ** -SIGNALS[rule.signal].decimals
    return round(value - step if limit.at_least is not None else value + step, 6)


def repeat_after(limit: Limit) -> float:
    return max(limit.confirm_after_s, 60.0)


by_value = pytest.mark.parametrize("place", [p for p in places() if p[1].cause is None], ids=place_name)
by_dwell = pytest.mark.parametrize(
    "place", [p for p in places() if p[1].confirm == 1 and p[1].cause is None], ids=place_name
)
by_repeat = pytest.mark.parametrize("place", [p for p in places() if p[1].confirm > 1], ids=place_name)
highs = pytest.mark.parametrize("place", [p for p in places() if p[1].priority is HIGH], ids=place_name)


@by_dwell
def test_the_value_at_a_limit_fires_when_its_dwell_is_over(place: Place) -> None:
    """At the limit is across: the breach comes at exactly the dwell, and says the limit's priority."""
    rule, limit = place
    w = watched(place)
    w.stay(1, 1 + limit.dwell_s + 1, value_of(limit) or 0, rule.signal)
    assert w.events == [(1 + limit.dwell_s, limit.priority)]


@by_value
def test_one_step_inside_a_limit_never_fires(place: Place) -> None:
    """The first value that the limit does not mean raises nothing, however long it stays."""
    rule, limit = place
    w = watched(place)
    w.stay(1, 700, step_inside(place, value_of(limit) or 0), rule.signal)
    w.wait(10_000)
    assert w.events == []


@by_dwell
def test_a_limit_fires_at_its_dwell_without_further_data(place: Place) -> None:
    """Law 4: one crossing, then silence."""
    rule, limit = place
    w = watched(place)
    w.read(1, value_of(limit), rule.signal)
    w.wait(10_000)
    assert w.events == [(1 + limit.dwell_s, limit.priority)]


@by_dwell
def test_doubt_delays_a_limit_by_half_a_minute_at_most(place: Place) -> None:
    """Law 6 and decision 8: questionable readings alone still fire, at most 30 s later."""
    rule, limit = place
    w = watched(place)
    w.stay(1, 1 + limit.dwell_s + 31, value_of(limit) or 0, rule.signal, **QUESTIONABLE)
    assert [name for _, name in w.events] == [limit.priority]
    assert w.events[0][0] <= 1 + limit.dwell_s + 30


@by_repeat
def test_a_repeat_confirms_a_limit(place: Place) -> None:
    """Two readings at the limit fire at the second."""
    rule, limit = place
    w = watched(place)
    w.read(1, value_of(limit), rule.signal)
    w.read(1 + repeat_after(limit), value_of(limit), rule.signal)
    assert w.events == [(1 + repeat_after(limit), limit.priority)]


@by_repeat
def test_a_first_reading_is_not_forgotten(place: Place) -> None:
    """Law 4: without a valid repeat it fires at its time; with one inside the limit it does not."""
    rule, limit = place
    alone, refuted = watched(place), watched(place)
    alone.read(1, value_of(limit), rule.signal)
    alone.wait(10_000)
    assert alone.events == [(1 + (limit.unconfirmed_s or 0), limit.priority)]
    refuted.read(1, value_of(limit), rule.signal)
    refuted.read(31, step_inside(place, value_of(limit) or 0), rule.signal)
    refuted.wait(10_000)
    assert refuted.events == []


@by_repeat
def test_failed_repeats_confirm_where_the_table_says_so(place: Place) -> None:
    """A cuff that fails as often as the table says fires; once less does not."""
    rule, limit = place
    w = watched(place)
    w.read(1, value_of(limit), rule.signal)
    for number in range(1, (limit.failed_repeats or 1) + 1):
        assert w.events == []
        w.read(1 + number, None, rule.signal, **FAILED)
    assert w.events == ([(1 + limit.failed_repeats, limit.priority)] if limit.failed_repeats else [])


@by_value
def test_a_limit_clears_at_its_clear_value_and_not_before(place: Place) -> None:
    """Hysteresis: one step before the clear value never ends it, the clear value does after its readings or dwell."""
    rule, limit = place
    assert limit.clear is not None
    w = watched(place)
    crossing = value_of(limit) or 0
    w.read(1, crossing, rule.signal)
    w.wait(1000)
    assert w.level is limit.priority
    between = round(limit.clear + (crossing - step_inside(place, crossing)), 6)
    w.stay(1000, 1100, between, rule.signal)
    assert w.level is limit.priority
    w.stay(1101, 1101 + rule.clear_dwell_s, limit.clear, rule.signal)
    assert w.level is None


@highs
def test_every_high_limit_is_reached_by_a_path_of_values(place: Place) -> None:
    """In the whole protocol, values at the limit raise high at its dwell or repeat, told against that very limit."""
    rule, limit = place
    w = watched(place, PROTOCOL)
    if limit.cause is not None:
        w.read(1, None, rule.signal, quality=Quality.INVALID, cause=limit.cause)
        w.wait(1 + limit.dwell_s)
    elif limit.confirm > 1:
        w.read(1, value_of(limit), rule.signal)
        w.read(1 + repeat_after(limit), value_of(limit), rule.signal)
    else:
        w.stay(1, 1 + limit.dwell_s, value_of(limit) or 0, rule.signal)
    told = [breach for breach in w.breaches if breach.rule == rule.id]
    assert told[-1].priority is HIGH
    assert told[-1].limit == limit_text(rule.signal, limit)
    first = next(instant for instant, name in w.events if name == HIGH)
    assert first == 1 + (repeat_after(limit) if limit.confirm > 1 else limit.dwell_s)


@highs
def test_high_limits_hold_in_every_phase(place: Place) -> None:
    """Law 12: in whatever phase, the same values raise the same high alert."""
    rule, limit = place
    for phase in LIVE:
        w = watched(place)
        w.put(0, PhaseEntered("s-1", phase, at(0)))
        kind = {"quality": Quality.INVALID, "cause": limit.cause} if limit.cause else {}
        w.read(1, value_of(limit), rule.signal, **kind)
        w.wait(10_000)
        assert w.level is HIGH


@pytest.mark.parametrize("rule", PROTOCOL.rule, ids=lambda rule: rule.id)
def test_worse_values_are_worth_no_less_and_wait_no_longer(rule: Rule) -> None:
    """Law 5, in the table: of two limits the further one has no lower priority, and where equal no longer wait."""
    for phase in LIVE:
        limits = [limit for limit in rule.limit if not limit.phases or phase in limit.phases]
        waits = {id(limit): limit.dwell_s if limit.confirm == 1 else limit.unconfirmed_s or 0 for limit in limits}
        for milder, worse in pairwise(limits):
            if limit_distance(worse) > limit_distance(milder):
                assert worse.priority.rank >= milder.priority.rank
            if worse.priority is milder.priority:
                assert limit_distance(worse) > limit_distance(milder)
                assert waits[id(worse)] <= waits[id(milder)]


def limit_distance(limit: Limit) -> float:
    return limit.at_least if limit.at_least is not None else -(limit.at_most or 0)


@pytest.mark.parametrize("phase", LIVE)
def test_every_phase_has_its_limits_of_systolic_pressure(phase: Phase) -> None:
    """No phase is forgotten: each has one advisory, and a medium limit below the crisis."""
    (rule,) = [rule for rule in PROTOCOL.rule if rule.id == "systolic_high"]
    held = [limit for limit in rule.limit if phase in limit.phases]
    assert [limit.priority for limit in held] == [LOW, MEDIUM]
    active = phase in {Phase.ASCENDING, Phase.PLATEAU, Phase.DESCENDING, Phase.EMERGENCY}
    assert [limit.at_least for limit in held] == ([160, 170] if active else [140, 160])


# --- what was decided


def test_the_protocol_says_that_nobody_has_reviewed_it() -> None:
    """An empty reviewer stays empty until a clinician signs, and the title says so where it is shown."""
    assert PROTOCOL.reviewed_by == ""
    assert "not reviewed" in PROTOCOL.title
    assert "NOBODY HAS REVIEWED IT" in TEXT


def test_every_limit_names_its_source() -> None:
    """Each number that alerts says in its line where it comes from, or that it is a default to be confirmed."""
    lines = [line for line in TEXT.splitlines() if re.match(r"(at_least|at_most|cause) =", line)]
    assert len(lines) == len(list(places()))
    assert [line for line in lines if not re.search(r"# \S+", line)] == []


def test_derived_pressures_never_sound_alone() -> None:
    """Decision 4: mean pressure informs; it has no rule."""
    assert Signal.MEAN_PRESSURE not in {rule.signal for rule in PROTOCOL.rule}


def test_every_value_rule_has_hysteresis() -> None:
    """A limit that clears at itself would flicker."""
    assert all(limit.clear not in (None, value_of(limit)) for _, limit in places() if limit.cause is None)


def test_the_pulse_rate_stands_in_for_the_heart_rate() -> None:
    """A person with an oximeter alone is watched for heart rate too."""
    w = Watched(PROTOCOL)
    w.stay(0, 10, 165, Signal.PULSE_RATE)
    assert [breach.rule for breach in w.breaches] == ["heart_rate_high"]


def test_a_lost_pulse_is_high_after_ten_seconds_and_a_probe_off_never() -> None:
    """Law 4: with the probe on it is physiological, whichever signal of the oximeter says so."""
    for signal in (Signal.PULSE_RATE, Signal.SPO2):
        w = Watched(PROTOCOL)
        w.stay(0, 10, 0, signal, quality=Quality.INVALID, cause=Cause.NO_PULSE)
        assert w.events == [(10, HIGH)]
    off = Watched(PROTOCOL)
    for second in range(60):
        off.read(second, None, Signal.SPO2, **PROBE_OFF)
    assert off.events == []


def test_a_thermometer_that_sends_every_second_is_read_twice_two_minutes_apart() -> None:
    """Decision 5: 39.0 once prompts the repeat, on two readings it is high; those of one moment are one reading."""
    w = Watched(PROTOCOL)
    w.stay(0, 120, 39.0, Signal.TEMPERATURE)
    assert w.events == [(0, MEDIUM), (120, HIGH)]


REPORTED = {
    *FRESHNESS.values(),
    *DEVICE_CODES,
    *("late_crossing", "outage", "clock_jumped", "broker_lost", "engine_fault"),
    *("broker_cannot_hold", "broker_forgot", "recovery_differs", "bluetooth_lost", "bluetooth_full"),
    *("recording_interrupted", "recording_lost", "store_behind", "store_refused", "store_rejected"),
    *("pager_failing", "page_undelivered", "nobody_reachable"),
}


def test_every_condition_of_the_equipment_has_its_row() -> None:
    """No code that a stage or a shell reports falls back to the words of its name."""
    assert {rule.id.partition(".")[0] for rule in PROTOCOL.technical} == REPORTED


@pytest.mark.parametrize(
    ("code", "subject", "priority", "high_after"),
    [
        ("signal_lost", "spo2", HIGH, None),
        ("signal_lost", "heart_rate", MEDIUM, 30),
        ("signal_never_seen", "spo2", MEDIUM, 300),
        ("signal_never_seen", "systolic", MEDIUM, None),
        ("measurement_overdue", "systolic", MEDIUM, None),
        ("late_crossing", "spo2", MEDIUM, None),
        ("broker_lost", "b", MEDIUM, 45),
        ("bluetooth_lost", "", MEDIUM, 45),
        ("device_link", "ox-1", LOW, None),
        ("recording_interrupted", "", HIGH, None),
        ("nobody_reachable", "", HIGH, None),
        ("clock_skew", "ox-1", LOW, None),
        ("low_battery", "ox-1", LOW, None),
    ],
)
def test_equipment_is_worth_what_was_agreed(
    code: str, subject: str, priority: Priority, high_after: float | None
) -> None:
    """Decisions 5 and 8: lost saturation is high, an overdue measurement medium at most, a badge is a badge."""
    rule = technical_rule(PROTOCOL, code, subject)
    assert (rule.priority, rule.high_after_s) == (priority, high_after)


def test_the_ladders_are_those_agreed() -> None:
    """Who is told when: high within seconds and up to the physician, medium more slowly, low on the page alone."""
    ladders = {
        priority: [(step.after_s, step.role, step.only_undelivered) for step in ladder.step]
        for priority, ladder in PROTOCOL.ladder.items()
    }
    assert ladders == {
        HIGH: [
            (0, Role.NURSE, False),
            (10, Role.NURSE, True),
            (30, Role.SECOND_NURSE, False),
            (60, Role.SUPERVISOR, False),
            (120, Role.PHYSICIAN, False),
            (180, Role.PHYSICIAN, False),
        ],
        MEDIUM: [(0, Role.NURSE, False), (120, Role.SECOND_NURSE, False), (300, Role.SUPERVISOR, False)],
        LOW: [],
    }


def test_the_documents_show_the_limits_of_the_table() -> None:
    """What clinicians read and sign is what the engine judges by."""
    lines = ["| Rule | Priority | Limit | When it counts | Over at | Phases |", "|---|---|---|---|---|---|"]
    for rule, limit in places():
        counts = f"after {limit.dwell_s:g} s" if limit.dwell_s else "at once"
        if limit.confirm > 1:
            failed = f", {limit.failed_repeats} failed" if limit.failed_repeats else ""
            counts = f"{limit.confirm} readings{failed}, or {limit.unconfirmed_s:g} s without a repeat"
        over = "" if limit.clear is None else f"{limit.clear:.{SIGNALS[rule.signal].decimals}f}"
        cells = [rule.id, limit.priority, limit_text(rule.signal, limit), counts, over, ", ".join(limit.phases)]
        lines.append(f"| {' | '.join(cells)} |")
    document = Path(__file__).parents[2] / "docs" / "protocols.md"
    assert "\n".join(lines) in document.read_text(encoding="utf-8")


# --- the loader


def test_a_protocol_is_found_by_name_or_by_path(tmp_path: Path) -> None:
    """A name is one that ships, a path any TOML file; what is not there is said with what there is."""
    path = tmp_path / "ours.toml"
    path.write_text("title = 'ours'", encoding="utf-8")
    assert protocol_text(str(path)) == "title = 'ours'"
    with pytest.raises(ProtocolError, match="there is no protocol 'absent': name a file, or one of default"):
        protocol_text("absent")
    with pytest.raises(ProtocolError, match=r"absent\.toml"):
        protocol_text(str(tmp_path / "absent.toml"))
