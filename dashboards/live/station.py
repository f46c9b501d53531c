"""What the page needs of the service behind it."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from dashboards.live.bluetooth import Bluetooth
from dashboards.live.board import Board
from dashboards.live.hub import Hub
from monitor.commands import Command
from monitor.events import Answered
from monitor.vitals import Origin
from monitor.waves.archive import WaveArchive


class Check(Struct, frozen=True):
    """One reason to be, or not to be, ready."""

    name: str
    ok: bool
    detail: str = ""


class Station(Protocol):
    """One running service, as the API sees it. Everything is called on the service's event loop."""

    @property
    def board(self) -> Board:
        """What is shown; the hub folds records into it."""
        ...

    @property
    def hub(self) -> Hub:
        """Who tells the tabs."""
        ...

    @property
    def bluetooth(self) -> Bluetooth | None:
        """What collects by Bluetooth; None where that is not enabled."""
        ...

    @property
    def waves(self) -> WaveArchive | None:
        """The waveforms that are kept; None where none are."""
        ...

    @property
    def mode(self) -> Origin:
        """Whether this process watches people or rehearses."""
        ...

    def now(self) -> int:
        """The service's clock: ns, UTC; never steps back."""
        ...

    async def command(self, command: Command) -> Answered:
        """Judge a command; returns when its answer is committed, or unrecorded after 250 ms."""
        ...

    def readiness(self) -> Sequence[Check]:
        """Every check, in a stable order."""
        ...

    def metrics(self) -> bytes:
        """Counters in Prometheus' text format."""
        ...
