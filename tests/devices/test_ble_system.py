"""An operating system that fails under the collector: a lost daemon, no free connection, what hangs. Scripted."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import time_ns
from zoneinfo import ZoneInfo

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
)
from bleak_retry_connector import BleakOutOfConnectionSlotsError

from devices.ble import BleCollector
from devices.identity import KnownDevice, Registry
from devices.link_end import CONSEQUENCES, End, end_of
from devices.uuids import uuid16
from monitor.events import DeviceStatus, Observation, Quarantined, SiteCondition
from tests.devices.scripted_radio import World

WAIT_S = 20.0


class Collected:
    """What came of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.bodies: list[Observation | DeviceStatus | Quarantined | SiteCondition] = []
        self.faults: list[BaseException] = []

    @property
    def conditions(self) -> list[tuple[str, bool]]:
        return [(body.code, body.present) for body in self.bodies if isinstance(body, SiteCondition)]

    def trouble(self, device: str) -> str:
        told = [body for body in self.bodies if isinstance(body, DeviceStatus) and body.device == device]
        return told[-1].trouble if told else ""

    async def until(self, happened: Callable[[], object], *straps: str) -> None:
        """Have straps send until something has happened."""
        async with asyncio.timeout(WAIT_S):
            while not happened():
                for strap in straps:
                    self.world.say(strap, 60)
                await asyncio.sleep(0.02)

    async def hear(self, strap: str, device: str) -> None:
        """Have a strap send until something new has come of it."""
        heard = self.count(device)
        await self.until(lambda: self.count(device) > heard, strap)

    def count(self, device: str) -> int:
        return sum(isinstance(body, Observation) and body.device == device for body in self.bodies)


@asynccontextmanager
async def collecting(world: World, folder: Path, *, known: bool = True) -> AsyncIterator[Collected]:
    """All straps of the world are ours: A is strap-A."""
    registry = Registry(folder / "devices")
    for address in world.straps if known else ():
        registry.put(KnownDevice(f"strap-{address}", "strap", address))
    got = Collected(world)
    async with BleCollector(
        world.radio(),
        registry,
        lambda collected: got.bodies.append(collected.body),
        time_ns,
        zone=ZoneInfo("UTC"),
        failed=got.faults.append,
        chance=lambda: 1.0,
    ):
        yield got
    assert got.faults == []
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("bluetooth")] == []


LOST = [
    BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["The name org.bluez was not provided"]),
    BleakBluetoothNotAvailableError("No Bluetooth adapters found.", BleakBluetoothNotAvailableReason.NO_BLUETOOTH),
    FileNotFoundError(2, "No such file or directory"),
    ConnectionResetError(104, "Connection reset by peer"),
    EOFError(),
    BrokenPipeError(32, "Broken pipe"),
    AttributeError("'NoneType' object has no attribute 'send'"),
    KeyError("org.bluez.GattService1"),
]


@pytest.mark.asyncio
@pytest.mark.parametrize("error", LOST, ids=lambda error: type(error).__name__)
async def test_a_lost_daemon_is_told_and_everything_comes_back(error: Exception, tmp_path: Path) -> None:
    """Its connections end, its listening ends without a word: told within seconds, and over by itself."""
    world = World("A", "B")
    async with collecting(world, tmp_path) as got:
        await got.hear("A", "strap-A")
        await got.hear("B", "strap-B")
        world.lose_daemon(error)
        await got.until(lambda: ("bluetooth_lost", True) in got.conditions)
        world.daemon = None
        await got.hear("A", "strap-A")
        await got.hear("B", "strap-B")
        assert got.conditions == [("bluetooth_lost", True), ("bluetooth_lost", False)]
        assert got.trouble("strap-A") == got.trouble("strap-B") == ""


@pytest.mark.asyncio
async def test_listening_that_has_ended_without_a_word_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon that was restarted tells nobody: silence is what shows it."""
    monkeypatch.setattr("devices.scan.SILENT_S", 0.3)
    world = World("A")
    async with collecting(world, tmp_path) as got:
        await got.until(lambda: world.scanners)
        world.scanners.clear()
        await got.until(lambda: world.scanners)
        await got.hear("A", "strap-A")
        assert got.conditions == []


@pytest.mark.asyncio
async def test_no_free_connection_is_told_and_ends_when_there_is_one(tmp_path: Path) -> None:
    """An adapter that can hold no more says so to the site, and the device that was left out is told of."""
    world = World("A", "B")
    world.slots = 1
    async with collecting(world, tmp_path) as got:
        await got.until(lambda: ("bluetooth_full", True) in got.conditions, "A", "B")
        left_out = "B" if "A" in world.clients else "A"
        assert got.trouble(f"strap-{left_out}") == "no connection is free"
        world.slots = 2
        await got.hear(left_out, f"strap-{left_out}")
        assert got.conditions == [("bluetooth_full", True), ("bluetooth_full", False)]


@pytest.mark.asyncio
async def test_an_attempt_that_hangs_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever for a device, and it is tried again."""
    monkeypatch.setattr("devices.radio.CONNECT_S", 0.2)
    world = World("A")
    world.hangs = True
    async with collecting(world, tmp_path) as got:
        await got.until(lambda: len(world.attempts) >= 2)
        assert got.trouble("strap-A") == "connecting took too long"
        world.hangs = False
        await got.hear("A", "strap-A")
        assert got.trouble("strap-A") == ""


@pytest.mark.asyncio
async def test_one_attempt_is_one_attempt(tmp_path: Path) -> None:
    """A device that cannot be found is not tried nine times in a row while others wait."""
    world = World("A", "B")
    world.refusal = BleakError("br-connection-canceled")
    async with collecting(world, tmp_path) as got:
        await got.until(lambda: len(world.attempts) >= 4)
    assert set(world.attempts[:2]) == set(world.attempts[2:4]) == {"A", "B"}


@pytest.mark.asyncio
async def test_a_device_with_other_services_than_its_model_is_told_and_tried_again(tmp_path: Path) -> None:
    """What the operating system remembers of its services may be out of date."""
    world = World("A")
    world.features = (uuid16(0x2A00),)
    async with collecting(world, tmp_path) as got:
        await got.until(lambda: got.trouble("strap-A"))
        assert got.trouble("strap-A") == CONSEQUENCES[End.UNFIT].words
        world.features = World().features
        await got.hear("A", "strap-A")


@pytest.mark.asyncio
async def test_a_device_that_did_not_say_who_it_is_is_asked_again_soon(tmp_path: Path) -> None:
    """At its own address it may be ours and was interrupted: not believed, and not shut out."""
    world = World("A")
    Registry(tmp_path / "devices").put(KnownDevice("strap-A", "strap", "A", serial="905"))
    async with collecting(world, tmp_path, known=False) as got:
        await got.until(lambda: len(world.attempts) >= 3, "A")
        assert got.count("strap-A") == 0
        assert got.trouble("strap-A") == CONSEQUENCES[End.STRANGER].words


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (BleakOutOfConnectionSlotsError("x"), End.FULL),
        (BleakError("no available connection slot"), End.FULL),
        (BleakDBusError("org.bluez.Error.Failed", ["Connection Limit Exceeded"]), End.FULL),
        (BleakDBusError("org.bluez.Error.AuthenticationFailed", []), End.UNPAIRED),
        (BleakDBusError("org.bluez.Error.AuthenticationCanceled", []), End.UNPAIRED),
        (BleakDBusError("org.bluez.Error.NotReady", ["Resource Not Ready"]), End.RADIO),
        (BleakError("adapter 'hci0' not found"), End.RADIO),
        (BleakDeviceNotFoundError("A", "Device A was not found."), End.UNREACHABLE),
        (BleakDBusError("org.bluez.Error.Failed", ["le-connection-abort-by-local"]), End.BROKEN),
        (BleakError("Not connected"), End.GONE),
        (TimeoutError(), End.HUNG),
        (ValueError("anything"), End.BROKEN),
    ],
    ids=str,
)
def test_errors_are_told_by_what_has_to_be_done(error: Exception, end: End) -> None:
    """What bleak and BlueZ say becomes one of few ends, each with words and a consequence."""
    assert end_of(error) is end
    assert end in CONSEQUENCES
