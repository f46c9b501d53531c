"""`vigil replay --live`: a rehearsal with everything real but the people, who come from a story or a recording."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_state_path

from devices.source import DeviceError
from monitor.cli.demo import print_summary, run_until_stopped
from monitor.cli.exits import Exit, Refused
from monitor.cli.replay_rehearsal import Rehearsal
from monitor.cli.replay_simulated import named_story
from monitor.cli.replay_sources import is_journal, opened
from monitor.cli.replay_wanted import Wanted, factor
from monitor.cli.run import CANNOT_START
from monitor.compose import UnrecordedError
from monitor.logs import set_up_logs
from simulators.publisher import MAX_SPEED
from simulators.story import Scenario, ScenarioError


def run_live(
    recording: str, wanted: Wanted, *, against: Path | None, port: int, journal: Path | None, as_json: bool
) -> None:
    """Rehearse until the recording is over, Ctrl-C or SIGTERM; then print what was seen.

    Raises:
        Refused: it could not start, or the recording cannot be used.
    """
    speed = factor(wanted.speed or "1")
    if speed is None or speed > MAX_SPEED:
        raise Refused(f"--live is for people to watch: --speed is a number, at most {MAX_SPEED:g}")
    if against is not None:
        raise Refused("--against compares what is printed: leave out --live")
    path = journal or _new_journal()
    if path.exists():
        raise Refused(f"{path} is there: --live records to a new journal")
    if story := _story(recording, wanted):
        run_until_stopped(
            for_s=story.duration_s, speed=speed, scenario=recording, journal=path, port=port, as_json=as_json
        )
        return
    set_up_logs(quiet=True)
    try:
        with opened(recording, wanted.mapping) as source:
            print_summary(asyncio.run(Rehearsal(source, wanted, speed).run(path, port)), as_json)
    except UnrecordedError as error:
        raise Refused(str(error), Exit.FAILED) from None
    except (DeviceError, *CANNOT_START) as error:
        raise Refused(str(error)) from None


def _story(recording: str, wanted: Wanted) -> Scenario | None:
    try:
        story = None if is_journal(Path(recording)) else named_story(recording, wanted.mapping)
    except ScenarioError as error:
        raise Refused(str(error)) from None
    if story is not None and not (wanted.whole and wanted.session is None):
        raise Refused("a story is rehearsed whole: leave out --from, --to, --loop and --session")
    return story


def _new_journal() -> Path:
    folder = user_state_path("vigil") / "replay"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"replay-{datetime.now(UTC):%Y%m%d-%H%M%S}.journal"
