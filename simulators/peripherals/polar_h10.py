"""A Polar H10: a strap that also streams its ECG when told to, by Polar's measurement data service (polar-ble-sdk)."""

from collections.abc import Callable, Sequence
from typing import Final

from devices.drivers.polar_h10 import CONTROL, DATA, RATE
from monitor.events import Observation
from monitor.vitals import SECOND
from simulators.peripherals.flaws import Flaws
from simulators.peripherals.label import Label
from simulators.peripherals.strap import Strap
from simulators.peripherals.table import Properties
from simulators.radio import Radio

PMD_SERVICE: Final = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
_ECG = 0
_START, _STOP, _ANSWER = 0x02, 0x03, 0xF0
_SUCCESS, _UNKNOWN_COMMAND, _ALREADY = 0, 1, 6
_PIECE = 73
"""Samples in a notification, as many as a strap sends at once."""

Trace = Callable[[int, int], Sequence[int]]
"""The ECG in µV: samples `first` to before `stop`, RATE a second."""


def flat(first: int, stop: int) -> Sequence[int]:
    """The ECG of nobody."""
    return [0] * (stop - first)


class PolarH10(Strap):
    """A strap of Polar's. An observation is a second of its ECG too."""

    def __init__(self, radio: Radio, label: Label, flaws: Flaws | None = None, *, trace: Trace = flat) -> None:
        super().__init__(radio, label, flaws)
        self.streaming = False
        self._trace = trace
        self._sample = 0
        self._control = self.answering(CONTROL, Properties.INDICATE, self._commanded)
        self._data = self.telling(DATA, Properties.NOTIFY)
        self.offer(PMD_SERVICE, self._control, self._data)

    async def say(self, observation: Observation) -> None:
        """As in Peripheral."""
        await super().say(observation)
        first, self._sample = self._sample, self._sample + RATE
        if self.streaming:
            for at in range(first, self._sample, _PIECE):
                await self.notify(self._data, self.frame(at, min(at + _PIECE, self._sample)))

    def frame(self, first: int, stop: int) -> bytes:
        """Type, the clock at the last sample (ns), layout, then samples of 24 bits; little endian."""
        samples = self._trace(first, stop)
        header = bytes([_ECG]) + ((stop - 1) * SECOND // RATE).to_bytes(8, "little") + bytes([0])
        return header + b"".join(int(sample).to_bytes(3, "little", signed=True) for sample in samples)

    def _commanded(self, octets: bytes) -> None:
        command, kind = octets[0], octets[1] if len(octets) > 1 else _ECG
        self.do(self._answer(command, kind, self._obey(command)))

    def _obey(self, command: int) -> int:
        """Do it; the code that tells how it went."""
        if command not in (_START, _STOP):
            return _UNKNOWN_COMMAND
        wanted = command == _START
        code = _ALREADY if wanted == self.streaming else _SUCCESS
        self.streaming = wanted
        return code

    async def _answer(self, command: int, kind: int, code: int) -> None:
        await self.indicate(self._control, bytes([_ANSWER, command, kind, code, 0]))
