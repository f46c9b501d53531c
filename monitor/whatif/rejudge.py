"""A recording judged again under another protocol, with somebody stated to answer in place of who answered then.

Kept: what devices sent, sessions, devices worn, doses, phases, notes, and what happened to the equipment. Left out:
acknowledgements, silences and delivery reports, which answered other alerts, and commands that were refused. There is
nothing here that could reach a person: an engine, and a responder that exists in virtual time only.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from monitor.events import (
    Acknowledge,
    Answered,
    CloseSession,
    DeliveryReported,
    Envelope,
    Input,
    OpenSession,
    Silence,
    Started,
    Told,
)
from monitor.pipeline import Engine
from monitor.recovery import Stored
from monitor.replay import ReplayError
from monitor.vitals import Origin

CLOSED_AS_RECORDED = "closed as it was recorded"
"""The reason given for a close: other alerts may be open than were then."""


Promise = tuple[int, Callable[[], Input | None]]
"""When somebody will do something (ns), and what, asked at that instant; None when it needs doing no longer."""


class Responder(Protocol):
    """Who answers, in virtual time."""

    def hear(self, told: Told) -> Iterable[Promise]:
        """What somebody will do about an output, none of it before the output's own instant."""
        ...


class Rejudged(Struct):
    """How a recording is judged again: `protocol` (TOML text) instead of each recorded one, None for those."""

    origin: Origin
    protocol: str | None
    refused: frozenset[str]
    """Requests whose commands were refused when they were recorded."""

    def kept(self, body: Input) -> Input | None:
        """What becomes of a recorded input; None where it is left out."""
        if isinstance(body, Acknowledge | Silence | DeliveryReported) or getattr(body, "request", "") in self.refused:
            return None
        if isinstance(body, OpenSession | Started) and self.protocol is not None:
            return replace(body, protocol=self.protocol)
        if isinstance(body, CloseSession) and not body.reason:
            return replace(body, reason=CLOSED_AS_RECORDED)
        return body


def refused(batches: Iterable[Stored]) -> frozenset[str]:
    """The requests that a recording says were refused."""
    records = (record for stored in batches for record in stored.records)
    answers = (record.body for record in records if isinstance(record, Told) and isinstance(record.body, Answered))
    return frozenset(answer.request for answer in answers if not answer.accepted)


def rejudge(batches: Iterable[Stored], how: Rejudged, responder: Responder) -> Iterator[Told]:
    """Judge recorded inputs as `how` says and yield what the engine tells, with `responder` answering.

    Raises:
        ReplayError: an input cannot follow the one before it.
    """
    room = _Room(how.origin, responder)
    for stored in batches:
        for record in stored.records:
            body = how.kept(record.body) if isinstance(record, Envelope) else None
            if isinstance(record, Envelope) and body is not None:
                # What was due while nobody watched is moved by the start itself.
                if not isinstance(body, Started):
                    yield from room.wait(record.at)
                yield from room.put(record.at, record.session, body)
        yield from room.wait(stored.until)


class _Room:
    """An engine, who answers it, and the answers that are to come."""

    def __init__(self, origin: Origin, responder: Responder) -> None:
        self._engine = Engine(origin)
        self._responder = responder
        self._answers: list[tuple[int, int, Callable[[], Input | None]]] = []
        self._inputs = 0
        self._promised = 0

    def put(self, at: int, session: str, body: Input) -> Sequence[Told]:
        self._inputs += 1
        try:
            told = self._engine.receive(Envelope("what-if", self._inputs, at, session, "", body))
        except ValueError as error:
            raise ReplayError(str(error)) from None
        return self._heard(told)

    def wait(self, until: int) -> Iterator[Told]:
        """Let deadlines fire and answers come, each at its instant, so that an answer never comes late."""
        while True:
            deadline, answer = self._engine.next_deadline(), self._answers[0][0] if self._answers else None
            due = min((instant for instant in (deadline, answer) if instant is not None), default=None)
            if due is None or due > until:
                break
            if deadline is not None and deadline <= due:
                yield from self._heard(self._engine.advance(due))
            else:
                body = heapq.heappop(self._answers)[2]()
                if body is not None:
                    # An answer that fell into an outage comes after it.
                    yield from self.put(max(due, self._engine.now), getattr(body, "session", ""), body)
        yield from self._heard(self._engine.advance(until))

    def _heard(self, told: list[Told]) -> list[Told]:
        for one in told:
            for at, answer in self._responder.hear(one):
                self._promised += 1
                heapq.heappush(self._answers, (at, self._promised, answer))
        return told
