"""A scenario: who is watched, what happens to them, and what the people around them do, as TOML."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct, ValidationError

from monitor.plain_toml import read_toml
from simulators.courses import Episode, Given, Seconds
from simulators.instruments import CuffSchedule, Devices, Id, Person
from simulators.patient import Patient
from simulators.pharmacology import DRUGS
from simulators.physiology import BASELINES
from simulators.recordings import RecordedPatient, RecordingError, load_recording

FOLDER = Path(__file__).parent / "scenarios"


class ScenarioError(ValueError):
    """The scenario cannot be played; the message names the file, the place and the fix."""


class Script(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One session: where, under which protocol, with which devices, and what happens in it.

    `recording` plays somebody recorded in place of the simulated person, who then only lends the missing signals.
    """

    id: Id
    room: str
    about: str
    protocol: str = "default"
    seed: str
    """Which of all possible people this is."""
    devices: Devices
    cuff: CuffSchedule = CuffSchedule()
    recording: str | None = None
    pace: Annotated[float, Meta(gt=0)] = 1.0
    """How much faster than the rest of the background the effects of drugs pass."""
    dose: tuple[Given, ...] = ()
    episode: tuple[Episode, ...] = ()

    def person(self) -> Person:
        """Somebody to play. The same seed, the same course."""
        patient = Patient(self.seed, self.dose, self.episode, self.pace)
        body = patient if self.recording is None else RecordedPatient(load_recording(self.recording), patient)
        return Person(self.id, body, self.devices.instruments(self.cuff))


class Action(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody does, in real seconds of the run.

    acknowledge_when_raised: from `at_s` on, `by` answers every alert of the rule `after_s` after it was raised, and
    again after it rose, each time in the version seen then.
    """

    kind: Literal["acknowledge_when_raised"]
    session: Id
    rule: str
    by: str
    at_s: Seconds = 0
    after_s: Seconds
    at_bedside: bool = True


class Scenario(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole file. `by` enters what nobody else does: sessions, devices, doses."""

    title: str
    by: str
    session: Annotated[tuple[Script, ...], Meta(min_length=1)]
    action: tuple[Action, ...] = ()

    def people(self) -> list[Person]:
        """Everybody, to be played with `run_people`."""
        return [script.person() for script in self.session]


def load_scenario(name: str | Path) -> Scenario:
    """Read a scenario of ours by its name, or any by its path (`.toml`).

    Raises:
        ScenarioError: with the file, the place of the mistake and what would be right.
    """
    path = Path(name) if Path(name).suffix == ".toml" else FOLDER / f"{name}.toml"
    try:
        scenario = read_toml(path.read_text(encoding="utf-8"), Scenario)
    except FileNotFoundError:
        ours = ", ".join(sorted(each.stem for each in FOLDER.glob("*.toml")))
        raise ScenarioError(f"{path}: there is no such scenario; ours are {ours}") from None
    except OSError as error:
        raise ScenarioError(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise ScenarioError(f"{path}: {error}") from None
    except ValueError as error:
        raise ScenarioError(f"{path} is not valid TOML: {error}") from None
    mistakes = [*_mistakes(scenario)]
    if mistakes:
        raise ScenarioError(f"{path}: {'; '.join(mistakes)}")
    return scenario


def _mistakes(scenario: Scenario) -> Iterator[str]:
    ids = [script.id for script in scenario.session]
    yield from (f"session '{name}' is there twice" for name in _repeated(ids))
    devices = [device for script in scenario.session for device in script.devices.all()]
    yield from (f"device '{name}' is worn twice" for name in _repeated(devices))
    for n, script in enumerate(scenario.session):
        yield from (f"session[{n}] ({script.id}): {mistake}" for mistake in _script_mistakes(script))
    for n, action in enumerate(scenario.action):
        if action.session not in ids:
            yield f"action[{n}]: there is no session '{action.session}'"


def _script_mistakes(script: Script) -> Iterator[str]:
    for n, given in enumerate(script.dose):
        if (given.drug, given.route) not in DRUGS:
            known = ", ".join(f"{drug} {route}" for drug, route in DRUGS)
            yield f"dose[{n}]: no effects are known of {given.drug} {given.route}; of {known} they are"
    for n, episode in enumerate(script.episode):
        if episode.signal not in BASELINES:
            yield f"episode[{n}]: {episode.signal} follows from others; script {', '.join(BASELINES)}"
    if script.recording is not None:
        if script.dose or script.episode:
            yield "a recording is played as it is: remove dose and episode"
        try:
            load_recording(script.recording)
        except RecordingError as error:
            yield str(error)


def _repeated(names: Iterable[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)
