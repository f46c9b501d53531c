"""What is said of where the heart's number comes from: one row a case, seen in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.async_api import Page, expect

from monitor.events import Record, SessionClosed
from monitor.heart import RateSource
from monitor.vitals import SECOND, Cause, Quality, Signal
from tests.dashboards.fake_station import FakeStation
from tests.dashboards.records import believed, fresh, opened, reading, told

pytestmark = [pytest.mark.server("chromium"), pytest.mark.asyncio(loop_scope="module")]

ECG, PULSE, STRAP, OXIMETER, CUFF = list(RateSource)[1:]

Case = tuple[Callable[[int], list[Record]], str, str, str]
"""Records, and what the heart's cell then shows: unit and source, number, caption."""


def heart(now: int, value: float | None = 92, device: str = "strap-1", seconds: int = 0, **doubts: object) -> Record:
    return reading(Signal.HEART_RATE, value, at=now - seconds * SECOND, device=device, **doubts)  # type: ignore[arg-type]  # quality and cause


def pulse(now: int, value: float = 64, device: str = "ox-1") -> Record:
    return reading(Signal.PULSE_RATE, value, at=now, device=device)


CASES: dict[str, Case] = {
    "nobody compares": (lambda t: [heart(t)], "/min", "92", ""),
    "electrodes": (lambda t: [heart(t), believed(STRAP, "strap-1")], "/min · ECG", "92", ""),
    "our own beats": (lambda t: [heart(t, device="h10"), believed(ECG, "h10")], "/min · ECG", "92", ""),
    "light": (lambda t: [pulse(t), believed(OXIMETER, "ox-1")], "/min · pulse", "64", ""),
    "our own pulses": (lambda t: [pulse(t), believed(PULSE, "ox-1")], "/min · pulse", "64", ""),
    "a cuff": (lambda t: [pulse(t, device="cuff-1"), believed(CUFF, "cuff-1")], "/min · cuff", "64", ""),
    "contradicted": (
        lambda t: [heart(t), pulse(t), believed(STRAP, "strap-1", OXIMETER, "ox-1", 64)],
        "/min · ECG",
        "92",
        "pulse 64: differs",
    ),
    "contradicted and doubtful": (
        lambda t: [
            heart(t, quality=Quality.QUESTIONABLE, cause=Cause.MOTION),
            believed(STRAP, "strap-1", OXIMETER, "ox-1", 64),
        ],
        "/min · ECG",
        "92?",
        "pulse 64: differs · motion",
    ),
    "beats without a pulse": (
        lambda t: [heart(t), believed(STRAP, "strap-1", OXIMETER, "ox-1", 0)],
        "/min · ECG",
        "92",
        "no pulse: differs",
    ),
    "contradicted by its own kind": (
        lambda t: [heart(t), believed(STRAP, "strap-1", STRAP, "strap-2", 141)],
        "/min · ECG",
        "92",
        "strap-2 141: differs",
    ),
    "another is believed against it": (
        lambda t: [heart(t, 140), pulse(t, 70), believed(OXIMETER, "ox-1", STRAP, "strap-1", 140)],
        "/min · ECG",
        "140",
        "pulse 70: differs",
    ),
    "another is believed": (
        lambda t: [
            heart(t, quality=Quality.QUESTIONABLE, cause=Cause.WEAK_SIGNAL),
            pulse(t, 84),
            believed(OXIMETER, "ox-1"),
        ],
        "/min · ECG",
        "92?",
        "better: pulse 84 · weak signal",
    ),
    "another is believed that says the same": (
        lambda t: [heart(t), pulse(t, 84), believed(OXIMETER, "ox-1")],
        "/min · ECG",
        "92",
        "",
    ),
    "another is believed that says something else": (
        lambda t: [heart(t), pulse(t, 81), believed(OXIMETER, "ox-1")],
        "/min · ECG",
        "92",
        "better: pulse 81",
    ),
    "another is believed that is not shown": (
        lambda t: [heart(t), pulse(t, 40, "ox-2"), believed(OXIMETER, "ox-1")],
        "/min · ECG",
        "92",
        "",
    ),
    "stale": (
        lambda t: [
            heart(t, seconds=12),
            fresh(Signal.HEART_RATE, "stale", at=t),
            believed(STRAP, "strap-1", OXIMETER, "ox-1", 64),
        ],
        "/min",
        "92",
        "12 s old",
    ),
    "invalid": (
        lambda t: [
            heart(t, None, quality=Quality.INVALID, cause=Cause.LEADS_OFF),
            believed(STRAP, "strap-1", OXIMETER, "ox-1", 64),
        ],
        "/min",
        "-?-",
        "leads off",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_the_source_is_that_of_the_number_which_is_shown(shown: tuple[FakeStation, Page], case: Case) -> None:
    """What contradicts it stands in words below it; of a number that is not fresh nothing is said."""
    station, tab = shown
    records, unit, text, caption = case
    station.tell(opened(), *records(station.now()))
    try:
        vital = tab.locator(".vital.hr")
        await expect(vital.locator(".value")).to_have_text(text)
        await expect(vital.locator(".label small")).to_have_text(unit)
        await expect(vital.locator(".caption")).to_have_text(caption)
    finally:
        station.tell(told(SessionClosed("s-1", station.now(), "ak")))
        await expect(tab.locator(".tile")).to_have_count(0)


async def test_a_contradiction_has_no_colour_of_its_own(shown: tuple[FakeStation, Page]) -> None:
    """Colours and flashing are for alerts: the cell looks as without it, but for the words."""
    station, tab = shown
    look = """each => [each, ...each.children].map(part => {
        const style = getComputedStyle(part)
        return [style.color, style.backgroundColor, style.animationName, style.fontWeight]
    })"""
    cell = tab.locator(".vital.hr")
    now = station.now()
    station.tell(opened(), heart(now), pulse(now), believed(STRAP, "strap-1"))
    try:
        await expect(cell.locator(".label small")).to_have_text("/min · ECG")
        before = await cell.evaluate(look)
        station.tell(believed(STRAP, "strap-1", OXIMETER, "ox-1", 64))
        await expect(cell.locator(".caption")).to_have_text("pulse 64: differs")
        assert await cell.evaluate(look) == before
        await expect(tab.locator(".tile.framed")).to_have_count(0)
    finally:
        station.tell(told(SessionClosed("s-1", station.now(), "ak")))
        await expect(tab.locator(".tile")).to_have_count(0)
