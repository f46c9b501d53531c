"""The laws that alerts keep, over any history of conditions and answers."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from monitor.alert import Alert, AlertChange, AlertState, Kind
from monitor.events import Answered
from tests.alerts.episodes import HIGH, LOW, MEDIUM, Episodes

RULES = ("a", "b")


def _answer(at_bedside: bool, behind: int) -> Callable[[Episodes, str], object]:
    def act(e: Episodes, rule: str) -> object:
        versions = [alert.version for alert in e.alerts if alert.rule == rule]
        ids = [alert.id for alert in e.alerts if alert.rule == rule]
        if not ids:
            return None
        return e.answer(at_bedside=at_bedside, alert=ids[-1], version=max(versions[-1] - behind, 1))

    return act


def _silence(e: Episodes, rule: str) -> object:
    known = [alert for alert in e.alerts if alert.rule == rule]
    return e.silence(alert=known[-1].id, version=known[-1].version) if known else None


ACTS: tuple[Callable[[Episodes, str], object], ...] = (
    lambda e, rule: e.breach(LOW, rule),
    lambda e, rule: e.breach(MEDIUM, rule),
    lambda e, rule: e.breach(HIGH, rule),
    lambda e, rule: e.breach(MEDIUM, rule, kind=Kind.TECHNICAL, high_after=60),
    lambda e, rule: e.clear(rule),
    _answer(at_bedside=False, behind=0),
    _answer(at_bedside=True, behind=0),
    _answer(at_bedside=True, behind=1),
    _silence,
    lambda e, rule: None,
)
NOTHING = len(ACTS) - 1
GAPS = (0, 0, 1, 30, 60, 90, 120, 601)
Story = list[tuple[int, int, str]]
stories = st.lists(
    st.tuples(st.integers(0, len(GAPS) - 1), st.integers(0, len(ACTS) - 1), st.sampled_from(RULES)), max_size=40
)


def play(e: Episodes, story: Story) -> Episodes:
    for gap, act, rule in story:
        e.wait(e.now + GAPS[gap])
        ACTS[act](e, rule)
    return e


@given(stories)
def test_worse_is_heard(story: Story) -> None:
    """Law 5: wherever priority rises within an episode, the alert is raised anew, unanswered and unmuted."""
    latest: dict[str, Alert] = {}
    for alert in play(Episodes(), story).alerts:
        before = latest.get(alert.id)
        latest[alert.id] = alert
        if before is None:
            assert (alert.change, alert.version, alert.by) == (AlertChange.RAISED, 1, "")
        elif alert.priority.rank > before.priority.rank:
            assert (alert.change, alert.state, alert.by) == (AlertChange.ROSE, AlertState.RAISED, "")
            assert alert.version == before.version + 1
            assert alert.silenced_until is None
        else:
            assert alert.version >= before.version
            assert alert.priority is before.priority or alert.change is AlertChange.FELL


@given(stories, st.integers(1, 100_000))
def test_time_alone_ends_nothing(story: Story, seconds: int) -> None:
    """Law 4: with nothing but time, no alert is resolved or latched, and none falls."""
    e = play(Episodes(), story)
    open_before = {alert.id: alert.priority.rank for alert in e.stage.open_alerts()}
    e.wait(e.now + seconds)
    assert all(open_before[alert.id] <= alert.priority.rank for alert in e.stage.open_alerts())
    assert open_before.keys() == {alert.id for alert in e.stage.open_alerts()}


@given(stories)
def test_only_conditions_and_answers_end_high_alerts(story: Story) -> None:
    """A physiological alert that was high ends by an answer, or after one, never by its condition passing unseen."""
    high, answered = set(), set()
    for alert in play(Episodes(), story).alerts:
        if alert.change is AlertChange.ACKNOWLEDGED or (alert.change is AlertChange.RESOLVED and alert.by):
            answered.add(alert.id)
        if alert.priority is HIGH and alert.kind is Kind.PHYSIOLOGICAL:
            high.add(alert.id)
        if alert.state is AlertState.RESOLVED and alert.id in high:
            assert alert.id in answered


@given(stories)
def test_every_command_is_answered_once(story: Story) -> None:
    """Nobody is left without a word, and a refusal says why."""
    e = play(Episodes(), story)
    answers = [item for _, item in e.told if isinstance(item, Answered)]
    assert len({answer.request for answer in answers}) == len(answers)
    assert all(answer.accepted != bool(answer.reason) for answer in answers)


@given(stories)
def test_silence_changes_sound_alone(story: Story) -> None:
    """Law 5: with every silence left out, all other changes come at the same instants, in the same states."""
    loud = [(gap, NOTHING if ACTS[act] is _silence else act, rule) for gap, act, rule in story]
    assert _changes(play(Episodes(), story)) == _changes(play(Episodes(), loud))


def _changes(e: Episodes) -> list[tuple[int, str, AlertChange, AlertState, int]]:
    sound = {AlertChange.SILENCED, AlertChange.SILENCE_ENDED}
    return [(a.changed_at, a.id, a.change, a.state, a.version) for a in e.alerts if a.change not in sound]


@given(stories, stories)
def test_a_restored_stage_goes_on_as_if_nothing_had_happened(before: Story, after: Story) -> None:
    """Law 2: snapshot and restore at any point give the same future and the same later snapshot."""
    straight, broken = Episodes(), Episodes()
    for e in (straight, broken):
        play(e, before)
        if e is broken:
            e.restart()
        play(e, after)
        e.end()
    assert broken.told == straight.told
    assert broken.stage.snapshot() == straight.stage.snapshot()
