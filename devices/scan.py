"""Listening for advertisements, for ever: what stops silently is started again, what does not start is told."""

import asyncio
from collections.abc import Callable
from typing import Final, NoReturn

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from devices.backoff import pause_s
from devices.link_end import RADIO_ERRORS
from devices.quirks import Advertised
from devices.radio import Radio

STEP_S: Final = 10.0
"""How long starting or stopping may take: a bus that is gone may never answer."""

SILENT_S: Final = 30.0
"""Without an advertisement for so long, listening is started again: a daemon that was restarted tells nobody, and
discovery ends by itself at times. In a room without devices nothing is lost by it."""

OnHeard = Callable[[BLEDevice, AdvertisementData], None]
OnRadio = Callable[[bool, str], None]
"""Hears whether the radio works, and otherwise why not."""


class Scan:
    """Listens while `run` runs. `on_radio` is told after every attempt to start; repeated, it says nothing new."""

    def __init__(self, radio: Radio, on_heard: OnHeard, on_radio: OnRadio, chance: Callable[[], float]) -> None:
        self._radio = radio
        self._on_heard = on_heard
        self._on_radio = on_radio
        self._chance = chance
        self._heard = asyncio.Event()
        self._doubted = asyncio.Event()

    def doubt(self) -> None:
        """A connection failed as if the radio were gone: find out now."""
        self._doubted.set()

    async def run(self) -> NoReturn:
        """Listen until cancelled."""
        failures = 0
        while True:
            try:
                await self._listen()
                failures = 0
            except RADIO_ERRORS as error:
                failures += 1
                self._on_radio(False, reason(error))
            await asyncio.sleep(pause_s(failures, self._chance()))

    async def _listen(self) -> None:
        """Start, and listen until nothing is heard any more or somebody doubts."""
        scanner = self._radio.scanner(self._advertised)
        await start(scanner)
        try:
            self._on_radio(True, "")
            self._doubted.clear()
            while await self._hears():
                pass
        finally:
            await stop(scanner)

    def _advertised(self, device: BLEDevice, advertisement: AdvertisementData) -> None:
        self._heard.set()
        self._on_heard(device, advertisement)

    async def _hears(self) -> bool:
        """Whether, within a while, something was heard and nobody doubted."""
        self._heard.clear()
        try:
            async with asyncio.timeout(SILENT_S):
                await self._doubted.wait()
        except TimeoutError:
            return self._heard.is_set()
        return False


async def start(scanner: BleakScanner) -> None:
    """Start listening, within a bound. Given up midway it is let finish and then stopped: half a start is none to stop.

    Raises TimeoutError, or what the radio raises.
    """
    starting = asyncio.create_task(scanner.start(), name="bluetooth start")
    try:
        await asyncio.wait({starting}, timeout=STEP_S)
    except asyncio.CancelledError:
        await asyncio.wait({starting}, timeout=STEP_S)
        if starting.done() and starting.exception() is None:
            await stop(scanner)
        raise
    finally:
        starting.cancel()
    if not starting.done():
        raise TimeoutError
    starting.result()


def advertised(device: BLEDevice, advertisement: AdvertisementData) -> Advertised:
    """What a device broadcasts, by which it is recognised."""
    return Advertised(
        address=device.address,
        name=advertisement.local_name or device.name or "",
        services=tuple(advertisement.service_uuids),
        companies=tuple(advertisement.manufacturer_data),
        rssi=advertisement.rssi,
    )


async def stop(scanner: BleakScanner) -> None:
    """Stop listening, within a bound; a radio that is gone has stopped."""
    try:
        async with asyncio.timeout(STEP_S):
            await scanner.stop()
    except RADIO_ERRORS:
        return


def reason(error: BaseException) -> str:
    """Why the radio does not work, in a few words for an engineer."""
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, OSError | EOFError):
        return f"the Bluetooth service of this machine cannot be reached ({type(error).__name__})"
    return str(next(iter(error.args), "")) or type(error).__name__
