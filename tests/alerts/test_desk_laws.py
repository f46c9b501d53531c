"""Laws of paging over random histories of alerts, answers and deliveries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, structs

from alerts.desk import Desk
from monitor.alert import AlertChange, AlertState, Delivery, Page, PageReason, Priority
from monitor.events import DeliveryReported, Resumed
from monitor.people import Person, Role
from monitor.vitals import SECOND
from tests.alerts.paging import HIGH, LADDERS, PEOPLE, START, Site, an_alert, scope

ROTAS: tuple[tuple[Person, ...], ...] = (
    PEOPLE,
    PEOPLE[2:],
    tuple(structs.replace(person, id=f"{9 - number}") for number, person in enumerate(PEOPLE)),
    (Person("all", tuple(Role), ("one", "two")),),
    (PEOPLE[0], Person("nurse-b", (Role.NURSE, Role.SUPERVISOR), ("one", "watch"))),
)
OUTCOMES = (Delivery.DELIVERED, Delivery.FAILED, Delivery.REJECTED, None)
RAISED = AlertState.RAISED
AWAY = 1000
"""Length of an outage, s."""


class Step(Struct, frozen=True):
    """Something that happens to one alert, so many seconds after the step before."""

    after: int
    alert: int
    what: str


class History(Struct, frozen=True):
    """What happens to three alerts, and what each one's first, second, third page comes to."""

    people: tuple[Person, ...]
    steps: tuple[Step, ...]
    outcomes: tuple[tuple[Delivery | None, float], ...]

    def answer(self, page: Page) -> tuple[float, Delivery] | None:
        number = int("".join(char for char in page.id.rpartition("/")[2] if char.isdigit()))
        outcome, after = self.outcomes[(number + int(page.session[1:])) % len(self.outcomes)]
        return None if outcome is None else (after, outcome)


EVENTS = ("raise", "rise", "fall", "going", "attended", "lapse", "latch", "recur", "resolve", "again", "outage")
histories = st.builds(
    History,
    people=st.sampled_from(ROTAS),
    steps=st.lists(
        st.builds(Step, after=st.integers(0, 100), alert=st.integers(0, 2), what=st.sampled_from(EVENTS)), max_size=14
    ).map(tuple),
    outcomes=st.lists(
        st.tuples(st.sampled_from(OUTCOMES), st.sampled_from((0.0, 0.5, 8.0, 29.0))), min_size=1, max_size=7
    ).map(tuple),
)

# From the states in which it can happen, to the state and change it brings; `version` is raised where it is True.
MOVES: dict[str, tuple[tuple[AlertState, ...], AlertState, AlertChange, bool]] = {
    "rise": ((RAISED, AlertState.GOING, AlertState.ATTENDED), RAISED, AlertChange.ROSE, True),
    "fall": ((RAISED,), RAISED, AlertChange.FELL, False),
    "going": ((RAISED, AlertState.GOING), AlertState.GOING, AlertChange.ACKNOWLEDGED, False),
    "attended": ((RAISED, AlertState.GOING), AlertState.ATTENDED, AlertChange.ACKNOWLEDGED, False),
    "lapse": ((AlertState.GOING,), RAISED, AlertChange.LAPSED, False),
    "latch": ((RAISED, AlertState.GOING), AlertState.LATCHED, AlertChange.RETURNED, False),
    "recur": ((AlertState.LATCHED,), RAISED, AlertChange.RECURRED, True),
    "resolve": (tuple(AlertState)[:4], AlertState.RESOLVED, AlertChange.RESOLVED, False),
}


def change(site: Site, step: Step) -> bool:
    """Do what a step says, if it can happen now."""
    episodes = [name for name in site.alerts if name.startswith(f"s{step.alert}/")]
    last = site.alerts[episodes[-1]] if episodes else None
    if step.what == "raise" and (last is None or last.state is AlertState.RESOLVED):
        site.tell(an_alert(f"s{step.alert}/spo2_low/spo2/{len(episodes) + 1}", raised_at=site.now))
        return True
    if last is not None and step.what == "again":
        site.tell(last)
        return True
    if last is None or step.what not in MOVES or last.state not in MOVES[step.what][0]:
        return False
    _, state, how, anew = MOVES[step.what]
    priority = Priority.MEDIUM if step.what == "fall" else Priority.HIGH if step.what == "rise" else last.priority
    site.tell(
        structs.replace(
            last, state=state, change=how, version=last.version + anew, priority=priority, changed_at=site.now
        )
    )
    return True


Watch = Callable[[Site, Step], None]


def play(
    history: History, only: Sequence[int] = (0, 1, 2), each: Watch | None = None, site: Site | None = None
) -> Site:
    """Let a history happen, and ten quiet minutes after it."""
    site = site or Site(history.answer, history.people)
    seconds = 0
    for step in history.steps:
        seconds += step.after
        site.at(seconds)
        if step.what == "outage":
            seconds += AWAY
            site.outage(AWAY)
        elif step.alert in only and change(site, step) and each is not None:
            each(site, step)
    return site.at(seconds + 600)


class Repeating(Site):
    """Everything but an outage is heard twice."""

    def give(self, item: Any) -> Site:
        super().give(item)
        return self if isinstance(item, Resumed) else super().give(item)


class Restored(Site):
    """Before every item and every deadline the desk is another one, restored from bytes."""

    def _take(self, items: Sequence[Any]) -> None:
        super()._take(items)
        desk = Desk(scope(LADDERS))
        desk.restore(self.desk.snapshot())
        assert desk.snapshot() == self.desk.snapshot()
        self.desk = desk


@given(histories)
def test_raised_and_risen_alerts_page_at_the_same_instant(history: History) -> None:
    """Whenever a high alert is raised or has risen, a page leaves at that instant if anybody can be reached."""

    def check(site: Site, step: Step) -> None:
        if step.what in ("raise", "rise", "recur", "lapse"):
            assert any(page.due_at == site.now and page.session == f"s{step.alert}" for page in site.pages)

    play(history, each=check)


@given(histories)
def test_page_ids_are_unique(history: History) -> None:
    """No two pages share an id, whatever happens: a receiver may take the same id for the same page."""
    assert [name for name, times in Counter(page.id for page in play(history).pages).items() if times > 1] == []


@given(histories)
def test_nobody_is_paged_to_come_once_it_is_answered_or_over(history: History) -> None:
    """While somebody is going or there, and after the end, nothing leaves but the notices that it is over."""
    over = {PageReason.RESOLVED}
    allowed = {RAISED: set(PageReason) - over, AlertState.LATCHED: over, AlertState.RESOLVED: over}

    class Checked(Site):
        def _take(self, items: Sequence[Any]) -> None:
            known = len(self.pages)
            super()._take(items)
            for page in self.pages[known:]:
                assert page.reason in allowed.get(self.alerts[page.alert].state, set())

    play(history, site=Checked(history.answer, history.people))


@given(histories)
def test_pages_are_bounded(history: History) -> None:
    """A taking of a step tries each pager of each person at most once; a delivery is taken back at most once."""
    site = play(history)
    seconds = (site.now - START) // SECOND
    pairs = sum(len(person.pagers) for person in history.people)
    takings = (len(history.steps) + 1) * (len(HIGH.step) + 1) + seconds // 60
    assert len(site.pages) <= 2 * pairs * takings


def expected_steps(history: History) -> set[tuple[str, int, int]]:
    """When the steps of the high ladder are due, counted second by second: (alert, instant in s, index)."""
    due: set[tuple[str, int, int]] = set()
    elapsed: dict[str, int] = {}
    site = Site(history.answer, history.people)
    seconds = 0

    def climb(until: int) -> None:
        for second in range(seconds, until):
            for name, alert in site.alerts.items():
                if alert.state is RAISED:
                    elapsed[name] += 1
                    at = [i for i, step in enumerate(HIGH.step) if step.after_s == elapsed[name]]
                    due.update((name, second + 1, i) for i in at if not HIGH.step[i].only_undelivered)

    for step in history.steps:
        climb(seconds + step.after)
        seconds += step.after + (AWAY if step.what == "outage" else 0)
        before = {name: alert.priority for name, alert in site.alerts.items()}
        if change(site, step) and step.what in ("raise", "rise"):
            name = [name for name in site.alerts if name.startswith(f"s{step.alert}/")][-1]
            if before.get(name) is not Priority.HIGH:
                elapsed[name] = 0
                due.add((name, seconds, 0))
    climb(seconds + 600)
    return due


@given(histories)
def test_no_due_step_is_skipped(history: History) -> None:
    """Every step of every ladder leaves a page at its instant, counting only the time in which nobody had answered."""
    pages = {
        (page.alert, (page.due_at - START) // SECOND, int(page.id.removeprefix(page.alert).split("/")[1]))
        for page in play(history).pages
        if (page.due_at - START) % SECOND == 0
    }
    assert expected_steps(history) - pages == set()


@given(histories)
def test_other_alerts_change_nobodys_pages(history: History) -> None:
    """The pages of an alert are the same alone and among others."""
    together = play(history)
    for alert in range(3):
        alone = play(history, only=(alert,))
        assert [page for page in together.pages if page.session == f"s{alert}"] == alone.pages


@given(histories)
def test_a_restored_desk_goes_on_alike(history: History) -> None:
    """Restored at any point, the desk pages and tells what it would have, and ends in the same bytes."""
    plain, restored = play(history), play(history, site=Restored(history.answer, history.people))
    assert (restored.pages, restored.conditions) == (plain.pages, plain.conditions)
    assert restored.desk.snapshot() == plain.desk.snapshot()


@given(histories)
def test_hearing_twice_changes_nothing(history: History) -> None:
    """Alerts, the rota and what people did, told twice, page nobody twice."""
    plain, twice = play(history), play(history, site=Repeating(history.answer, history.people))
    assert (twice.pages, twice.conditions) == (plain.pages, plain.conditions)


@given(histories)
def test_reports_told_twice_change_nothing(history: History) -> None:
    """Every delivery report, told twice, is the one report."""

    class Echo(Site):
        def reported(self, report: DeliveryReported) -> Sequence[Any]:
            items = super().reported(report)
            assert super().reported(report) == []
            return items

    plain, echo = play(history), play(history, site=Echo(history.answer, history.people))
    assert echo.pages == plain.pages


@given(histories)
def test_whoever_can_be_reached_is_reached_or_it_is_told(history: History) -> None:
    """After ten minutes an unanswered alert was delivered to somebody, or it is told that nobody is reachable."""
    site = play(history)
    delivered = {page.alert for page in site.pages if (history.answer(page) or (0, None))[1] is Delivery.DELIVERED}
    waiting = {name for name, alert in site.alerts.items() if alert.state is RAISED} - delivered
    assert not waiting or ("nobody_reachable", "") in site.present()
