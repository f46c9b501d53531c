"""The console and the recording pager, and which pagers a process may have."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec import structs
from pydantic import TypeAdapter, ValidationError

from alerts.pagers import Attempt, PagerError, PagerSettings, Reach, RecordingPager, build_pagers
from alerts.pagers.console import ConsolePager, page_line
from alerts.pagers.settings import WebhookSettings
from monitor.alert import Delivery, Page, PageReason
from monitor.vitals import Origin
from tests.alerts.paging import Site, an_alert

PAGE: Page = Site().tell(an_alert()).pages[0]
CONSOLE = {"name": "station", "kind": "console"}
PHONE = {"name": "ward-phone", "kind": "webhook", "url": "https://pages.example.org/v", "secret": "sixteen characters"}
HERE = {"name": "relay", "kind": "webhook", "url": "http://127.0.0.1:8080/"}


def settings(*tables: Mapping[str, Any]) -> list[PagerSettings]:
    return TypeAdapter(list[PagerSettings]).validate_python(tables)


async def on_terminal(page: Page) -> bytes:
    """What a page writes to a real terminal."""
    master, slave = os.openpty()
    try:
        with os.fdopen(slave, "w", encoding="utf-8") as terminal:
            await ConsolePager("station", terminal).deliver(page, unrecorded=False)
            terminal.flush()
            written = b""
            while not written.endswith(b"\n"):  # a terminal gives what has come so far
                written += os.read(master, 4096)
            return written
    finally:
        os.close(master)


@pytest.mark.asyncio
async def test_the_console_prints_one_plain_line_elsewhere() -> None:
    """Into a file or a pipe goes one line: no colour, no bell, however long it is."""
    file = io.StringIO()
    attempt = await ConsolePager("station", file).deliver(structs.replace(PAGE, text="x " * 100), unrecorded=True)
    assert attempt == Attempt(Delivery.DELIVERED, "printed")
    assert file.getvalue() == f"PAGE nurse (nurse, raised) [not recorded]: {'x ' * 100}\n"


@pytest.mark.asyncio
async def test_the_console_rings_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal there is a bell and colour; with NO_COLOR the bell alone; a notice at the end is quiet."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert (await on_terminal(PAGE)).startswith(b"\x07\x1b[1;31mPAGE nurse")
    monkeypatch.setenv("NO_COLOR", "1")
    assert b"31m" not in (written := await on_terminal(PAGE))
    assert written.startswith(b"\x07")
    assert b"\x07" not in await on_terminal(structs.replace(PAGE, reason=PageReason.RESOLVED))


def test_a_page_cannot_command_a_terminal() -> None:
    """What somebody typed as a room or a protocol's text reaches the terminal as text only."""
    line = page_line(structs.replace(PAGE, text="Room \x1b[2J\x9b31m\r\nmoved · 84 %"), unrecorded=False)
    assert line == "PAGE nurse (nurse, raised): Room �[2J�31m��moved · 84 %"


@pytest.mark.asyncio
async def test_a_terminal_that_is_gone_is_a_failure() -> None:
    """A line that cannot be written was not delivered."""
    file = io.StringIO()
    file.close()
    attempt = await ConsolePager("station", file).deliver(PAGE, unrecorded=False)
    assert attempt.outcome is Delivery.FAILED


class Held(io.StringIO):
    """A terminal that somebody holds, until let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.wrote = threading.Event()

    def write(self, text: str) -> int:
        self.wrote.set()
        self.let_go.wait(20)
        return super().write(text)


@pytest.mark.asyncio
async def test_a_held_terminal_fails_pages_instead_of_gathering_them() -> None:
    """While a line is stuck the loop runs on, and the next page is told as failed at once."""
    terminal = Held()
    pager = ConsolePager("station", terminal)
    first = asyncio.create_task(pager.deliver(PAGE, unrecorded=False))
    await asyncio.to_thread(terminal.wrote.wait, 20)
    second = await pager.deliver(PAGE, unrecorded=False)
    terminal.let_go.set()
    assert second.outcome is Delivery.FAILED
    assert (await first).outcome is Delivery.DELIVERED


@pytest.mark.asyncio
async def test_the_recording_pager_remembers_and_reaches_nobody() -> None:
    """It answers as it was told to, then delivers; it knows what left unrecorded."""
    pager = RecordingPager("any", [Delivery.FAILED])
    assert pager.reaches is Reach.NOBODY
    outcomes = [(await pager.deliver(PAGE, unrecorded=late)).outcome for late in (False, True)]
    assert outcomes == [Delivery.FAILED, Delivery.DELIVERED]
    assert [*pager.pages] == [PAGE, PAGE]
    assert pager.unrecorded == {PAGE.id}


@pytest.mark.asyncio
async def test_a_live_process_may_have_any_pager() -> None:
    """Each table becomes the pager of its kind, in order."""
    pagers = build_pagers(settings(CONSOLE, PHONE, HERE), Origin.REAL)
    assert [(pager.name, pager.reaches) for pager in pagers] == [
        ("station", Reach.HERE),
        ("ward-phone", Reach.ANYBODY),
        ("relay", Reach.HERE),
    ]
    for pager in pagers:
        await pager.close()


@pytest.mark.parametrize("origin", [Origin.SIMULATED, Origin.PROBE])
def test_a_rehearsal_pages_nobody_beyond_this_machine(origin: Origin) -> None:
    """A rehearsal with a pager that could reach a person does not start, and says which and why."""
    assert len(build_pagers(settings(CONSOLE, HERE), origin)) == 2
    with pytest.raises(PagerError, match="'ward-phone' can reach a person and this is a rehearsal"):
        build_pagers(settings(CONSOLE, PHONE), origin)


def test_a_name_is_one_pager() -> None:
    """Two pagers of one name could not be told apart by the rota."""
    with pytest.raises(PagerError, match="'station' is configured twice"):
        build_pagers(settings(CONSOLE, CONSOLE), Origin.REAL)


@pytest.mark.parametrize(
    "table",
    [
        {"name": "x", "kind": "pigeon"},
        {"name": "a/b", "kind": "console"},
        {"name": "x", "kind": "console", "colour": "red"},
        {"name": "x", "kind": "webhook"},
        {"name": "x", "kind": "webhook", "url": "http://pages.example.org/"},
        {"name": "x", "kind": "webhook", "url": "https://pages.example.org/", "secret": "short"},
    ],
    ids=["kind", "name", "extra", "no address", "in the clear", "short secret"],
)
def test_a_mistake_in_the_settings_is_refused(table: dict[str, str]) -> None:
    """What cannot work is refused before anything starts."""
    with pytest.raises(ValidationError):
        settings(table)


def test_secrets_are_not_shown() -> None:
    """Neither printing settings nor refusing them shows a secret or an address, which often holds a token."""
    shown = repr(settings(PHONE))
    assert "sixteen" not in shown
    assert "example.org" not in shown
    for wrong in ({"secret": "tooshort"}, {"url": "http://token@example.org"}):
        with pytest.raises(ValidationError) as refused:
            WebhookSettings.model_validate(PHONE | wrong)
        assert all(value not in str(refused.value) for value in wrong.values())
