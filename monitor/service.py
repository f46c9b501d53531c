"""A running process as others see it: what it is, how it is, and what it can be told.

`monitor/compose.py` builds one; the page, the demo and the command line use it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from dashboards.live.bluetooth import Bluetooth
from dashboards.live.board import Board
from dashboards.live.hub import Hub
from dashboards.live.station import Check
from devices.mqtt import LinkDetail, LinkState
from devices.source import Collected
from devices.topics import observation_key
from monitor.clock import Clock
from monitor.commands import Command
from monitor.config import Config
from monitor.events import Answered, DeliveryReported, Observation, Record, SiteCondition, Started
from monitor.heart import HeartSource
from monitor.metrics import Metrics
from monitor.pipeline import Engine
from monitor.runner import Recorder, Runner
from monitor.vitals import SECOND, Origin
from monitor.waves.archive import WaveArchive

log = structlog.get_logger(__name__)

UNSTEADY, UNSTEADY_WITHIN = 3, 60 * SECOND
"""A broker link that was lost so often within so long does not hold."""


class Service:
    """The parts of a process that are asked and told things, on one event loop."""

    def __init__(self, config: Config, engine: Engine, board: Board, clock: Clock) -> None:
        self.config = config
        self.board = board
        self.url = ""
        self.bluetooth: Bluetooth | None = None
        self.waves: WaveArchive | None = None
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Set when a part ended that must not; the process then ends too, and starts again from the journal."""
        self._engine = engine
        self._clock = clock
        self.hub = Hub(board, self.now)
        self.counts = Metrics()
        self.listeners: list[Callable[[Sequence[Record]], None]] = []
        """Others who hear every released batch, in order; they must not block."""
        self.runner: Runner
        self._present: dict[tuple[str, str], str] = {}
        self._connected = False
        self._losses: deque[int] = deque(maxlen=UNSTEADY)
        self._known_to_broker = False

    def attach(self, recorder: Recorder, next_seq: int, begin: Callable[[int], Started]) -> None:
        """Give the service what judges and records."""
        self._known_to_broker = next_seq > 1
        self.runner = Runner(self._engine, recorder, self._clock, self.config.site, next_seq, begin)

    @property
    def mode(self) -> Origin:
        """Whether this process watches people or rehearses."""
        return self.config.kind.origin

    @property
    def sessions(self) -> Sequence[str]:
        """Ids of the open sessions, in the order they were opened."""
        return self._engine.sessions

    def wearer(self, device: str) -> str | None:
        """The session that wears a device now."""
        return self._engine.wearer(device)

    def now(self) -> int:
        """The clock of this process: ns, UTC; never steps back."""
        return max(self._clock.now(), self._engine.now)

    async def command(self, command: Command) -> Answered:
        """Judge a command; returns when its answer is recorded, or unrecorded after 250 ms."""
        return await self.runner.command(command)

    def readiness(self) -> Sequence[Check]:
        """Every check that must hold for somebody to be watched."""
        interrupted = self._present.get(("recording_interrupted", ""))
        broker = self._present.get(("broker_lost", self.config.mqtt.host), "connecting")
        nobody = "nobody is on duty: add [[person]] to the configuration"
        lost = self._present.get(("bluetooth_lost", self.config.bluetooth.adapter))
        bluetooth = (Check("bluetooth", lost is None, lost or ""),) if self.config.bluetooth.enabled else ()
        return (
            Check("recording", interrupted is None, interrupted or ""),
            Check("broker", self._connected, "" if self._connected else broker),
            *bluetooth,
            Check("people", bool(self.config.person), "" if self.config.person else nobody),
        )

    def beat(self) -> None:
        """Tell the page that the core still judges, when nothing else happens."""
        self.hub.publish((), ("recording_interrupted", "") not in self._present, self.now())
        if self._connected:
            self._judge_link("Connected.")

    def metrics(self) -> bytes:
        """Counters in Prometheus' text format."""
        return self.counts.text()

    def collect(self, collected: Collected) -> None:
        """Judge what a source collected."""
        body = collected.body
        if isinstance(body, SiteCondition):
            self.condition(body.code, body.present, body.detail, body.subject)
            return
        key = observation_key(body) if type(body) is Observation else f"{body.received_at}"
        self.runner.take(body, key=key, done=collected.committed)

    def delivered(self, report: DeliveryReported) -> None:
        """Judge what became of a page."""
        self.runner.take(report, key=f"{report.page}/{report.pager}")

    def heart_source(self, source: HeartSource) -> None:
        """Judge which source of a session's heart rate is believed. It is known by its session and its instant."""
        self.runner.take(source, session=source.session, key=f"{source.session}/heart/{self.now()}")

    def condition(self, code: str, present: bool, detail: str, subject: str = "") -> None:
        """Judge a condition of the equipment that began or ended; repeated, it changes nothing."""
        known = (code, subject) in self._present
        if present:
            self._present[code, subject] = detail
        else:
            self._present.pop((code, subject), None)
        if present != known:
            log.log(30 if present else 20, "condition", code=code, present=present, subject=subject, detail=detail)
            self.runner.take(SiteCondition(code, present, subject, detail))

    def take_over(self, present: Sequence[tuple[str, str]]) -> None:
        """Go on from the conditions that an earlier process left open.

        What only a running part can know (recording, stores, Bluetooth, faults) is over until that part says so again;
        the broker's is over when the link is up.
        """
        for code, subject in present:
            self._present[code, subject] = ""
            if code.startswith(("recording_", "store_", "bluetooth_", "engine_")):
                self.condition(code, False, "", subject)

    def link_state(self, state: LinkState, detail: LinkDetail) -> None:
        """Judge how the broker link is: any failed attempt means that nothing can come in."""
        host = self.config.mqtt.host
        self._connected = state is LinkState.CONNECTED
        if state is LinkState.CONNECTING:
            return
        if state is LinkState.LOST:
            self._losses.append(self.now())
        self._judge_link(detail.message)
        if detail.agreement is not None:
            if self._known_to_broker and not detail.agreement.resumed:
                self.runner.take(SiteCondition("broker_forgot", True, host))
            self._known_to_broker = True
            weak = detail.agreement.protocol != "5"
            self.condition("broker_cannot_hold", weak, f"the broker speaks MQTT {detail.agreement.protocol}", host)

    def _judge_link(self, how_it_is: str) -> None:
        """A link that breaks again and again is lost until it holds: of two that throw each other out, each misses
        half of what is sent, and neither is away for long."""
        unsteady = len(self._losses) == UNSTEADY and self.now() - self._losses[0] < UNSTEADY_WITHIN
        self.condition("broker_lost", unsteady or not self._connected, how_it_is, self.config.mqtt.host)

    def fail(self, error: BaseException) -> None:
        """A part that must not end has ended: end the process, loudly."""
        log.error("service.failed", error=f"{type(error).__name__}: {error}", exc_info=error)
        if not self.failure.done():
            self.failure.set_exception(error)
