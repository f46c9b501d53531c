"""`vigil devices mqtt`: what arrives on the broker and what it means, live or for a while."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.live import Live
from rich.table import Table

from devices.mapped import REHEARSAL_PREFIX
from devices.mapping import DeviceMap, MappingError
from devices.mappings import load_mapping, ready
from devices.mqtt import Arrival, LinkDetail, LinkState, MqttLink
from devices.watching import Seen, Watching
from monitor.broker import link_settings
from monitor.cli.exits import Exit, Refused
from monitor.cli.options import loaded
from monitor.cli.run import stop_signals
from monitor.cli.show import err, out, plain, print_json
from monitor.config import Config
from monitor.logs import set_up_logs
from monitor.vitals import SECOND, Origin

EVERY_S = 0.25


def watch_mqtt(path: Path | None, names: Sequence[str], *, watch: bool, for_s: float | None, as_json: bool) -> None:
    """Listen, with a client id of its own, and show what came. Publishes nothing and leaves nothing behind.

    Raises:
        Refused: a mapping or the configuration is wrong, or the broker does not let us.
    """
    config = loaded(path)
    set_up_logs(quiet=True)
    prefix = REHEARSAL_PREFIX if config.kind.origin is Origin.SIMULATED else ""
    watching = Watching(_mappings(config, names), config.site if path else None, prefix)
    asyncio.run(_listen(config, watching, for_s, live=watch and not as_json))
    if as_json:
        print_json(_document(config, watching))
    elif not (watch and out.is_terminal):
        out.print(_table(watching, time.time_ns()))


def _mappings(config: Config, names: Sequence[str]) -> dict[str, DeviceMap]:
    """Those that are asked for and configured; without any, all ready ones: which would fit?"""
    wanted = {each.use: each.table for each in config.mqtt.mapping}
    try:
        wanted |= {name: load_mapping(name) for name in names}
    except MappingError as error:
        raise Refused(str(error)) from None
    return wanted or {name: load_mapping(name) for name in ready()}


async def _listen(config: Config, watching: Watching, for_s: float | None, *, live: bool) -> None:
    settings = link_settings(config.mqtt, f"vigil-watch-{secrets.token_hex(6)}", passing_topics=("#",))
    stop, refusals = stop_signals(), list[str]()

    def arrived(arrival: Arrival) -> None:
        watching.note(
            arrival.topic, arrival.payload, time.time_ns(), retained=arrival.retain, repeated=arrival.duplicate
        )

    def changed(state: LinkState, detail: LinkDetail) -> None:
        if state is LinkState.REFUSED:
            refusals.append(detail.message)
            stop.set()

    err.print(f"Listening to {config.mqtt.host}:{config.mqtt.port}. {_end(for_s)}")
    async with MqttLink(settings, arrived, changed):
        showing = asyncio.create_task(_show(watching)) if live and out.is_terminal else None
        with suppress(TimeoutError):
            async with asyncio.timeout(for_s):
                await stop.wait()
        if showing is not None:
            showing.cancel()
            await asyncio.wait({showing})
    if refusals:
        raise Refused(f"{config.mqtt.host}:{config.mqtt.port}: {refusals[0]}", Exit.FAILED)


def _end(for_s: float | None) -> str:
    return "Ctrl-C ends it." if for_s is None else f"Ends after {for_s:g} s, or by Ctrl-C."


async def _show(watching: Watching) -> None:
    """Show what came, again and again, until cancelled."""
    with Live(console=out, auto_refresh=False) as screen:
        while True:
            screen.update(_table(watching, time.time_ns()), refresh=True)
            await asyncio.sleep(EVERY_S)


def _table(watching: Watching, now: int) -> Table:
    beyond = f", {watching.beyond} of them on further topics" if watching.beyond else ""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Topic", "Count", "Ago", "Says"):
        table.add_column(column, overflow="fold")
    table.caption = f"{watching.messages} messages{beyond}"
    for seen in watching.seen:
        table.add_row(*map(plain, _row(seen, now)), style="dim" if seen.why_not else None)
    return table


def _row(seen: Seen, now: int) -> tuple[str, ...]:
    said = f"{seen.device}: {seen.says} (by {seen.read_by})"
    if seen.why_not:
        said = f"not read: {seen.why_not}: {seen.sample[:40]}"
    ago = "kept by the broker" if seen.retained else f"{max(0, now - seen.received_at) / SECOND:.0f} s"
    return seen.topic, str(seen.messages), ago, said


def _document(config: Config, watching: Watching) -> dict[str, Any]:
    return {
        "broker": f"{config.mqtt.host}:{config.mqtt.port}",
        "messages": watching.messages,
        "on_further_topics": watching.beyond,
        "topics": watching.seen,
    }
