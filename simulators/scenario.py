"""Scenarios by name: stories of ours, files of anybody's, and people drawn at random, all checked before they play."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from re import search

from msgspec import ValidationError

from monitor.alert import Priority
from monitor.people import Role
from monitor.plain_toml import read_toml
from monitor.session import Phase, Route
from simulators.actions import KINDS
from simulators.draw import DRAWN, draw_named
from simulators.faults import FaultKind, mistakes
from simulators.patterns import Pattern
from simulators.pharmacology import DRUGS
from simulators.physiology import BASELINES
from simulators.recordings import RecordingError, load_recording
from simulators.story import Scenario as Scenario
from simulators.story import ScenarioError as ScenarioError
from simulators.story import Script as Script

FOLDER = Path(__file__).parent / "scenarios"


def names() -> list[str]:
    """The stories of ours."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_scenario(name: str | Path) -> Scenario:
    """Read a scenario of ours by its name, any by its path (`.toml`), or draw one (`draw:<treatment>/<what>/<seed>`).

    Raises:
        ScenarioError: with the file, the place of the mistake and what would be right.
    """
    if str(name).startswith(DRAWN):
        return draw_named(str(name))
    path = Path(name) if Path(name).suffix == ".toml" else FOLDER / f"{name}.toml"
    try:
        scenario = read_toml(path.read_text(encoding="utf-8"), Scenario)
    except FileNotFoundError:
        near = ", ".join(get_close_matches(path.stem, names(), n=5, cutoff=0))
        raise ScenarioError(f"{path}: there is no such scenario; of ours the nearest are {near}") from None
    except OSError as error:
        raise ScenarioError(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise ScenarioError(f"{path}: {error}{_help(str(error))}") from None
    except ValueError as error:
        raise ScenarioError(f"{path} is not valid TOML: {error}") from None
    found = [*_mistakes(scenario)]
    if found:
        raise ScenarioError(f"{path}: {'; '.join(found)}")
    return scenario


_MAY_BE: Mapping[str, Sequence[str]] = {
    "action.kind": KINDS,
    "course.kind": [*Pattern],
    "fault.kind": [*FaultKind],
    "dose.route": [*Route],
    "action.route": [*Route],
    "action.phase": [*Phase],
    "episode.signal": [*BASELINES],
    "expect.priority": [*Priority],
    "expect.role": [*Role],
    "forbid.priority": [*Priority],
}
"""What may stand in a field, by its table and name."""


def _help(message: str) -> str:
    """What may stand there, where a name was mistyped."""
    place = search(r"Invalid .*\.(\w+)\[\d+\]\.(\w+)`$", message)
    may_be = _MAY_BE.get(".".join(place.groups()), ()) if place else ()
    return f"; it may be {', '.join(may_be)}" if may_be else ""


def _mistakes(scenario: Scenario) -> Iterator[str]:
    ids = [script.id for script in scenario.session]
    yield from (f"session '{name}' is there twice" for name in _repeated(ids))
    devices = [device for script in scenario.session for device in script.devices.all()]
    yield from (f"device '{name}' is worn twice" for name in _repeated(devices))
    for n, script in enumerate(scenario.session):
        yield from (f"session[{n}] ({script.id}): {mistake}" for mistake in _script_mistakes(script))
    for place, session in _mentions(scenario):
        if session not in ids:
            yield f"{place}: there is no session '{session}'"
    yield from _time_mistakes(scenario)


def _mentions(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Where sessions are named; the site's own alerts belong to none."""
    for n, script in enumerate(scenario.session):
        yield from ((f"session[{n}]: fault", each.with_session) for each in script.fault if each.with_session)
    yield from ((f"action[{n}]", action.session) for n, action in enumerate(scenario.action) if action.session)
    yield from ((f"expect[{n}]", each.session) for n, each in enumerate(scenario.expect) if each.session)
    yield from ((f"forbid[{n}]", each.session) for n, each in enumerate(scenario.forbid) if each.session)


def _time_mistakes(scenario: Scenario) -> Iterator[str]:
    for n, each in enumerate(scenario.expect):
        if not each.from_s <= each.latest_s:
            yield f"expect[{n}]: latest_s must not be before from_s"
        if scenario.duration_s is None or each.latest_s > scenario.duration_s:
            yield f"expect[{n}]: latest_s is after the end: give a duration_s of at least {each.latest_s:g}"
    if scenario.duration_s is not None:
        yield from (
            f"{place} begins at {at_s:g} s, after the end: give a longer duration_s"
            for place, at_s in _beginnings(scenario)
            if at_s >= scenario.duration_s
        )
    for n, forbidden in enumerate(scenario.forbid):
        if forbidden.until_s is not None and not forbidden.from_s < forbidden.until_s:
            yield f"forbid[{n}]: until_s must be after from_s"


def _beginnings(scenario: Scenario) -> Iterator[tuple[str, float]]:
    """What happens in a story, and when it begins (s)."""
    for n, script in enumerate(scenario.session):
        starts = {
            "dose": [each.at_s for each in script.dose],
            "course": [each.at_s for each in script.course],
            "episode": [each.start_s for each in script.episode],
            "fault": [each.at_s for each in script.fault],
        }
        yield from (
            (f"session[{n}].{what}[{m}]", at_s) for what, times in starts.items() for m, at_s in enumerate(times)
        )
    yield from ((f"action[{n}]", action.at_s) for n, action in enumerate(scenario.action))
    yield from ((f"forbid[{n}]", each.from_s) for n, each in enumerate(scenario.forbid))


def _script_mistakes(script: Script) -> Iterator[str]:
    for n, given in enumerate(script.dose):
        if (given.drug, given.route) not in DRUGS:
            known = ", ".join(f"{drug} {route}" for drug, route in DRUGS)
            yield f"dose[{n}]: no effects are known of {given.drug} {given.route}; of {known} they are"
    for n, episode in enumerate(script.episode):
        if episode.signal not in BASELINES:
            yield f"episode[{n}]: {episode.signal} follows from others; script {', '.join(BASELINES)}"
    yield from (f"fault[{n}]: {each}" for n, fault in enumerate(script.fault) for each in mistakes(fault))
    if script.recording is not None:
        if script.dose or script.course or script.episode:
            yield "a recording is played as it is: remove dose, course and episode"
        try:
            load_recording(script.recording)
        except RecordingError as error:
            yield str(error)


def _repeated(given: Iterable[str]) -> list[str]:
    return sorted(name for name, times in Counter(given).items() if times > 1)
