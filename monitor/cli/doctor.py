"""`vigil doctor`: everything a session depends on, looked at before one begins."""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct
from pydantic import SecretStr
from rich.text import Text

from alerts.pagers import PagerError, build_pagers
from alerts.protocols import protocol_text
from dashboards.influx_setup import check_store
from devices.broker_check import check_broker
from monitor.broker import link_settings
from monitor.cli.exits import Exit
from monitor.cli.options import loaded
from monitor.cli.show import err, out, plain, print_json
from monitor.config import Config, in_force
from monitor.logs import set_up_logs
from monitor.protocol import ProtocolError, read_protocol

LEAST_SPACE = 2_000_000_000
"""Bytes free for the journal: 20 sessions of 8 h take about half of it."""

MASKED = str(SecretStr("x"))
"""How a secret is shown."""

SLOW_FSYNC_S = 0.25
"""A commit that takes longer makes pages leave unrecorded."""

_STYLES = {"ok": "green", "warning": "yellow", "error": "red"}


class Found(Struct, frozen=True):
    """One thing that was looked at, how it is, and how to mend it."""

    level: str
    subject: str
    message: str
    fix: str = ""


def run_doctor(path: Path | None, *, as_json: bool) -> None:
    """Print what was found; exit 1 when anything is an error."""
    config = loaded(path)
    set_up_logs(quiet=True)
    with err.status("looking …"):
        found = [*_here(config), *_open_to_others(config, path), *asyncio.run(_elsewhere(config))]
    if as_json:
        print_json({"ok": not _errors(found), "findings": found})
    else:
        for finding in found:
            print_finding(finding)
    if _errors(found):
        raise SystemExit(Exit.FAILED)


def print_finding(finding: Found) -> None:
    """One finding for people."""
    level = Text(finding.level, style=_STYLES[finding.level])
    out.print(level, plain(f"{finding.subject}: {finding.message}"), soft_wrap=True)
    if finding.fix:
        out.print(plain(f"   fix: {finding.fix}"), soft_wrap=True)


def _errors(found: list[Found]) -> bool:
    return any(finding.level == "error" for finding in found)


def _here(config: Config) -> Iterator[Found]:
    """What can be seen on this machine."""
    yield Found("ok", "python", ".".join(map(str, sys.version_info[:3])))
    yield _protocol(config)
    yield _people(config)
    yield from _disk(config.journal.path.resolve().parent)
    yield _port(config.page.host, config.page.port)
    if config.mode != "live":
        yield Found("warning", "mode", "a rehearsal: nobody is watched", 'set mode = "live"')


def _open_to_others(config: Config, path: Path | None) -> Iterator[Found]:
    """Files with secrets or with what was recorded of people, which other users of this machine can read."""
    secret = {str(value) for _, value, source in in_force(config, path) if source == str(path)} & {MASKED}
    for subject, file in (("configuration", path if secret else None), ("journal", config.journal.path)):
        if file is not None and file.exists() and file.stat().st_mode & 0o077:
            yield Found("warning", subject, f"others on this machine can read {file}", f"chmod 600 {file}")


def _protocol(config: Config) -> Found:
    try:
        protocol = read_protocol(protocol_text(config.protocol))
    except (ProtocolError, OSError) as error:
        return Found("error", "protocol", str(error), "mend the file, or name another with protocol = …")
    if not protocol.reviewed_by:
        return Found(
            "warning",
            "protocol",
            f"'{protocol.id}' version {protocol.version} is not reviewed by a clinician",
            "have a clinician review every number, then set reviewed_by in a copy of your own",
        )
    return Found("ok", "protocol", f"'{protocol.id}' version {protocol.version}, reviewed by {protocol.reviewed_by}")


def _people(config: Config) -> Found:
    if not config.person:
        return Found("error", "people", "nobody is on duty: no page can reach anybody", "add [[person]] and [[pager]]")
    try:
        build_pagers(config.pager, config.kind.origin)
    except PagerError as error:
        return Found("error", "people", str(error))
    return Found("ok", "people", f"{len(config.person)} on duty, {len(config.pager)} pagers")


def _disk(folder: Path) -> Iterator[Found]:
    if not os.access(folder, os.W_OK):
        yield Found("error", "disk", f"{folder} cannot be written", "choose another [journal] path, or its owner")
        return
    free = shutil.disk_usage(folder).free
    level = "ok" if free >= LEAST_SPACE else "error"
    yield Found(level, "disk space", f"{free / 1e9:.1f} GB free in {folder}", "" if level == "ok" else "free some")
    took = _fsync_s(folder)
    slow = took > SLOW_FSYNC_S
    fix = "another disk for the journal: while a commit is slow, pages leave unrecorded" if slow else ""
    yield Found("warning" if slow else "ok", "disk speed", f"a safe write takes {took * 1000:.1f} ms", fix)


def _fsync_s(folder: Path) -> float:
    """The slowest of a few small safe writes, in seconds."""
    slowest = 0.0
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(5):
            began = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            slowest = max(slowest, time.perf_counter() - began)
    return slowest


def _port(host: str, port: int) -> Found:
    try:
        with socket.create_server((host, port)):
            return Found("ok", "page", f"port {port} is free")
    except OSError as error:
        return Found("error", "page", f"port {port}: {error.strerror}", "set another [page] port, or end who has it")


async def _elsewhere(config: Config) -> list[Found]:
    """What has to be asked over the network."""
    checks: list[Any] = await check_broker(link_settings(config.mqtt, f"vigil-doctor-{os.getpid()}"))
    if config.bluetooth.enabled:
        from devices.ble_check import check_bluetooth
        from devices.radio import Adapter

        radio = Adapter(config.kind.origin, config.bluetooth.adapter)
        checks += await check_bluetooth(radio, config.bluetooth.registry)
    if config.influx is not None:
        checks += await check_store(config.influx, config.kind.database)
    return [Found(str(one.level), one.subject, one.message, one.fix) for one in checks]
