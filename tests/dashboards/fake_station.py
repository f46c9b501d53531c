"""A fake station: a real board and hub with no service behind them. It judges nothing and answers as it was told.

`python -m tests.dashboards.fake_station --scene eight` serves a scene on a free port, for tests that stop the whole
process and for looking at the page.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from dashboards.live.api import create_app
from dashboards.live.bluetooth import Nearby
from dashboards.live.board import Board
from dashboards.live.hub import HEARTBEAT_S, Hub
from dashboards.live.server import LiveServer
from dashboards.live.station import Check
from monitor.commands import Command
from monitor.events import Answered, Record
from monitor.vitals import Origin
from monitor.waves.archive import WaveArchive


class FakeBluetooth:
    """Hears what it is told to hear: no radio is behind it. `refusal` is the reason it refuses the next orders with."""

    def __init__(self, *heard: Nearby, ours: Mapping[str, str] | None = None) -> None:
        self.heard = list(heard)
        self.orders: list[tuple[str, ...]] = []
        self.refusal: Exception | None = None
        self._ours = dict(ours or {})

    def nearby(self) -> Sequence[Nearby]:
        return self.heard

    def ours(self) -> Mapping[str, str]:
        return self._ours

    async def take_in(self, nearby: str, device: str, by: str) -> None:
        self._do("take_in", nearby, device, by)
        taken = next(each for each in self.heard if each.nearby == nearby)
        self.heard = [replace(each, device=device) if each is taken else each for each in self.heard]
        self._ours[device] = taken.model

    async def forget(self, device: str, by: str) -> None:
        self._do("forget", device, by)
        self.heard = [replace(each, device="") if each.device == device else each for each in self.heard]
        del self._ours[device]

    def _do(self, *order: str) -> None:
        self.orders.append(order)
        if self.refusal is not None:
            raise self.refusal


class FakeStation:
    """Keeps the commands it was given; `refusal` is the reason it refuses the next ones with."""

    def __init__(self, mode: Origin = Origin.REAL, heartbeat_s: float = HEARTBEAT_S, pace_s: float = 0.02) -> None:
        self.mode = mode
        self.board = Board(mode, "clinic-east")
        self.hub = Hub(self.board, self.now, heartbeat_s, pace_s)
        self.commands: list[Command] = []
        self.refusal = ""
        self.bluetooth: FakeBluetooth | None = None
        self.waves: WaveArchive | None = None
        self.checks: Sequence[Check] = (Check("journal", ok=True), Check("core", ok=True))

    def now(self) -> int:
        return time.time_ns()

    def tell(self, *records: Record, recorded: bool = True) -> None:
        self.hub.publish(records, recorded, self.now())

    async def command(self, command: Command) -> Answered:
        self.commands.append(command)
        return Answered(command.request, accepted=not self.refusal, reason=self.refusal)

    def readiness(self) -> Sequence[Check]:
        return self.checks

    def metrics(self) -> bytes:
        return b"vigil_readings_total 3.0\n"


async def serve(scene: Iterable[Record], mode: Origin, port: int) -> None:
    """Serve until killed; the first line printed is the address."""
    station = FakeStation(mode)
    station.tell(*scene)
    async with LiveServer(create_app(station), port=port) as server:
        print(server.url, flush=True)
        while True:
            await asyncio.sleep(0.5)
            station.tell()


def main() -> None:
    from tests.dashboards.scenes import SCENES

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scene", choices=sorted(SCENES), default="eight")
    parser.add_argument("--simulated", action="store_true")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    mode = Origin.SIMULATED if arguments.simulated else Origin.REAL
    asyncio.run(serve(SCENES[arguments.scene](time.time_ns()), mode, arguments.port))


if __name__ == "__main__":
    main()
