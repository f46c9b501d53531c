"""Measure speed and latency on this machine: `make bench`, or one bench with `python -m tests.bench --only NAME`.

Figures are for people to read beside their targets: nothing here fails because a machine is slow or busy.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from msgspec import json, to_builtins
from rich.console import Console
from rich.table import Table

from tests.bench import (
    bluetooth,
    disk,
    latency,
    numbers,
    pipeline,
    recovery,
    replay,
    saturation,
    simulator,
    starting,
    waveforms,
)
from tests.bench.context import Context
from tests.bench.figures import Figure, machine, shown

BENCHES: dict[str, Callable[[Context], Iterator[Figure]]] = {
    "pipeline": pipeline.run,
    "simulator": simulator.run,
    "waveforms": waveforms.run,
    "numbers": numbers.run,
    "disk": disk.run,
    "saturation": saturation.run,
    "latency": latency.run,
    "replay": replay.run,
    "recovery": recovery.run,
    "start": starting.run,
    "bluetooth": bluetooth.run,
}
"""In this order: what keeps the disk busy comes after what waits for it."""


def main(
    only: Annotated[
        list[str] | None, typer.Option(help=f"Measure only this: {', '.join(BENCHES)}. May be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure, print a table, and end with 1 only if something could not be measured."""
    if unknown := [*filter(lambda name: name not in BENCHES, only or ())]:
        raise typer.BadParameter(f"{', '.join(unknown)}: there are {', '.join(BENCHES)}")
    # A terminated run must end what it started, too.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    where = machine()
    figures: list[Figure] = []
    missing: dict[str, str] = {}
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="vigil-bench-") as folder:
        context = Context(Path(folder), say)
        for name in only or BENCHES:
            try:
                figures += BENCHES[name](context)
            except pytest.skip.Exception as reason:
                missing[name] = str(reason)
            except Exception as error:  # noqa: BLE001 - one bench that cannot run must not hide the others
                failed[name] = f"{type(error).__name__}: {error}"
    report = {"machine": where, "figures": to_builtins(figures), "not_measured": missing, "failed": failed}
    (print_json if as_json else print_table)(report, figures)
    sys.exit(1 if failed else 0)


def say(what: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


def print_json(report: dict[str, Any], figures: list[Figure]) -> None:
    """Everything, for scripts."""
    sys.stdout.write(json.format(json.encode(report), indent=2).decode() + "\n")


def print_table(report: dict[str, Any], figures: list[Figure]) -> None:
    """Everything, for people."""
    table = Table("bench", "figure", "unit", box=None, pad_edge=False)
    for heading in ("median", "rounds from", "to", "target", ""):
        table.add_column(heading, justify="right")
    for each in figures:
        target = f"{each.target.sign} {each.target.value:,g}" if each.target else ""
        values = (shown(each.median), shown(each.lowest), shown(each.highest))
        table.add_row(each.bench, each.what, each.unit, *values, target, each.verdict)
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(" · ".join(f"{name} {value}" for name, value in report["machine"].items()))
    console.print(table)
    for name, why in (*report["not_measured"].items(), *report["failed"].items()):
        console.print(f"{name} was not measured: {why}")


if __name__ == "__main__":
    typer.run(main)
