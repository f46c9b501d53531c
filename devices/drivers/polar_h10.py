"""Polar H10: a strap of the standard that also streams its ECG, by Polar's measurement data service (PMD).

Commands, answers and frames: polarofficial/polar-ble-sdk (PmdSetting, PmdControlPointResponse, EcgData and its tests).
The strap must be told to stop: it stays on until its battery is empty otherwise (KnownIssues, Polar H10, issue 2).
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from devices.drivers.driver import Heard, Samples, Write
from devices.drivers.information import BATTERY, INFORMATION
from devices.drivers.standard import HEART_RATE, StandardDriver
from devices.gatt import HeartRate, Value
from devices.quirks import Clock
from devices.source import DeviceError
from monitor.vitals import SECOND

CONTROL: Final = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA: Final = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

RATE: Final = 130
"""Samples of ECG a second, the only rate that the strap has."""
_START = Write(CONTROL, bytes([0x02, 0x00, 0x00, 0x01, RATE, 0x00, 0x01, 0x01, 14, 0x00]))
"""Start the ECG: 130 a second, 14 bits."""
_STOP = Write(CONTROL, b"\x03\x00")
_ANSWER, _STOPPED = 0xF0, 0x01
_ALREADY = 6
REFUSALS: Mapping[int, str] = MappingProxyType(
    {
        1: "the command is not known",
        2: "the measurement is not known",
        3: "not supported",
        4: "wrong length",
        5: "wrong parameter",
        _ALREADY: "it is already so",
        7: "wrong resolution",
        8: "wrong rate",
        9: "wrong range",
        10: "the connection carries too few octets at once",
        11: "wrong number of channels",
        12: "not in this state",
        13: "the device is charging",
        14: "its memory is full",
    }
)
_ECG, _TYPE, _PLAIN = 0, 0x3F, 0
_HEADER, _SAMPLE = 10, 3
SETTLING: Final = 5 * SECOND
"""For so long after connecting a strap that is well worn may say that it is not (polar-ble-sdk#83: four seconds)."""


class PolarH10(StandardDriver):
    """One connection to an H10."""

    # The heart rate first: the ECG may be refused, and comes late (up to half a minute, polar-ble-sdk#414).
    notify: Sequence[str] = (HEART_RATE, CONTROL, DATA, BATTERY)
    read: Sequence[str] = INFORMATION

    def __init__(self, zone: tzinfo) -> None:
        super().__init__(Clock.NEVER, zone)
        self._settled_at = 0
        self._restarted = False

    def greet(self, now: int) -> Sequence[Write]:
        """Starts the ECG."""
        self._settled_at = now + SETTLING
        return (_START,)

    def part(self, now: int) -> Sequence[Write]:
        """Stops the ECG."""
        return (_STOP,)

    def understand(self, characteristic: str, payload: bytes, now: int) -> Heard:
        """The heart rate, a piece of ECG, or the answer to a command. Raises DeviceError, also for a refusal."""
        if characteristic == DATA:
            return (_ecg(payload),), ()
        if characteristic == CONTROL:
            return (), self._answered(payload)
        return super().understand(characteristic, payload, now)

    def take(self, value: Value, now: int) -> Heard:
        """As the standard, but for the contact, which is not known until the strap has settled."""
        if isinstance(value, HeartRate) and value.sensor_contact is False and value.bpm and now < self._settled_at:
            value = replace(value, sensor_contact=None)
        return super().take(value, now)

    def _answered(self, payload: bytes) -> Sequence[Write]:
        if payload[:1] == bytes([_STOPPED]):
            raise DeviceError("the strap has stopped its ECG")
        if len(payload) < 4 or payload[0] != _ANSWER:
            raise DeviceError(f"not an answer to a command: {payload[:4].hex()}")
        code = payload[3]
        if code == _ALREADY and not self._restarted:
            self._restarted = True  # it still sends to a connection that was lost
            return _STOP, _START
        if code:
            raise DeviceError(f"command {payload[1]} was refused: {REFUSALS.get(code, f'code {code}')}")
        return ()


def _ecg(payload: bytes) -> Samples:
    """Type, the clock at the last sample (ns, little endian), layout, then samples of 24 bits in µV."""
    if len(payload) <= _HEADER or (len(payload) - _HEADER) % _SAMPLE:
        raise DeviceError(f"{len(payload)} octets are no piece of ECG")
    if payload[0] & _TYPE != _ECG or payload[9] != _PLAIN:
        raise DeviceError(f"measurement {payload[0]} in layout {payload[9]} is not known")
    body = payload[_HEADER:]
    pieces = (body[at : at + _SAMPLE] for at in range(0, len(body), _SAMPLE))
    return Samples(
        channel="ecg",
        unit="mV",
        period=SECOND // RATE,
        scale=0.001,
        samples=tuple(int.from_bytes(piece, "little", signed=True) for piece in pieces),
        last=int.from_bytes(payload[1:9], "little"),
    )
