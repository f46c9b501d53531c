"""The hub: what the board shows, told to every open tab as server-sent events.

Nothing waits for a tab and nothing queues for one. A tab is sent what changed since the revision it has, when it is
ready to read; one that was slow or asleep gets everything it missed as a single update, so no alert can be lost.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import suppress
from typing import Any

from fastapi.sse import format_sse_event
from msgspec import Struct, json

from dashboards.live.board import Board
from dashboards.live.views import BoardUpdate, BoardView, SiteView
from monitor.events import Record
from monitor.waves.run import Strip

MOST_STRIPS = 512
"""Waveforms of which the newest is remembered."""

MAX_TABS = 64
"""Open streams at a time; one more is refused rather than slowing those that are there."""

HEARTBEAT_S = 2.0
PACE_S = 0.25
"""Values are told at most this often; alerts at once."""


class Stamp(Struct, frozen=True, kw_only=True):
    """What every event says. The page trusts nothing when `watched_at` stops rising, though the server still answers.

    `at` is the service's clock, `watched_at` the last instant the core is known to have judged (ns, UTC). `recorded`
    is false while the journal does not take what is shown.
    """

    sequence: int
    at: int
    watched_at: int
    recorded: bool


class Snapshot(Stamp, frozen=True, kw_only=True):
    """Always the first event of a stream: the whole board."""

    board: BoardView


class Update(Stamp, frozen=True, kw_only=True):
    """What changed since the last event."""

    changes: BoardUpdate


class Heartbeat(Stamp, frozen=True, kw_only=True):
    """Sent whether or not anything happens, with the state of the site."""

    site: SiteView


class Waves(Stamp, frozen=True, kw_only=True):
    """The newest of some waveforms. Who is slow misses some: they are for looking at, and nothing waits for them."""

    strips: tuple[Strip, ...]


class Hub:
    """Fan-out of one board. Belongs to one event loop; `publish` is called there and never blocks.

    Args:
        board: what is shown. The hub folds records into it: nobody else does while the hub is in use.
        now: the service's clock, ns, UTC.
        heartbeat_s: seconds between heartbeats.
        pace_s: least seconds between two updates that carry only values.
    """

    def __init__(
        self, board: Board, now: Callable[[], int], heartbeat_s: float = HEARTBEAT_S, pace_s: float = PACE_S
    ) -> None:
        self.board = board
        self.recorded = True
        self.watched_at = now()
        self._now = now
        self._heartbeat_s = heartbeat_s
        self._pace_s = pace_s
        self._sequence = 0
        self._closed = False
        self._tabs: set[asyncio.Event] = set()
        self._strips: dict[tuple[str, str], tuple[int, Strip]] = {}
        self._shown = 0
        self._pending: asyncio.TimerHandle | None = None

    @property
    def tabs(self) -> int:
        """How many streams are open."""
        return len(self._tabs)

    @property
    def full(self) -> bool:
        """Whether `MAX_TABS` streams are open."""
        return self.tabs >= MAX_TABS

    def publish(self, records: Iterable[Record], recorded: bool, now: int) -> None:
        """Fold records into the board and tell the tabs. Call it at least once a second, with nothing if nothing came.

        Args:
            records: in the journal's order, each exactly once, recorded or not.
            recorded: whether the journal is taking what is shown.
            now: the instant up to which the core has judged.
        """
        board = self.board
        alerts, revision, was_recorded = board.alerts_revision, board.revision, self.recorded
        for record in records:
            board.apply(record)
        self.recorded, self.watched_at = recorded, now
        if board.alerts_revision != alerts or recorded != was_recorded:
            self._wake()
        elif board.revision != revision:
            self._wake_soon()

    def show(self, strip: Strip) -> None:
        """Tell the tabs the newest of a waveform, in place of what they were not told yet."""
        key = strip.session, strip.channel
        self._strips.pop(key, None)
        self._shown += 1
        self._strips[key] = self._shown, strip
        if len(self._strips) > MOST_STRIPS:
            del self._strips[next(iter(self._strips))]
        self._wake_soon()

    def close(self) -> None:
        """End every stream, so that the server can stop at once; new ones end after their snapshot."""
        self._closed = True
        self._wake()

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Encoded events for one tab: a snapshot, then updates and heartbeats until the hub closes.

        Nothing when the hub is full: of many that come at once, some find it so only after they were let in.
        """
        if self.full:
            return
        wake = asyncio.Event()
        self._tabs.add(wake)
        clock = asyncio.get_running_loop().time
        try:
            sent, shown = self.board.revision, self._shown
            yield self._event("snapshot", Snapshot(**self._stamp(), board=self.board.view()))
            beat = clock() + self._heartbeat_s
            while not self._closed:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(beat):
                        await wake.wait()
                if wake.is_set():
                    wake.clear()
                    changes, sent = self.board.update(sent), self.board.revision
                    yield self._event("update", Update(**self._stamp(), changes=changes))
                    strips, shown = self._newer(shown), self._shown
                    if strips:
                        yield self._event("waves", Waves(**self._stamp(), strips=strips))
                if clock() >= beat:
                    beat = clock() + self._heartbeat_s
                    yield self._event("heartbeat", Heartbeat(**self._stamp(), site=self.board.site()))
        finally:
            self._tabs.discard(wake)

    def _newer(self, shown: int) -> tuple[Strip, ...]:
        return tuple(strip for number, strip in self._strips.values() if number > shown)

    def _wake_soon(self) -> None:
        if self._pending is None:
            self._pending = asyncio.get_running_loop().call_later(self._pace_s, self._wake)

    def _wake(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        for wake in self._tabs:
            wake.set()

    def _stamp(self) -> dict[str, Any]:
        self._sequence += 1
        now = self._now()
        return {"sequence": self._sequence, "at": now, "watched_at": self.watched_at, "recorded": self.recorded}

    @staticmethod
    def _event(name: str, event: Stamp) -> bytes:
        return format_sse_event(data_str=json.encode(event).decode(), event=name, id=str(event.sequence))
