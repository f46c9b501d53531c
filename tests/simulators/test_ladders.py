"""Escalation checked from outside: which steps come due, and which of them nobody was paged for."""

import pytest

from monitor.people import Role
from simulators.scoring.ladders import steps_due, unpaged
from tests.simulators.made import C, Change, P, S, evidence, page, told

LADDERS = evidence().protocols["s-1"].ladder
HIGH = (100.0, C.RAISED, P.HIGH, S.RAISED)
MEDIUM = (100.0, C.RAISED, P.MEDIUM, S.RAISED)


def dues(*changes: Change) -> list[tuple[float, str]]:
    """When a step came due, for whom."""
    found = evidence(told("spo2_low", *changes))
    return [(due.at_s, due.role.value) for due in steps_due(found.histories[0], LADDERS)]


def over(at_s: float) -> Change:
    """The condition is over."""
    return at_s, C.RESOLVED, P.HIGH, S.RESOLVED


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ([(100.0, C.RAISED, P.LOW, S.RAISED), over(900)], []),
        ([HIGH, over(120)], [(100, "nurse")]),
        ([HIGH, over(131)], [(100, "nurse")]),
        (
            [HIGH, over(400)],
            [
                *((100, "nurse"), (130, "second_nurse"), (160, "supervisor"), (220, "physician"), (280, "physician")),
                (340, "physician"),
            ],
        ),
        ([MEDIUM, over(230)], [(100, "nurse"), (220, "second_nurse")]),
        ([MEDIUM, (150, C.ROSE, P.HIGH, S.RAISED), over(200)], [(100, "nurse"), (150, "nurse"), (180, "second_nurse")]),
        ([HIGH, (110, C.ROSE, P.HIGH, S.RAISED), over(140)], [(100, "nurse"), (130, "second_nurse")]),
        ([HIGH, (110, C.ACKNOWLEDGED, P.HIGH, S.ATTENDED), over(900)], [(100, "nurse")]),
        (
            [HIGH, (110, C.ACKNOWLEDGED, P.HIGH, S.GOING), (170, C.LAPSED, P.HIGH, S.RAISED), over(200)],
            [(100, "nurse"), (190, "second_nurse")],
        ),
        (
            [HIGH, (110, C.RETURNED, P.HIGH, S.LATCHED), (500, C.RECURRED, P.HIGH, S.RAISED), over(530)],
            [(100, "nurse"), (520, "second_nurse")],
        ),
        ([HIGH, (110, C.FELL, P.MEDIUM, S.RAISED), over(140)], [(100, "nurse"), (130, "second_nurse")]),
        ([HIGH, (110, C.SILENCED, P.HIGH, S.RAISED), over(140)], [(100, "nurse"), (130, "second_nurse")]),
    ],
)
def test_steps_come_due_while_nobody_has_answered(changes: list[Change], due: list[tuple[float, str]]) -> None:
    """Answers hold the ladder, a lapse goes on, a higher priority begins it anew; silence and a fall do not."""
    assert dues(*changes) == due


def test_a_step_without_its_page_is_missed() -> None:
    """To the role of the step and in time; a page to somebody else, or later, is none."""
    found = evidence(told("spo2_low", HIGH, over(170)))
    wanted = steps_due(found.histories[0], LADDERS)
    alert, roles = "s-1/spo2_low/spo2/1", {"nurse", "second_nurse", "supervisor"}
    pages = [page(alert, 100, "nurse"), page(alert, 131, "second_nurse"), page(alert, 160, "nurse")]
    sent = evidence(pages).pages
    assert [due.role for due in unpaged(wanted, sent, roles)] == [Role.SUPERVISOR]
    assert len(unpaged(wanted, [], roles)) == 3
    assert [due.role for due in unpaged(wanted, evidence(pages[:1]).pages, roles)] == ["second_nurse", "supervisor"]


def test_where_nobody_holds_a_role_a_page_to_anybody_will_do() -> None:
    """A ladder never goes silent because a place on the rota is empty."""
    found = evidence(told("spo2_low", HIGH, over(120)))
    wanted = steps_due(found.histories[0], LADDERS)
    assert unpaged(wanted, evidence([page("s-1/spo2_low/spo2/1", 100, "supervisor")]).pages, {"supervisor"}) == []
