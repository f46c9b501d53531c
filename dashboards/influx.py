"""Feeds InfluxDB from the journal: what it has not acknowledged is sent again, whatever happened in between.

How far the store has acknowledged is kept in the journal. Nothing waits for this task, and it waits for nothing but the
store: while that is away, the journal is the queue.
"""

import asyncio
import gzip
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, ParamSpec, Self, TypeVar

import httpx2
import structlog
from msgspec import Struct

from dashboards.influx_feed import Feed, Ledger, Line, ToLine, bodies, next_portion
from dashboards.influx_http import CHECK_LINE, Answer, Verdict, connect, read_answer, write_request
from dashboards.influx_settings import InfluxSettings
from dashboards.line_protocol import line

OUTLET: Final = "influx"
CLOSE_S: Final = 2.0
JUDGED: Final = (Verdict.STORED, Verdict.REJECTED)

OnCondition = Callable[[str, bool, str], None]
"""Takes the code of a technical rule, whether the condition is present, and its detail."""

log = structlog.get_logger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class Pace(Struct, frozen=True, kw_only=True):
    """How often and how long, in seconds."""

    poll: float = 1.0
    gather: float = 0.2
    """Once the writer has caught up, the commits of this long travel together."""
    timeout: float = 10.0
    first_retry: float = 0.5
    longest_retry: float = 15.0
    longest_busy: float = 300.0
    """As long as a Retry-After is believed."""
    refused: float = 30.0
    behind: float = 60.0
    """Not having caught up for so long is worth telling."""


class Progress(Struct):
    """What the writer has done, and how far it and the journal are (positions)."""

    written: int = 0
    dead_letters: int = 0
    offset: int = 0
    head: int = 0
    last_error: str = ""

    @property
    def lag(self) -> int:
        """Batches of the journal that the store does not have."""
        return self.head - self.offset


class InfluxWriter:
    """Writes what the journal tells to one database of an InfluxDB: in order, each line until it is acknowledged.

    It works for as long as its `async with` body runs. `on_condition` is called when a condition begins and when it
    ends: `store_refused` (credentials, address, database), `store_behind` (not caught up for `pace.behind`) and
    `store_rejected` (lines went to the dead letters).
    """

    def __init__(
        self,
        settings: InfluxSettings,
        database: str,
        feed: Feed,
        ledger: Ledger,
        on_condition: OnCondition,
        *,
        to_line: ToLine = line,
        pace: Pace | None = None,
    ) -> None:
        self.progress = Progress()
        self._feed = feed
        self._ledger = ledger
        self._on_condition = on_condition
        self._to_line = to_line
        self._pace = pace or Pace()
        self._client = connect(settings, self._pace.timeout)
        self._request = write_request(settings, database)
        self._zipped = not settings.loopback
        self._present: set[str] = set()
        self._woken = asyncio.Event()
        self._mended = asyncio.Event()
        self._caught_up_at = time.monotonic()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=OUTLET)
        self._working: asyncio.Future[Any] | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Go on where the acknowledged offset stands."""
        self._task = asyncio.create_task(self._run(), name=OUTLET)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    def wake(self) -> None:
        """The journal has something new. To be called in the event loop."""
        self._woken.set()

    def mended(self) -> None:
        """Something was done about the store: ask it now, not when the pause is over."""
        self._mended.set()

    async def close(self, within: float = CLOSE_S) -> None:
        """Stop within so many seconds. What is not acknowledged by then is sent at the next start."""
        pending = {each for each in (self._task, self._working) if each is not None}
        if self._task is not None:
            self._task.cancel()
        if pending:
            await asyncio.wait(pending, timeout=within)
        self._thread.shutdown(wait=False, cancel_futures=True)
        await self._client.aclose()

    async def _run(self) -> None:
        while True:
            try:
                await self._round()
            except Exception as error:  # the task's boundary: one failure must not end the feeding
                log.exception("influx_round_failed")
                self._fail(f"{type(error).__name__}: {error}")
                await asyncio.sleep(self._pace.longest_retry)

    async def _round(self) -> None:
        """Write what is next; once there is nothing more, rest until there is."""
        lines, after, until, head = await self._in_thread(next_portion, self._feed, OUTLET, self._to_line)
        self.progress.offset, self.progress.head = after, head
        dead_letters = self.progress.dead_letters
        for body in bodies(lines):
            await self._deliver(body)
        if lines and self.progress.dead_letters == dead_letters:
            self._tell("store_rejected", present=False)
        if until != after:
            await asyncio.wrap_future(self._ledger.set_offset(OUTLET, until))
            self.progress.offset = until
        if caught_up := until == head:
            self._caught_up_at = time.monotonic()
        self._judge_lag()
        if caught_up:
            await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._pace.poll):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()
        await asyncio.sleep(self._pace.gather)

    async def _deliver(self, lines: Sequence[Line]) -> None:
        """Have the lines stored, halving what is rejected until single lines are left to be set aside.

        One line is the store's fault only if it takes no other line either: then nothing is set aside.
        """
        parts, sound = [lines], False
        while parts:
            part = parts.pop()
            answer = await self._put([each.text for each in part])
            if answer.verdict is Verdict.STORED:
                self.progress.written += len(part)
                sound = True
            elif len(part) > 1:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]
            elif sound or (await self._put([CHECK_LINE])).verdict is Verdict.STORED:
                sound = True
                await self._set_aside(part[0], answer.reason)
            else:
                parts.append(part)
                self._tell("store_refused", present=True, detail=f"rejects every line: {answer.reason}")
                await self._pause(self._pace.refused)

    async def _set_aside(self, rejected: Line, reason: str) -> None:
        text = rejected.text.decode()
        await asyncio.wrap_future(self._ledger.add_dead_letter(OUTLET, rejected.position, text, reason))
        self.progress.dead_letters += 1
        self._tell("store_rejected", present=True, detail=reason)

    async def _put(self, lines: Sequence[bytes]) -> Answer:
        """Ask until the store has judged the lines: stored or rejected."""
        waits = backoff(self._pace.first_retry, self._pace.longest_retry)
        while True:
            answer = await self._ask(lines)
            self._hear(answer)
            if answer.verdict in JUDGED:
                return answer
            await self._pause(self._wait(answer, next(waits)))

    async def _pause(self, seconds: float) -> None:
        self._mended.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._mended.wait()

    async def _ask(self, lines: Sequence[bytes]) -> Answer:
        """One attempt."""
        body = b"\n".join(lines)
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        if self._zipped:
            headers["Content-Encoding"] = "gzip"
            body = await self._in_thread(gzip.compress, body, 1)
        try:
            response = await self._client.post(**self._request, content=body, headers=headers)
        except httpx2.HTTPError as error:
            return Answer(Verdict.BROKEN, f"{type(error).__name__}: {error}")
        return read_answer(response, time.time())

    def _wait(self, answer: Answer, otherwise: float) -> float:
        if answer.verdict is Verdict.REFUSED:
            return self._pace.refused
        if answer.retry_after is not None:
            return min(answer.retry_after, self._pace.longest_busy)
        return otherwise

    def _hear(self, answer: Answer) -> None:
        if answer.verdict is not Verdict.STORED:
            self._fail(answer.reason)
        if answer.verdict is Verdict.REFUSED:
            self._tell("store_refused", present=True, detail=answer.reason)
        elif answer.verdict is Verdict.STORED:
            self._tell("store_refused", present=False)

    def _fail(self, reason: str) -> None:
        self.progress.last_error = reason
        self._judge_lag()

    def _judge_lag(self) -> None:
        behind = time.monotonic() - self._caught_up_at
        detail = f"not caught up for {behind:.0f} s: {self.progress.last_error}"
        self._tell("store_behind", present=behind > self._pace.behind, detail=detail)

    def _tell(self, code: str, *, present: bool, detail: str = "") -> None:
        """Tell a condition when it begins and when it ends, not while it lasts."""
        if present is (code in self._present):
            return
        self._present ^= {code}
        log.warning("influx_condition", code=code, present=present, detail=detail)
        self._on_condition(code, present, detail if present else "")

    async def _in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Work beside the event loop. Cancelling does not stop it, so `close` waits for the last of it."""
        working = asyncio.wrap_future(self._thread.submit(work, *args, **kwargs))
        self._working = working
        return await asyncio.shield(working)


def backoff(first: float, longest: float) -> Iterator[float]:
    """Seconds to wait before each further attempt: doubling, with jitter, for ever.

    stamina would count every attempt's number under a metric label of its own, which no outage of days can afford.
    """
    while True:
        yield first * random.uniform(0.5, 1.0)  # noqa: S311 - spreads attempts, guards nothing
        first = min(first * 2, longest)
