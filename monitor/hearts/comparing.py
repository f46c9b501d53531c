"""Compares the heart rates of a running service once a second, in another process: nobody who judges waits for it."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog

from monitor.events import DeviceAssigned, Observation, Record, Started
from monitor.heart import HeartSource
from monitor.hearts.asking import Answer, Asked
from monitor.hearts.process import HeartsProcess
from monitor.pipeline import MOST_SESSIONS
from monitor.vitals import SECOND, Origin, Reading, Signal

log = structlog.get_logger(__name__)

EVERY_S = 1.0
MOST_WAITING = 20_000
"""Readings. A process that compares for the first time compiles for some seconds; 256 people tell 600 /s."""
AGAIN = 30 * SECOND
"""So long after a fault it is tried again: what fails at once would do nothing but begin."""
LONGEST = 120 * SECOND
"""So long an answer is waited for: the first one on a machine compiles."""
FAULT = "heart rates"
"""What a fault of ours is about."""

_HEART, _PULSE = Signal.HEART_RATE, Signal.PULSE_RATE

Rate = tuple[Reading, Observation]


class Hearts(Protocol):
    """Who compares; what it is asked is asked on a thread."""

    def answer(self, asked: Asked) -> Answer:
        """What has changed."""
        ...

    def close(self) -> None:
        """End, also while it is asked."""
        ...


class Judge(Protocol):
    """The service, as far as it is needed here."""

    @property
    def mode(self) -> Origin:
        """Whether this process watches people or rehearses."""
        ...

    @property
    def sessions(self) -> Sequence[str]:
        """The open sessions."""
        ...

    def now(self) -> int:
        """ns, UTC."""
        ...

    def heart_source(self, source: HeartSource) -> None:
        """Judge which source is believed."""
        ...

    def condition(self, code: str, present: bool, detail: str, subject: str = "") -> None:
        """Judge a condition of the equipment."""
        ...


class Comparing:
    """Hears released batches, and tells which sources are believed. Belongs to one event loop.

    Its process begins with the first rate: who has none needs no compiler. When the service begins again, and after a
    fault of ours, nobody is believed until rates have been compared anew.

    Args:
        begin: who compares from now on. Called on a thread.
    """

    def __init__(self, service: Judge, begin: Callable[[], Hearts] = HeartsProcess) -> None:
        self.dropped = 0
        """Readings that found no place."""
        self._service, self._begin = service, begin
        self._thread = ThreadPoolExecutor(1, "hearts")
        self._observation: Observation | None = None
        self._seq = self._again = self._asked_at = 0
        self._waiting: list[Rate] = []
        self._left: list[DeviceAssigned] = []
        self.working = False
        """Whether something is being compared."""
        self._wanted = self._anew = self._failed = self._impossible = self._closed = False
        self._hearts: Hearts | None = None

    @property
    def waiting(self) -> int:
        """Readings of which nothing has become yet."""
        return len(self._waiting)

    def hear(self, records: Sequence[Record]) -> None:
        """Keep the rates of a batch until the next second."""
        if self._impossible:
            return
        for record in records:
            body = record.body
            if type(body) is Observation:
                self._observation, self._seq = body, record.seq
            elif type(body) is Reading:
                # Asked of every reading: looking a member up would take longer.
                if (body.signal is _HEART or body.signal is _PULSE) and self._observation and record.seq == self._seq:
                    self._wanted = True
                    self._keep((body, self._observation))
            elif type(body) is DeviceAssigned and not body.worn and self._wanted:
                self._left.append(body)
            elif type(body) is Started:
                self._anew, self._waiting, self._left = True, [], []

    def tick(self) -> None:
        """Compare what was heard. A comparison that still lasts is not waited for: what comes waits for the next."""
        if self.working and not self._closed and self._service.now() - self._asked_at >= LONGEST:
            self._hangs()
        if self.working or not self._wanted or self._closed or self._service.now() < self._again:
            return
        asked = Asked(
            tuple(self._waiting),
            tuple(self._left),
            tuple(self._service.sessions),
            self._service.now(),
            self._service.mode,
            MOST_SESSIONS,
        )
        anew, self._anew = self._anew, False
        self._asked_at = asked.now
        self.working, self._waiting, self._left = True, [], []
        future = asyncio.get_running_loop().run_in_executor(self._thread, self._compare, asked, anew)
        future.add_done_callback(self._done)

    def close(self) -> None:
        """Compare no more; what is being compared is told nobody."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self._hearts is not None:
            self._hearts.close()

    def _keep(self, rate: Rate) -> None:
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(rate)
        else:
            self.dropped += 1

    def _compare(self, asked: Asked, anew: bool) -> Sequence[HeartSource]:
        """On the thread, which waits for the answer."""
        if anew and self._hearts is not None:
            self._hearts.close()
            self._hearts = None
        if self._hearts is None and not self._closed:
            self._hearts = self._begin()
        if self._hearts is None:
            return ()
        if self._closed:
            self._hearts.close()
            return ()
        try:
            answer = self._hearts.answer(asked)
        except (OSError, EOFError):
            if self._closed:
                return ()
            raise
        if answer.impossible:
            self._hearts.close()
            raise ModuleNotFoundError(answer.impossible)
        return answer.changed

    def _done(self, future: "asyncio.Future[Sequence[HeartSource]]") -> None:
        self.working = False
        if self._closed or future.cancelled():
            return
        error = future.exception()
        if error is None:
            self._judge(future.result())
        elif isinstance(error, ModuleNotFoundError):
            self._impossible, self._wanted, self._waiting = True, False, []
            log.warning("hearts.not_compared", reason=str(error))
        else:
            self._fell(error)

    def _judge(self, changed: Sequence[HeartSource]) -> None:
        if self._failed:
            self._failed = False
            self._service.condition("engine_fault", False, "", FAULT)
        open_now = () if self._anew else self._service.sessions
        for source in changed:
            if source.session in open_now:
                self._service.heart_source(source)

    def _hangs(self) -> None:
        """No answer comes. Its end tells the thread that waits for one; nobody else waits for that."""
        self._asked_at = self._service.now()
        self._fell(TimeoutError(f"no answer for {LONGEST // SECOND} s"))
        if self._hearts is not None:
            asyncio.get_running_loop().run_in_executor(None, self._hearts.close)

    def _fell(self, error: BaseException) -> None:
        """What was said may be wrong by now: nobody is believed, until a comparison succeeds."""
        if not self._failed:
            log.error("hearts.fault", exc_info=error)
            for session in self._service.sessions:
                self._service.heart_source(HeartSource(session, origin=self._service.mode))
        self._failed = self._anew = True
        self._again = self._service.now() + AGAIN
        self._service.condition("engine_fault", True, f"{type(error).__name__}: {error}", FAULT)
