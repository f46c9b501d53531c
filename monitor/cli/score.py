"""`vigil score`: how good our alerts are on people who do not exist, beside what other monitors would have done."""

import os
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from alerts.protocols import protocol_text
from monitor.cli.exits import Exit, Refused
from monitor.cli.show import err, out, print_json, print_table
from monitor.protocol import ProtocolError, read_protocol
from simulators.score import Monitor, score, score_twice
from simulators.scoring import comparisons
from simulators.scoring.choice import Choice
from simulators.scoring.paired_report import paired_report
from simulators.scoring.report import Report, monitor_score
from simulators.scoring.report_page import page
from simulators.scoring.tables import tables
from simulators.story import ScenarioError


def run_score(
    choice: Choice, *, protocol: str | None, waveforms: bool, jobs: int | None, as_json: bool, html: Path | None
) -> None:
    """Play, count and print; with `waveforms` everything once more with numbers from those.

    Raises:
        Refused: a story or a protocol cannot be used, the page cannot be written, or numbers not be computed.
    """
    if waveforms and find_spec("numba") is None:
        raise Refused("--waveforms: numbers are computed by numba; install it: pip install 'vigil-monitor[signal]'")
    if choice.stories is not None and not choice.stories.is_dir():
        raise Refused(f"--stories: {choice.stories} is no folder")
    try:
        names = choice.names()
        monitors = our_monitors(protocol)
        if not names:
            raise Refused("there is nothing to play: name a folder with stories, or give --quiet or --events")
        report = _report(choice, names, monitors, jobs or processors(), waveforms=waveforms)
        if html is not None:
            html.write_text(page(report), encoding="utf-8")
    except (ScenarioError, ProtocolError, OSError) as error:
        raise Refused(str(error)) from None
    if as_json:
        print_json(report)
    else:
        _print(report)
    if report.monitors[0].missed_steps.count or report.monitors[0].engine_faults:
        raise SystemExit(Exit.FAILED)


def our_monitors(protocol: str | None = None) -> list[Monitor]:
    """Ours first, as the stories name it or with one protocol for all; then every comparison beside it."""
    if protocol is None:
        ours = Monitor("ours", protocol_text, expects=True)
        text = protocol_text("default")
    else:
        text = protocol_text(protocol)
        ours = Monitor(read_protocol(text).id, partial(fixed, text), expects=True)
    others = ((name, comparisons.beside(text, name)) for name in comparisons.names())
    return [ours, *(Monitor(name, partial(fixed, other)) for name, other in others)]


def fixed(text: str, name: str) -> str:
    """The same protocol, whatever a story asks for."""
    return text


def _report(choice: Choice, names: list[str], monitors: list[Monitor], jobs: int, *, waveforms: bool) -> Report:
    with err.status("scoring …") as status:
        played = 0

        def done(name: str) -> None:
            nonlocal played
            played += 1
            status.update(f"scoring: {played} of {len(names)} played, last {name}")

        if waveforms:
            tallies, pairs = score_twice(names, monitors, min(jobs, len(names)), done)
        else:
            tallies, pairs = score(names, monitors, min(jobs, len(names)), done), []
    return Report(
        seed=choice.seed,
        stories=len(choice.told()),
        quiet=sum(1 for name in names if "/quiet/" in name),
        adverse=len([*choice.adverse()]),
        monitors=tuple(monitor_score(name, tally) for name, tally in tallies.items()),
        waveforms=paired_report(pairs) if waveforms else None,
    )


def _print(report: Report) -> None:
    for table in tables(report):
        out.print(f"\n{table.title}", style="bold")
        out.print(table.about, style="dim")
        print_table(table.columns, table.rows)


def processors() -> int:
    """How many of the machine's processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
