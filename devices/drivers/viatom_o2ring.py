"""Viatom (Wellue) O2Ring, Checkme O2, SleepU: oximeters that answer when asked, in frames cut into pieces of 20 octets.

Frames, commands and what an answer holds: MackeyStingray/o2r. The units of its motion and signal strength are not
published, so they are left out.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from devices.drivers.driver import About, Heard, Said, Write
from devices.drivers.information import BasicDriver
from devices.drivers.probe import Probe
from devices.drivers.viatom_frames import Frames, command
from devices.gatt import SensorStatus
from devices.source import DeviceError
from monitor.vitals import SECOND

ANSWERS: Final = "0734594a-a8e7-4b1a-a6b1-cd5243059a57"
COMMANDS: Final = "8b00ace7-eb0b-49b0-bbe9-9aee0a26e1a3"
_INFORMATION, _SENSORS = 0x14, 0x17
_SENSOR_OCTETS = 13
_LOWEST_SPO2, _HIGHEST_SPO2, _NO_PULSE = 10, 100, 255
_PATIENCE = SECOND // 2
"""The pieces of an answer follow each other closely: after such a pause, what is unfinished will never be complete."""


class _Information(Struct):
    serial: str = msgspec.field(name="SN", default="")
    model: str = msgspec.field(name="Model", default="")
    battery: str | int = msgspec.field(name="CurBAT", default="")


class ViatomO2Ring(BasicDriver):
    """One connection to a ring, asked once a second."""

    notify: Sequence[str] = (ANSWERS,)
    poll_s: float | None = 1.0

    def __init__(self) -> None:
        self._frames = Frames()
        self._probe = Probe()
        self._heard_at = 0
        self._battery: float | None = None

    def greet(self, now: int) -> Sequence[Write]:
        """Asks who it is."""
        return (Write(COMMANDS, command(_INFORMATION)),)

    def poll(self, now: int) -> Sequence[Write]:
        """Asks what it measures."""
        return (Write(COMMANDS, command(_SENSORS)),)

    def understand(self, characteristic: str, payload: bytes, now: int) -> Heard:
        """A piece of an answer. Raises DeviceError for octets that are part of none, and an answer not known."""
        if characteristic != ANSWERS:
            return super().understand(characteristic, payload, now)
        if now - self._heard_at > _PATIENCE:
            self._frames = Frames()
        self._heard_at = now
        answers = self._frames.take(payload)
        if not answers and self._frames.skipped:
            raise DeviceError(f"{self._frames.skipped} octets are part of no answer")
        return [said for answer in answers for said in self._answer(answer)], ()

    def _answer(self, answer: bytes) -> Sequence[Said]:
        if answer.startswith(b"{"):
            return (_about(answer),)
        if len(answer) != _SENSOR_OCTETS:
            raise DeviceError(f"an answer of {len(answer)} octets is not known")
        return (*self._charge(float(answer[7])), *self._measured(answer[0], answer[1], finger=bool(answer[11])))

    def _charge(self, battery: float) -> Sequence[Said]:
        """The battery, when it has changed."""
        if battery == self._battery or battery > 100:
            return ()
        self._battery = battery
        return (About(battery=battery),)

    def _measured(self, spo2: int, pulse: int, *, finger: bool) -> Sequence[Said]:
        return self._probe.says(
            spo2 if _LOWEST_SPO2 <= spo2 <= _HIGHEST_SPO2 else None,
            pulse if 0 < pulse < _NO_PULSE else None,
            0 if finger else SensorStatus.UNCONNECTED_TO_USER,
        )


def _about(answer: bytes) -> About:
    try:
        told = msgspec.json.decode(answer.rstrip(b"\x00 \t\r\n"), type=_Information)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DeviceError(f"what it says of itself is not understood: {error}") from None
    charge = str(told.battery).removesuffix("%")
    battery = float(charge) if charge.isdecimal() else None
    return About(serial=told.serial, model=told.model, manufacturer="Viatom", battery=battery)
