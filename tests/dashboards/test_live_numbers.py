"""The table of what a number is shown as: one row a case, seen in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.async_api import Page, expect

from monitor.events import Record, SessionClosed
from monitor.vitals import SECOND, Cause, Quality, Signal
from tests.dashboards.fake_station import FakeStation
from tests.dashboards.records import cuff, fresh, opened, reading, told

pytestmark = [pytest.mark.server("chromium"), pytest.mark.asyncio(loop_scope="module")]

MINUTE = 60 * SECOND

Case = tuple[Callable[[int], list[Record]], str, str, str, str]
"""Records, the cell, and what it then shows: text, state, caption (a pattern)."""


def spo2(now: int, value: float | None, seconds: int = 0, **doubts: object) -> Record:
    return reading(Signal.SPO2, value, at=now - seconds * SECOND, **doubts)  # type: ignore[arg-type]  # quality and cause


CASES: dict[str, Case] = {
    "valid": (lambda t: [fresh(Signal.SPO2, at=t), spo2(t, 97)], "spo2", "97", "valid", "^$"),
    "questionable": (
        lambda t: [spo2(t, 94, quality=Quality.QUESTIONABLE, cause=Cause.WEAK_SIGNAL)],
        "spo2",
        "94?",
        "questionable",
        "^weak signal$",
    ),
    "stale": (
        lambda t: [spo2(t, 94, 12), fresh(Signal.SPO2, "stale", at=t)],
        "spo2",
        "94",
        "stale",
        r"^1\d s old$",
    ),
    "questionable and stale": (
        lambda t: [
            spo2(t, 94, 12, quality=Quality.QUESTIONABLE, cause=Cause.MOTION),
            fresh(Signal.SPO2, "stale", at=t),
        ],
        "spo2",
        "94?",
        "stale",
        r"^1\d s old · motion$",
    ),
    "lost": (
        lambda t: [spo2(t, 94, 45), fresh(Signal.SPO2, "lost", at=t)],
        "spo2",
        "-?-",
        "invalid",
        r"^no data · 94 at \d\d:\d\d:\d\d$",
    ),
    "invalid": (
        lambda t: [spo2(t, None, quality=Quality.INVALID, cause=Cause.PROBE_OFF)],
        "spo2",
        "-?-",
        "invalid",
        "^probe off$",
    ),
    "invalid for long": (
        lambda t: [spo2(t, None, 40, quality=Quality.INVALID, cause=Cause.PROBE_OFF)],
        "spo2",
        "-?-",
        "invalid",
        r"^probe off · 4\d s$",
    ),
    "not measured": (lambda t: [], "spo2", "---", "none", "^$"),
    "never seen": (
        lambda t: [fresh(Signal.SPO2, "never_seen", at=t)],
        "spo2",
        "---",
        "none",
        "^no data since the start$",
    ),
    "not expected, and old": (lambda t: [spo2(t, 97, 31)], "spo2", "97", "stale", r"^3\d s old$"),
    "said to be fresh, and old": (
        lambda t: [fresh(Signal.SPO2, at=t), spo2(t, 97, 31)],
        "spo2",
        "97",
        "stale",
        r"^3\d s old$",
    ),
    "a pulse in place of the heart rate": (
        lambda t: [fresh(Signal.HEART_RATE, at=t), reading(Signal.PULSE_RATE, 71, at=t)],
        "hr",
        "71",
        "valid",
        "^$",
    ),
    "a pulse when the heart rate is old": (
        lambda t: [
            reading(Signal.HEART_RATE, 65, at=t - 20 * SECOND),
            fresh(Signal.HEART_RATE, at=t),
            reading(Signal.PULSE_RATE, 71, at=t),
        ],
        "hr",
        "71",
        "valid",
        "^$",
    ),
    "neither pulse nor heart rate": (
        lambda t: [
            reading(Signal.HEART_RATE, 65, at=t - 20 * SECOND),
            reading(Signal.PULSE_RATE, 71, at=t - 12 * SECOND),
            fresh(Signal.HEART_RATE, "stale", at=t),
        ],
        "hr",
        "71",
        "stale",
        r"^1\d s old$",
    ),
    "a cuff": (
        lambda t: [*cuff(124, 78, 93, at=t - 17 * MINUTE), fresh(Signal.SYSTOLIC, at=t)],
        "nibp",
        "124/78(93)",
        "valid",
        r"^\d\d:\d\d · 17 min$",
    ),
    "a cuff overdue": (
        lambda t: [*cuff(124, 78, 93, at=t - 46 * MINUTE), fresh(Signal.SYSTOLIC, "overdue", at=t)],
        "nibp",
        "124/78(93)",
        "stale",
        r"^overdue · \d\d:\d\d · 46 min$",
    ),
    "a cuff that failed since": (
        lambda t: [
            *cuff(124, 78, 93, at=t - 17 * MINUTE),
            reading(
                Signal.SYSTOLIC, None, at=t, device="cuff-1", quality=Quality.INVALID, cause=Cause.MEASUREMENT_FAILED
            ),
        ],
        "nibp",
        "124/78(93)",
        "valid",
        r"17 min · \d\d:\d\d failed: measurement failed$",
    ),
    "a cuff that only failed": (
        lambda t: [reading(Signal.SYSTOLIC, None, at=t, quality=Quality.INVALID, cause=Cause.MOTION)],
        "nibp",
        "-?-",
        "none",
        r"^\d\d:\d\d failed: motion$",
    ),
    "a cuff never used": (
        lambda t: [fresh(Signal.SYSTOLIC, "never_seen", at=t)],
        "nibp",
        "---",
        "none",
        "^no data since the start$",
    ),
    "a temperature with its time": (
        lambda t: [reading(Signal.TEMPERATURE, 37.1, at=t - 37 * MINUTE)],
        "temp",
        "37.1",
        "valid",
        r"^\d\d:\d\d · 37 min$",
    ),
    "an old temperature": (
        lambda t: [reading(Signal.TEMPERATURE, 37.1, at=t - 61 * MINUTE)],
        "temp",
        "37.1",
        "stale",
        r"^\d\d:\d\d · 61 min$",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_a_number_is_never_shown_better_than_it_is(shown: tuple[FakeStation, Page], case: Case) -> None:
    """Valid, questionable, stale, invalid and absent are told apart by text, colour and caption."""
    station, tab = shown
    records, cell, text, state, caption = case
    station.tell(opened(), *records(station.now()))
    try:
        vital = tab.locator(f".vital.{cell}")
        await expect(vital.locator(".value")).to_have_text(text)
        await expect(vital).to_contain_class(state)
        await expect(vital.locator(".caption")).to_have_text(re.compile(caption))
    finally:
        station.tell(told(SessionClosed("s-1", station.now(), "ak")))
        await expect(tab.locator(".tile")).to_have_count(0)
