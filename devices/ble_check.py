"""Does this machine's Bluetooth work, and which devices does it hear? Asked by listening for some seconds."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from devices.broker_check import Finding, Level
from devices.identity import KnownDevice, Registry, RegistryError
from devices.link_end import RADIO_ERRORS
from devices.neighbours import Nearby, Neighbours
from devices.radio import Radio
from devices.scan import advertised, reason, start, stop

LISTEN_S: Final = 4.0

HOW_TO_MEND: Final = (
    "systemctl status bluetooth; bluetoothctl show (is it powered?); rfkill list; does this user belong to 'bluetooth'?"
)


async def check_bluetooth(radio: Radio, registry: Path, listen_s: float = LISTEN_S) -> list[Finding]:
    """What was found out about the radio and the registry."""
    return [await _radio(radio, listen_s), *_registry(registry)]


async def listen(radio: Radio, seconds: float, devices: Sequence[KnownDevice], now: Callable[[], int]) -> list[Nearby]:
    """Who is heard within some seconds, by the clock `now` (ns).

    Raises:
        RADIO_ERRORS: the radio does not work.
    """
    neighbours = Neighbours()

    def hear(device: BLEDevice, advertisement: AdvertisementData) -> None:
        neighbours.hear(device, advertised(device, advertisement), now())

    scanner = radio.scanner(hear)
    await start(scanner)
    try:
        await asyncio.sleep(seconds)
    finally:
        await stop(scanner)
    return neighbours.nearby(devices)


async def _radio(radio: Radio, listen_s: float) -> Finding:
    try:
        heard = await listen(radio, listen_s, (), time.time_ns)
    except RADIO_ERRORS as error:
        return Finding(Level.ERROR, "bluetooth", f"it does not work: {reason(error)}", HOW_TO_MEND)
    if heard:
        return Finding(Level.OK, "bluetooth", f"{len(heard)} devices in range")
    fix = "switch a device on beside this machine; if it still hears none, another adapter"
    return Finding(Level.WARNING, "bluetooth", f"nothing was heard in {listen_s:g} s", fix)


def _registry(path: Path) -> list[Finding]:
    """The devices of this site; others must not be able to exchange them."""
    try:
        known = Registry(path).devices
    except RegistryError as error:
        return [Finding(Level.ERROR, "devices", str(error))]
    if not known:
        return [Finding(Level.WARNING, "devices", "no device is known, so none is connected", "vigil devices scan")]
    if path.stat().st_mode & 0o077:
        return [Finding(Level.WARNING, "devices", f"others on this machine can read {path}", f"chmod 600 {path}")]
    return [Finding(Level.OK, "devices", f"{len(known)} are known")]
