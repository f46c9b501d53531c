"""What the tests of the InfluxDB outlet share: a writer on a real journal, records, questions to a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2

from dashboards.influx import OUTLET, InfluxWriter, Pace
from dashboards.influx_settings import InfluxSettings
from dashboards.line_protocol import line
from monitor.events import Record, Told
from monitor.journal import DeadLetter, Journal, JournalWriter
from monitor.vitals import SECOND, Origin, Reading, Signal

START = 1_790_000_000 * SECOND
DATABASE = "vigil"
QUICK = Pace(
    poll=0.05, gather=0.0, timeout=2.0, first_retry=0.02, longest_retry=0.1, longest_busy=0.2, refused=0.1, behind=60.0
)


class Conditions:
    """Hears conditions as the service does."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bool, str]] = []

    def __call__(self, code: str, present: bool, detail: str) -> None:
        self.heard.append((code, present, detail))

    @property
    def codes(self) -> list[tuple[str, bool]]:
        return [(code, present) for code, present, _ in self.heard]


class Running:
    """A real journal with a writer at work on it. Entered again, it goes on where it was, as after a restart."""

    def __init__(
        self,
        settings: InfluxSettings,
        folder: Path,
        *,
        pace: Pace = QUICK,
        to_line: Callable[[Record], str | None] = line,
    ) -> None:
        self.conditions = Conditions()
        self.to_line = to_line
        self._settings, self._path, self._pace = settings, folder / "vigil.journal", pace
        self._stack = ExitStack()

    async def __aenter__(self) -> Running:
        journal = self._stack.enter_context(Journal.open(self._path))
        self.reader = self._stack.enter_context(Journal.reader(self._path))
        feed = self._stack.enter_context(Journal.reader(self._path))
        self.ledger = JournalWriter(journal)
        self._stack.callback(self.ledger.close)
        self.writer = InfluxWriter(
            self._settings, DATABASE, feed, self.ledger, self.conditions, to_line=self.to_line, pace=self._pace
        )
        await self.writer.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.writer.close()
        self._stack.close()

    @property
    def offset(self) -> int:
        return self.reader.offset(OUTLET)

    @property
    def dead_letters(self) -> list[DeadLetter]:
        return self.reader.dead_letters(OUTLET)

    def commit(self, *batches: Sequence[Record]) -> None:
        """Record batches and wake the writer."""
        self.ledger.append_many([(batch, START) for batch in batches]).result()
        self.writer.wake()

    def rewind(self) -> None:
        """Forget what was acknowledged, as a restored backup would."""
        self.ledger.set_offset(OUTLET, 0).result()
        self.writer.wake()

    async def until_caught_up(self) -> None:
        await eventually(lambda: self.offset == self.reader.position)


async def eventually(holds: Callable[[], bool], within: float = 30.0) -> None:
    """Wait for something that has to become true."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - what it waits for is a server's or a file's, and has no event
            await asyncio.sleep(0.005)


def reading(number: int, signal: Signal = Signal.SPO2, device: str = "oximeter-1", session: str = "s-1") -> Told:
    """The `number`-th reading of a series, a second after the one before, each with a value of its own."""
    at = START + number * SECOND
    body = Reading(session, device, signal, 90.0 + number % 10, at, at + 5, number, Origin.SIMULATED)
    return Told(number, 0, at, body)


def readings(count: int, per_batch: int = 250, session: str = "s-1") -> list[list[Told]]:
    """Batches of distinct readings."""
    told = [reading(number, session=session) for number in range(count)]
    return [told[start : start + per_batch] for start in range(0, count, per_batch)]


def v1(url: str, **settings: Any) -> InfluxSettings:
    return InfluxSettings.model_validate({"url": url, "api": "v1", **settings})


def v2(url: str, **settings: Any) -> InfluxSettings:
    return InfluxSettings.model_validate({"url": url, "api": "v2", "token": "a token", **settings})


class Remote(InfluxSettings):
    """Settings that take the store for one on another machine."""

    @property
    def loopback(self) -> bool:
        return False


class Influx:
    """Questions to InfluxDB 1.x, asked with nothing of ours in between."""

    def __init__(self, url: str, auth: tuple[str, str] | None = None, headers: dict[str, str] | None = None) -> None:
        self._client = httpx2.Client(base_url=url, trust_env=False, auth=auth, headers=headers)

    def ask(self, query: str) -> dict[str, Any]:
        """The first statement's result."""
        answer = self._client.post("/query", params={"db": DATABASE, "q": query, "epoch": "ns"})
        answer.raise_for_status()
        result: dict[str, Any] = answer.json()["results"][0]
        assert "error" not in result, f"{query}: {result['error']}"
        return result

    def rows(self, query: str) -> list[list[Any]]:
        """The rows of all series, without their names."""
        return [row for series in self.ask(query).get("series", []) for row in series["values"]]

    def write(self, *lines: str) -> None:
        body = "\n".join(lines).encode()
        answer = self._client.post("/write", params={"db": DATABASE, "precision": "n"}, content=body)
        assert answer.status_code == 204, answer.text

    def create_database(self) -> None:
        self.ask(f"CREATE DATABASE {DATABASE}")

    def count(self) -> int:
        """How many readings there are."""
        rows = self.rows("SELECT count(value) FROM vitals")
        return int(rows[0][1]) if rows else 0
