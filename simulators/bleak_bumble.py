"""Bleak on a virtual radio: backend classes to give to BleakScanner and BleakClient, which stay as they are."""

from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner
from msgspec import Struct

from simulators.bleak_client import VirtualClient
from simulators.bleak_scanner import VirtualScanner
from simulators.radio import Radio


class Backends(Struct, frozen=True):
    """What to give to bleak as `backend`."""

    scanner: type[BaseBleakScanner]
    client: type[BaseBleakClient]


def backends(radio: Radio) -> Backends:
    """The backend classes of one radio: bleak takes classes and makes its own instances of them."""

    class ScannerHere(VirtualScanner):
        air = radio

    class ClientHere(VirtualClient):
        air = radio

    return Backends(ScannerHere, ClientHere)
