"""Simulated people over a real MQTT link, as their devices would send.

Two times: the background (drift, breath, drugs, a recording) passes `speed` times faster, and that many more messages
are sent; scripted episodes and the cuff keep real seconds, because the times that alerts count in are real. Every stamp
is the real time of sending.
"""

import asyncio
import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from devices.topics import OBSERVATION, REHEARSAL_ROOT, encode_observation, encode_status, topic
from monitor.events import DeviceStatus, Input, Observation, Quarantined
from monitor.vitals import SECOND
from simulators.instruments import Person

RETRY_S = 0.5
GOODBYE_S = 2.0

MAX_SPEED = 100.0
"""Above this, stamps in milliseconds of one device would come too close to be told apart."""


Message = tuple[str, bytes, bool]
"""Topic, payload, and whether the broker keeps it."""


class Publish(Protocol):
    """The sending side of an MQTT link: returns when the broker has the message, raises OSError when it gives up."""

    async def __call__(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None: ...


class Clock(Protocol):
    """Real time, or a test's."""

    def now(self) -> int:
        """ns since 1970, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds, at once if there are none."""
        ...


async def run_people(
    people: Sequence[Person],
    publish: Publish,
    clock: Clock,
    *,
    speed: float = 1.0,
    duration_s: float | None = None,
    root: str = REHEARSAL_ROOT,
    site: str,
) -> None:
    """Play everybody at once for `duration_s` real seconds, or until cancelled; then say that the devices are off.

    At most one message per device is under way. While the link is lost it is tried again with the same sequence, so it
    may come twice; what would have been measured meanwhile is not sent later.

    Raises:
        ValueError: for a speed that is not above 0 and at most MAX_SPEED.
        ExceptionGroup: of what `publish` raised besides OSError, such as a broker's refusal.
    """
    if not 0 < speed <= MAX_SPEED:
        raise ValueError(f"speed {speed:g}: give more than 0 and at most {MAX_SPEED:g}")
    stage = _Stage(publish, clock, speed, math.inf if duration_s is None else duration_s, root, site)
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(stage.play(person), name=f"person {person.session}")


class _Stage:
    """What all people of a run share."""

    def __init__(self, publish: Publish, clock: Clock, speed: float, duration_s: float, root: str, site: str) -> None:
        self._publish = publish
        self._clock = clock
        self._speed = speed
        self._duration_s = duration_s
        self._root = root
        self._site = site
        self._started = clock.now()

    async def play(self, person: Person) -> None:
        """Tick after tick; those that a slow link took the time of are left out."""
        clock = self._clock
        try:
            await self._send(person.switch_on(clock.now()))
            tick = 0
            while (t_s := tick / self._speed) < self._duration_s:
                await clock.sleep(t_s - self._elapsed_s())
                await self._send(person.send(tick, t_s, clock.now()))
                tick = max(tick + 1, int(self._elapsed_s() * self._speed))
        finally:
            with suppress(OSError):
                async with asyncio.timeout(GOODBYE_S):
                    await self._send(person.switch_off(clock.now()))

    def _elapsed_s(self) -> float:
        return (self._clock.now() - self._started) / SECOND

    async def _send(self, inputs: Iterable[Input]) -> None:
        """Send side by side, what comes of one device in its order, and return when the broker has it all."""
        queues: dict[str, list[Message]] = {}
        for each in inputs:
            if (message := self._message(each)) is not None:
                device, _, _ = message[0].rpartition("/")
                queues.setdefault(device, []).append(message)
        async with asyncio.TaskGroup() as group:
            for messages in queues.values():
                group.create_task(self._deliver_all(messages))

    def _message(self, sent: Input) -> Message | None:
        """What a device would publish: status to be kept, and nonsense as the bytes that it is."""
        root, site = self._root, self._site
        match sent:
            case Observation():
                return *encode_observation(sent, root=root, site=site), False
            case DeviceStatus():
                return *encode_status(sent, root=root, site=site), True
            case Quarantined():
                return topic(sent.device, OBSERVATION, root=root, site=site), sent.sample.encode(), False
            case _:
                return None

    async def _deliver_all(self, messages: Iterable[Message]) -> None:
        for message in messages:
            await self._deliver(*message)

    async def _deliver(self, topic: str, payload: bytes, retain: bool) -> None:
        while True:
            try:
                return await self._publish(topic, payload, retain=retain)
            except OSError:
                if self._elapsed_s() >= self._duration_s:
                    return None
            await self._clock.sleep(RETRY_S)
