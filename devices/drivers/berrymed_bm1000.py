"""BerryMed BM1000: a finger oximeter that streams packets of five octets, a hundred a second, over a serial service.

Layout and invalid codes: BCI Protocol V1.2 (zh2x/BCI_Protocol). There is no checksum: only the first octet of a packet
has its highest bit set. There is no battery level either.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from devices.drivers.driver import Heard, Said
from devices.drivers.information import BATTERY, BasicDriver
from devices.drivers.probe import Probe
from devices.gatt import SensorStatus
from devices.source import DeviceError
from monitor.vitals import SECOND

STREAM: Final = "49535343-1e4d-4bd9-ba61-23c647249616"
"""What the serial service of the Microchip module sends."""

_SYNC, _LENGTH = 0x80, 5
_SIGNAL_BITS: Mapping[int, int] = MappingProxyType(
    {0x10: SensorStatus.INADEQUATE_SIGNAL, 0x20: SensorStatus.SENSOR_DISCONNECTED}
)
_FINGER_BITS: Mapping[int, int] = MappingProxyType(
    {0x10: SensorStatus.UNCONNECTED_TO_USER, 0x20: SensorStatus.QUESTIONABLE_PULSE}
)
_PULSE_BIT_7 = 0x40
_NO_PULSE, _HIGHEST_SPO2 = 255, 100


class Packets:
    """Packets in a stream of octets, however it is cut: one begins at an octet with its highest bit set."""

    def __init__(self) -> None:
        self._packet = b""

    def take(self, octets: bytes) -> list[bytes]:
        """The packets that these octets complete."""
        found = []
        for octet in octets:
            if octet & _SYNC:
                self._packet = bytes([octet])
            elif self._packet:
                self._packet += bytes([octet])
            if len(self._packet) == _LENGTH:
                found.append(self._packet)
                self._packet = b""
        return found


class BerryMedBM1000(BasicDriver):
    """One connection to a BM1000: one measurement a second of the hundred that come."""

    notify: Sequence[str] = (STREAM, BATTERY)

    def __init__(self) -> None:
        self._packets = Packets()
        self._probe = Probe()
        self._due = 0

    def understand(self, characteristic: str, payload: bytes, now: int) -> Heard:
        """A piece of the stream. Raises DeviceError when it holds no packet though it is long enough for one."""
        if characteristic != STREAM:
            return super().understand(characteristic, payload, now)
        packets = self._packets.take(payload)
        if not packets and len(payload) >= _LENGTH:
            raise DeviceError(f"no packet in {len(payload)} octets")
        if not packets or now < self._due:
            return (), ()
        self._due = now + SECOND
        return self._measured(packets[0]), ()

    def _measured(self, packet: bytes) -> Sequence[Said]:
        """Signal, pleth, finger, pulse rate, SpO2. Zero is no value, as the codes for it: no living finger gives it."""
        signal, _, finger, pulse, spo2 = packet
        pulse |= (finger & _PULSE_BIT_7) << 1
        return self._probe.says(
            spo2 if 0 < spo2 <= _HIGHEST_SPO2 else None,
            pulse if 0 < pulse < _NO_PULSE else None,
            _bits(_SIGNAL_BITS, signal) | _bits(_FINGER_BITS, finger),
        )


def _bits(meanings: Mapping[int, int], octet: int) -> int:
    return sum(meaning for bit, meaning in meanings.items() if octet & bit)
