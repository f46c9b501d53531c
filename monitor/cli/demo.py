"""`vigil demo`: four people on a page, from one command."""

import asyncio
import contextlib
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_state_path

from monitor.cli.exits import Exit, Refused
from monitor.cli.run import CANNOT_START, stop_signals, stopped
from monitor.cli.show import err, print_json, print_table
from monitor.compose import UnrecordedError
from monitor.demo import Demo, Summary, run_demo
from monitor.journal import Journal, JournalError
from monitor.logs import set_up_logs
from monitor.recovery import left_open
from simulators.scenario import Scenario, ScenarioError, load_scenario


def run_until_stopped(
    *,
    for_s: float | None,
    speed: float,
    scenario: str,
    journal: Path | None,
    port: int,
    as_json: bool,
    bluetooth: bool = False,
    waveforms: bool = False,
) -> None:
    """Run the demo until Ctrl-C, SIGTERM or the end of `for_s`, and print what it saw.

    Raises:
        Refused: it could not start.
    """
    set_up_logs(quiet=True)
    if waveforms and speed != 1:
        raise Refused("waveforms are sent in real time: leave out --speed")
    if waveforms and find_spec("numba") is None:
        err.print(
            "Waveforms are shown and kept, and no numbers computed from them: pip install 'vigil-monitor[signal]'"
        )
    try:
        script = load_scenario(scenario)
        path = journal or usual_journal()
        summary = asyncio.run(_demo(script, for_s, speed, path, port, bluetooth, waveforms, as_json))
    except UnrecordedError as error:
        raise Refused(str(error), Exit.FAILED) from None
    except (ScenarioError, RuntimeError, *CANNOT_START) as error:
        raise Refused(str(error)) from None
    print_summary(summary, as_json)


def print_summary(summary: Summary, as_json: bool) -> None:
    """Print what was seen."""
    if as_json:
        print_json(summary)
        return
    rows = [(name.replace("_", " "), _text(getattr(summary, name))) for name in Summary.__struct_fields__]
    print_table(("", ""), rows)


async def _demo(
    scenario: Scenario,
    for_s: float | None,
    speed: float,
    journal: Path,
    port: int,
    bluetooth: bool,
    waveforms: bool,
    as_json: bool,
) -> Summary:
    stop = stop_signals()
    running = run_demo(scenario, speed=speed, journal=journal, port=port, bluetooth=bluetooth, waveforms=waveforms)
    async with running as demo:
        _welcome(demo, for_s, as_json)
        await stopped(stop, demo.service.failure, for_s)
    return demo.summary()


def _welcome(demo: Demo, for_s: float | None, as_json: bool) -> None:
    end = f"Ends by itself in {for_s:g} s." if for_s else "Ctrl-C ends it."
    err.print(f"Vigil demo at {demo.service.url}   {end}", style="bold")
    err.print("Simulated people: nobody is watched. Pages go to this terminal and to a receiver on this machine.")
    if not as_json:
        err.print(f"Recording to {demo.service.config.journal.path}\n")


def usual_journal() -> Path:
    """The newest demo's journal if that demo was killed, so that it goes on; otherwise a new one."""
    folder = user_state_path("vigil") / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    for newest in sorted(folder.glob("demo-*.journal"), reverse=True)[:1]:
        with contextlib.suppress(JournalError), contextlib.closing(Journal.open(newest, read_only=True)) as journal:
            if left_open(journal):
                err.print(f"The last demo was killed: going on with {newest}")
                return newest
    return folder / f"demo-{datetime.now(UTC):%Y%m%d-%H%M%S}.journal"


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
