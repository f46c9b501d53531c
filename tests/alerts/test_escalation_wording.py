"""What a page says on a lock screen."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.wording import over_text, page_text
from monitor.alert import Priority
from monitor.vitals import SECOND, Origin
from tests.alerts.paging import START, an_alert

HALF_PAST = 14 * 3600 * SECOND + 32 * 60 * SECOND + 59 * SECOND


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "HIGH · Room 3 · SpO2 low: 84 % (≤ 87 %) · raised 14:32 UTC"),
        ({"room": ""}, "HIGH · Session s1 · SpO2 low: 84 % (≤ 87 %) · raised 14:32 UTC"),
        (
            {"signal": "temperature", "text": "Temperature high", "value": 39.04, "limit": "≥ 39.0 °C"},
            "HIGH · Room 3 · Temperature high: 39.0 °C (≥ 39.0 °C) · raised 14:32 UTC",
        ),
        ({"value": None, "limit": "", "text": "SpO2 lost"}, "HIGH · Room 3 · SpO2 lost · raised 14:32 UTC"),
        ({"signal": "shock_index", "value": 0.9}, "HIGH · Room 3 · SpO2 low: 0.9 (≤ 87 %) · raised 14:32 UTC"),
        (
            {"origin": Origin.SIMULATED, "priority": Priority.MEDIUM},
            "SIMULATED · MEDIUM · Room 3 · SpO2 low: 84 % (≤ 87 %) · raised 14:32 UTC",
        ),
    ],
    ids=["physiological", "no room", "decimals", "technical", "no signal", "rehearsal"],
)
def test_the_text_says_how_urgent_where_what_and_since_when(fields: dict[str, Any], text: str) -> None:
    """Priority, room, value with its limit, and when it was raised, in one line; a rehearsal says so first."""
    assert page_text(an_alert(raised_at=HALF_PAST, **fields)) == text


def test_the_site_has_neither_room_nor_session() -> None:
    """An alert about the equipment of the site names the site."""
    alert = an_alert("/broker_lost/mqtt/1", raised_at=HALF_PAST, text="Broker lost")
    assert page_text(alert) == "HIGH · Site · Broker lost · raised 14:32 UTC"


def test_the_notice_at_the_end_says_from_when_to_when() -> None:
    """That it is over is told without a value: the last one is not the present one."""
    alert = an_alert(raised_at=HALF_PAST, changed_at=HALF_PAST + 480 * SECOND)
    assert over_text(alert) == "OVER · Room 3 · SpO2 low · raised 14:32 UTC, over 14:40 UTC"


def test_the_clock_of_the_text_is_utc() -> None:
    """Instants print as hours and minutes of the day, UTC: 1 700 000 000 s is 22:13:20."""
    assert page_text(an_alert(raised_at=START)).endswith("raised 22:13 UTC")
