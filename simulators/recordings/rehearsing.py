"""What was recorded, as it is said again today: stamps moved to now, everything simulated, in a rehearsal's place.

Pure: whoever plays it publishes the messages, gives the commands, and keeps the time.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from devices.topics import OBSERVATION, REHEARSAL_ROOT, encode_observation, encode_status, is_id, topic
from monitor.commands import (
    Acknowledge,
    AssignDevice,
    CloseSession,
    Command,
    GiveDose,
    MovePhase,
    OpenSession,
    ReleaseDevice,
    Silence,
)
from monitor.events import DeviceStatus, Envelope, Observation, Quarantined
from monitor.vitals import Origin

SETS_UP: Final = (OpenSession, CloseSession, AssignDevice, ReleaseDevice, GiveDose, MovePhase)
"""What is done at once when a rehearsal begins in the middle; the rest belonged to moments that are skipped."""
MILLISECOND: Final = 1_000_000
UNREADABLE: Final = b"\xff"
"""Before what could not be used when it was recorded, so that it cannot be used now: no JSON begins with it."""


class Message(Struct, frozen=True):
    """Something to publish."""

    topic: str
    payload: bytes
    retain: bool = False


class Rehearsing:
    """Translates recorded inputs for one lap.

    Left out is what belongs to the process that recorded: its start, clock, disk and broker, and what its pagers
    reported; a rehearsal has its own.

    Args:
        site: of the rehearsal.
        lap: from 1 on; a later one has sessions, boots and requests of its own, because none is ever used twice.
        begin: the instant of the recording (ns) it begins at.
    """

    def __init__(self, site: str, lap: int, begin: int) -> None:
        self._site = site
        self._lap = "" if lap == 1 else f"-{lap}"
        self._begin = begin

    def said(self, envelope: Envelope, now: int) -> Message | Command | Observation | None:
        """What to publish or to command at `now` (ns); nothing when it is of the process, or before the beginning.

        An observation is one that was computed from waveforms: no device sends it, and no message could hold it.

        Raises:
            DeviceError: a device has a name that may not stand in a topic.
        """
        body = envelope.body
        if isinstance(body, Command):
            early = envelope.at < self._begin and not isinstance(body, SETS_UP)
            return None if early else self._command(body, envelope, now)
        if envelope.at < self._begin:
            return None
        if isinstance(body, Observation):
            return self._observation(body, now)
        if isinstance(body, DeviceStatus):
            return Message(*encode_status(body, root=REHEARSAL_ROOT, site=self._site), retain=True)
        return self._unusable(body) if isinstance(body, Quarantined) and body.device else None

    def _unusable(self, body: Quarantined) -> Message:
        payload = UNREADABLE + body.sample.encode(errors="replace")
        return Message(topic(body.device, OBSERVATION, root=REHEARSAL_ROOT, site=self._site), payload)

    def _observation(self, body: Observation, now: int) -> Message | Observation:
        """As late, and with the same error of the device's clock, as it was; by message if a device has said it.

        A message has milliseconds: rounded up, so that nothing is measured before its device was put on.
        """
        ago = None if body.device_time is None else body.received_at - body.device_time
        stamp = None if ago is None else max(-((ago - now) // MILLISECOND) * MILLISECOND, 0)
        boot = f"{body.boot[:48]}{self._lap}"
        moved = replace(body, boot=boot, device_time=stamp, received_at=now, origin=Origin.SIMULATED)
        if not is_id(body.boot):
            return moved
        return Message(*encode_observation(moved, root=REHEARSAL_ROOT, site=self._site))

    def _command(self, body: Command, envelope: Envelope, now: int) -> Command:
        session = f"{body.session}{self._lap}"
        moved = replace(body, request=f"replay-{envelope.seq}{self._lap}", session=session)
        if isinstance(moved, GiveDose):
            ago = max(envelope.at, self._begin) - moved.dose.given_at
            return replace(moved, dose=replace(moved.dose, given_at=now - ago))
        if isinstance(moved, Acknowledge | Silence):
            return replace(moved, alert=moved.alert.replace(body.session, session, 1))
        return moved
