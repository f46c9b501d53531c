"""A site that collects by Bluetooth in virtual time: the real collector, engine and journal, killed at any moment.

What is left out of the service is what reads real clocks or has threads: its page, its pagers, and the writer's thread.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dashboards.live.board import Board
from devices.ble import BleCollector
from devices.identity import Registry
from devices.radio import VirtualRadio
from devices.source import Collected
from monitor.events import Envelope, Input, Record, SiteCondition, Told
from monitor.journal import Journal
from monitor.pipeline import Engine
from monitor.recovery import checkpoint_state, recover
from monitor.vitals import SECOND, Origin
from tests.laws.world import START, started

COMMIT_S = 0.25
"""How long what was judged waits for the disk: the bound of law 9."""


async def at_once(work: Callable[..., Any], *args: Any) -> Any:
    """`asyncio.to_thread` where time is virtual: no thread, so that time does not run on meanwhile."""
    return work(*args)


def now() -> int:
    """The present instant of the virtual clock (ns)."""
    return START + round(asyncio.get_running_loop().time() * SECOND)


class Process:
    """One life of the process, from a recovery to a kill. `faults` are mistakes of ours."""

    def __init__(self, folder: Path, radio: VirtualRadio, chance: Callable[[], float]) -> None:
        self.faults: list[BaseException] = []
        self._journal = Journal.open(folder / "journal")
        self._engine, self._board = Engine(Origin.SIMULATED), Board(Origin.SIMULATED, "site")
        recovered = recover(self._journal, self._engine, self._board)
        self.differences = recovered.differences
        if recovered.last_at:
            state = checkpoint_state(self._engine, self._board, ())
            self._journal.save_checkpoint(self._journal.tail().position, state)
        self._seq = recovered.next_seq
        self._batch: list[Record] = []
        self._due: asyncio.TimerHandle | None = None
        self._lives = True
        self._outage = now() - recovered.last_at if recovered.last_at else 0
        self.collector = BleCollector(
            radio,
            Registry(folder / "devices"),
            self._collect,
            now,
            zone=ZoneInfo("UTC"),
            failed=self.faults.append,
            chance=chance,
        )

    async def begin(self) -> None:
        """Start to collect."""
        self.take(started(self._outage))
        await self.collector.__aenter__()

    async def end(self, *, kill: bool) -> None:
        """End; killed, what is not yet on the disk is lost, and nothing that is still heard is recorded."""
        if kill:
            self._lives = False
        await self.collector.__aexit__(None, None, None)
        if not kill:
            self._commit()
        self._lives = False
        if self._due is not None:
            self._due.cancel()
        self._journal.close()

    def take(self, body: Input, session: str = "") -> list[Told]:
        """Judge an input now; it is on the disk COMMIT_S later."""
        envelope = Envelope("site", self._seq, max(now(), self._engine.now), session, "", body)
        told = self._engine.receive(envelope)
        earlier = [one for one in told if one.seq < envelope.seq]
        self._seq += 1
        self._batch += [*earlier, envelope, *told[len(earlier) :]]
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(COMMIT_S, self._commit)
        return told

    def _collect(self, collected: Collected) -> None:
        if self._lives:
            body = collected.body
            self.take(body, body.subject if isinstance(body, SiteCondition) else "")

    def _commit(self) -> None:
        self._due = None
        if self._batch and self._lives:
            for record in self._batch:
                self._board.apply(record)
            self._journal.append(self._batch, self._engine.now)
            self._batch = []


async def sleep_until(at_s: float) -> None:
    """Until so many seconds have passed since the beginning."""
    await asyncio.sleep(max(0.0, at_s - asyncio.get_running_loop().time()))
