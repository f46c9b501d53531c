"""The processes that are measured over a real broker, each with the stream of messages that is meant for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPException
from threading import Thread
from typing import Any
from urllib.request import urlopen

from monitor.vitals import SECOND
from tests.bench.child import Child
from tests.bench.context import SESSIONS, Context
from tests.bench.publisher import Publisher, Stream
from tests.bench.site import FIVE_SIGNALS, ONE_SIGNAL, Shape, wearing
from tests.servers import MOSQUITTO_SETTINGS, Mosquitto

SHAPES: dict[str, Shape] = {"1 signal": ONE_SIGNAL, "5 signals": FIVE_SIGNALS}
MILLISECOND = SECOND // 1000


class Measured:
    """One process behind the broker."""

    def __init__(self, child: Child, publisher: Publisher, site: str) -> None:
        self._child = child
        self._publisher = publisher
        self._streams = {name: Stream(wearing(shape, SESSIONS), site) for name, shape in SHAPES.items()}

    def burst(self, shape: str, messages: int) -> tuple[float, int]:
        """Send messages as fast as they are taken; returns the CPU seconds that the process spent on them.

        And how often it could not record in time meanwhile.
        """
        stream = self._streams[shape]
        # Stamps of one device must rise: its messages are a millisecond apart.
        packets = stream.packets(messages, MILLISECOND // len(stream.worn) + 1, time.time_ns())
        self._expect(messages, stamps=False)
        self._publisher.burst(packets)
        spent: dict[str, Any] = self._child.read()
        return spent["cpu_s"], spent["interruptions"]

    def pace(self, shape: str, per_s: float, messages: int) -> tuple[list[float], list[float]]:
        """Send messages at a rate; returns the ms from each one's sending until it was judged, and committed."""
        every = round(SECOND / per_s)
        soon = SECOND // 5
        packets = self._streams[shape].packets(messages, every, time.time_ns() + soon)
        self._expect(messages, stamps=True)
        sent = self._publisher.pace(packets, time.monotonic_ns() + soon, every)
        stamps: dict[str, Any] = self._child.read()
        decided, committed = (
            [(at - since) / MILLISECOND for at, since in zip(stamps[name], sent, strict=True)]
            for name in ("decided", "committed")
        )
        return decided, committed

    def _expect(self, messages: int, *, stamps: bool) -> None:
        self._child.tell(messages=messages, stamps=stamps)
        self._child.read()


def _look_on(page: str) -> None:
    """One open page, as on the desk of a nurse, for as long as the service runs."""
    with suppress(OSError, HTTPException), urlopen(f"{page}/api/v1/stream") as stream:
        while stream.read1():
            pass


@contextmanager
def measured(context: Context, *, stamps: bool) -> Iterator[dict[str, Measured]]:
    """A broker with the service (whose page is open), the stock client and our bare link behind it, by these names."""
    folder = context.folder / ("latency" if stamps else "saturation")
    folder.mkdir()
    with ExitStack() as stack:
        broker = stack.enter_context(Mosquitto(folder, MOSQUITTO_SETTINGS + "set_tcp_nodelay true\n"))
        context.say(f"starting the service with {SESSIONS} sessions, and what it is compared with")
        common = {"port": broker.port, "stamps": stamps}
        children = {
            "service": Child(
                "service_child", folder, site="service", sessions=SESSIONS, journal=str(folder / "journal"), **common
            ),
            "gmqtt": Child("receiver_child", folder, kind="gmqtt", site="gmqtt", **common),
            "link": Child("receiver_child", folder, kind="link", site="link", **common),
        }
        for child in children.values():
            stack.enter_context(child)
        Thread(target=_look_on, args=(children["service"].page,), daemon=True).start()
        publisher = stack.enter_context(Publisher(broker.port))
        yield {name: Measured(child, publisher, name) for name, child in children.items()}
