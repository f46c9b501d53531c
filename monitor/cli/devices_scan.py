"""`vigil devices scan`: what Bluetooth hears nearby, by the running service or, where none runs, by this machine."""

import asyncio
import time
from pathlib import Path
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from devices.ble_check import HOW_TO_MEND, listen
from devices.identity import Registry, RegistryError
from devices.link_end import RADIO_ERRORS
from devices.radio import Adapter
from devices.scan import reason
from monitor.cli.devices_asked import NobodyAnswersError, ago, ask
from monitor.cli.exits import Refused
from monitor.cli.options import loaded
from monitor.cli.show import err, out, print_json, print_table
from monitor.config import Config
from monitor.nearby import Names, shown

LISTEN_S = 5.0
"""How long this machine listens by itself: most devices call every second or two."""


def run_scan(path: Path | None, for_s: float | None, *, as_json: bool) -> None:
    """Print what is heard.

    Raises:
        Refused: Bluetooth is not enabled, or does not work.
    """
    config = loaded(path)
    try:
        nearby, by = _asked(config, for_s), "service"
    except NobodyAnswersError:
        nearby, by = _listened(config, for_s or LISTEN_S), "this machine"
    if as_json:
        print_json({"heard_by": by, "nearby": nearby})
    else:
        _print(nearby, by)


def _asked(config: Config, for_s: float | None) -> list[dict[str, Any]]:
    """What the service hears; it has been listening, so there is nothing to wait for unless that is wanted."""
    heard: list[dict[str, Any]] = ask(config, "GET", "devices/nearby")
    if for_s is None:
        return heard
    with err.status(f"listening for {for_s:g} s …"):
        time.sleep(for_s)
    return [*ask(config, "GET", "devices/nearby")]


def _listened(config: Config, seconds: float) -> list[dict[str, Any]]:
    settings = config.bluetooth
    if not settings.enabled:
        raise Refused("Bluetooth is not enabled: set enabled = true under [bluetooth] in the configuration")
    try:
        known = Registry(settings.registry).devices
        with err.status(f"no service runs: listening for {seconds:g} s …"):
            heard = asyncio.run(listen(Adapter(config.kind.origin, settings.adapter), seconds, known, time.time_ns))
    except RegistryError as error:
        raise Refused(str(error)) from None
    except RADIO_ERRORS as error:
        raise Refused(f"Bluetooth does not work here: {reason(error)}; look at: {HOW_TO_MEND}") from None
    # Only a service that goes on listening can be told by these names which one is meant.
    return [to_builtins(replace(each, nearby="")) for each in shown(heard, Names(), time.time_ns())]


def _print(nearby: list[dict[str, Any]], by: str) -> None:
    now = time.time_ns()
    columns = "Nearby", "Kind", "Model", "Name", "Signal", "Heard", "Device", "On"
    rows = (
        (
            each["nearby"],
            each["kind"],
            each["model"],
            each["name"],
            f"{each['strength']} ({each['rssi']} dBm)",
            ago(each["heard_at"], now),
            each["device"],
            each["session"],
        )
        for each in nearby
    )
    print_table(columns, rows)
    if not nearby:
        out.print("Nothing that Vigil knows is heard: switch the device on, and hold it near.")
    elif by != "service":
        out.print("To add one, start the service (vigil run) and scan again.")
    else:
        out.print("To add one:  vigil devices add NEARBY ID --by INITIALS")
