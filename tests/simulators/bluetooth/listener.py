"""The least that a collector does, for devices to be heard in tests: no errors are mended, no time is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC

from bleak import BleakClient

from devices.drivers import make_driver
from devices.drivers.driver import Driver, Said, Write
from devices.measurement import Measurement
from devices.quirks import MODELS
from monitor.vitals import Measured
from tests.simulators.bluetooth.room import NOON

MODEL = {model.id: model for model in MODELS}


class Listener:
    """Subscribes, reads, greets, asks, answers, and keeps what is understood."""

    def __init__(self, model: str) -> None:
        self.driver: Driver = make_driver(MODEL[model], UTC)
        self.said: list[Said] = []
        self.answers: list[Write] = []

    @property
    def values(self) -> list[tuple[Measured, ...]]:
        return [each.values for each in self.said if isinstance(each, Measurement)]

    async def listen(self, client: BleakClient) -> None:
        for characteristic in self.driver.notify:
            if client.services.get_characteristic(characteristic) is not None:
                await client.start_notify(characteristic, self._hearing(characteristic))
        for characteristic in self.driver.read:
            if client.services.get_characteristic(characteristic) is not None:
                self._hear(characteristic, bytes(await client.read_gatt_char(characteristic)))
        await self.write(client, self.driver.greet(NOON))

    async def write(self, client: BleakClient, writes: Sequence[Write]) -> None:
        for each in [*writes, *self.answers]:
            await client.write_gatt_char(each.characteristic, each.payload, each.response)
        self.answers.clear()

    def _hearing(self, characteristic: str) -> Callable[[object, bytearray], None]:
        return lambda _, octets: self._hear(characteristic, bytes(octets))

    def _hear(self, characteristic: str, payload: bytes) -> None:
        said, writes = self.driver.hear(characteristic, payload, NOON)
        self.said += said
        self.answers += writes
