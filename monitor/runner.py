"""The shell around the engine: gives each input its place and instant, wakes for deadlines, hands all to the recorder.

An item is judged at once, on the event loop; nothing here waits for a disk, a pager or a page.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Protocol

from monitor.alert import Alert, Page
from monitor.clock import Clock
from monitor.commands import Command
from monitor.events import Answered, ClockJumped, Envelope, Input, Record, Started, Told
from monitor.pipeline import Engine
from monitor.vitals import SECOND

JUMP_CHECK_S = 1.0
"""How often the wall clock is compared with the boot-time clock."""

OUTAGE = 5 * SECOND
"""A process that stood still for so long (its machine slept, or was moved) watched nobody."""

_URGENT = frozenset({Alert, Page, Answered})
_seq = attrgetter("seq")


class Recorder(Protocol):
    """Where records go: see `monitor.journal.recorder`."""

    def add(
        self, records: Sequence[Record], until: int, *, urgent: bool, done: Callable[[], None] | None = None
    ) -> None:
        """Take records in order; `done` is called when they are committed."""
        ...


class Runner:
    """Owns the engine of a live process.

    Args:
        engine: recovered, or new.
        recorder: takes what was judged.
        clock: not before the journal's last instant.
        stream: name of the stream the envelopes belong to, the site's.
        next_seq: the sequence number of the next input.
        begin: gives the `Started` of a run that follows an outage of so long (ns).
    """

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        clock: Clock,
        stream: str,
        next_seq: int,
        begin: Callable[[int], Started],
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        self._clock = clock
        self._stream = stream
        self._next_seq = next_seq
        self._begin = begin
        self._awake_at = self.now()
        self._timer: asyncio.TimerHandle | None = None
        self._jump_timer: asyncio.TimerHandle | None = None
        self._waiting: dict[str, asyncio.Future[Answered]] = {}
        self._timer_due = 0

    def start(self, outage: int) -> None:
        """Begin: with `Started`, after nobody watched for so long (ns), then to wake for deadlines. Call once."""
        self._judge(self._begin(outage), self._wake())
        self._watch_clock()

    def stop(self) -> None:
        """Wake no more."""
        for timer in (self._timer, self._jump_timer):
            if timer is not None:
                timer.cancel()

    def now(self) -> int:
        """The present instant of this process."""
        return max(self._clock.now(), self._engine.now)

    def take(
        self, body: Input, *, session: str = "", key: str = "", done: Callable[[], None] | None = None
    ) -> Sequence[Told]:
        """Judge one input now and hand it, with all that follows from it, to the recorder."""
        return self._judge(body, self._wake(), session, key, done)

    def _wake(self) -> int:
        """The present instant. Who stood still until now begins again, as after any outage: nothing is made up for."""
        now = self.now()
        stood_still, self._awake_at = now - self._awake_at, now
        if stood_still >= OUTAGE:
            self._judge(self._begin(stood_still), now)
        return now

    def _judge(
        self, body: Input, now: int, session: str = "", key: str = "", done: Callable[[], None] | None = None
    ) -> Sequence[Told]:
        envelope = Envelope(self._stream, self._next_seq, now, session, key, body)
        told = self._engine.receive(envelope)
        # What was due before the input carries the number of the one before, and stands before it.
        earlier = bisect_left(told, envelope.seq, key=_seq)
        self._next_seq += 1
        self._record([*told[:earlier], envelope, *told[earlier:]], done)
        self._schedule()
        return told[earlier:]

    def tick(self) -> None:
        """Fire what is due by now, and look for the next."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        told = self._engine.advance(self._wake())
        if told:
            self._record(told, None)
        self._schedule()

    async def command(self, command: Command) -> Answered:
        """Judge a command; returns its answer when its batch was released (recorded, or told unrecorded)."""
        answer: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting[command.request] = answer
        try:
            self.take(command, session=command.session, key=command.request)
            return await answer
        finally:
            del self._waiting[command.request]

    def answer(self, answered: Answered) -> None:
        """Give a released answer to whoever waits for it."""
        waiting = self._waiting.get(answered.request)
        if waiting is not None and not waiting.done():
            waiting.set_result(answered)

    def _record(self, records: Sequence[Record], done: Callable[[], None] | None) -> None:
        urgent = any(type(record.body) in _URGENT for record in records)
        self._recorder.add(records, self._engine.now, urgent=urgent, done=done)

    def _schedule(self) -> None:
        """One timer, for the engine's next deadline."""
        due = self._engine.next_deadline()
        if self._timer is not None:
            if due is not None and self._timer_due <= due:
                return
            self._timer.cancel()
            self._timer = None
        if due is not None:
            loop = asyncio.get_running_loop()
            self._timer_due = due
            self._timer = loop.call_later(max(0.0, (due - self.now()) / SECOND), self.tick)

    def _watch_clock(self) -> None:
        jumped = self._clock.jump()
        if jumped:
            self.take(ClockJumped(jumped))
        # The loop's timers stand still while the machine is suspended; this clock does not.
        self.tick()
        self._jump_timer = asyncio.get_running_loop().call_later(JUMP_CHECK_S, self._watch_clock)
