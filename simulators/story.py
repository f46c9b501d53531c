"""A story as values: who is watched, what happens to them, what the people around them do, and what must be told."""

from typing import Annotated

from msgspec import Meta, Struct

from monitor.alert import Priority
from monitor.people import Role
from simulators.actions import Action
from simulators.courses import Course, Episode, Given, Seconds, shapes
from simulators.faults import Fault
from simulators.instruments import CuffSchedule, Devices, Id, Person, together
from simulators.latent import Body
from simulators.patient import Patient
from simulators.people.shapes import Bend
from simulators.recordings import RecordedPatient, load_recording


class ScenarioError(ValueError):
    """The scenario cannot be played; the message names the file, the place and the fix."""


LONGEST_S = 24 * 3600.0
Rules = Annotated[tuple[str, ...], Meta(min_length=1)]


class Script(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One session: where, under which protocol, with which devices, and what happens in it.

    `recording` plays somebody recorded in place of the simulated person, who then only lends the missing signals.
    """

    id: Id
    room: str
    about: str = ""
    protocol: str = "default"
    seed: str
    """Which of all possible people this is."""
    age: Annotated[int, Meta(ge=18, le=100)] = 40
    devices: Devices
    cuff: CuffSchedule = CuffSchedule()
    recording: str | None = None
    pace: Annotated[float, Meta(gt=0)] = 1.0
    """How much faster than the rest of the background the effects of drugs pass."""
    dose: tuple[Given, ...] = ()
    course: tuple[Course, ...] = ()
    """Adverse courses and near misses, by the names that clinicians use."""
    episode: tuple[Episode, ...] = ()
    """Single signals pulled elsewhere, for what no course describes."""
    fault: tuple[Fault, ...] = ()
    """What goes wrong with the devices."""

    def bends(self) -> tuple[Bend, ...]:
        """What bends this person's course, drawn where the story leaves it open."""
        return shapes(self.seed, self._courses())

    def body(self, speed: float = 1.0) -> Body:
        """The person: the same seed, the same course. The background passes `speed` times faster."""
        patient = Patient(self.seed, self.dose, self._courses(), self.pace, speed, age=self.age)
        return patient if self.recording is None else RecordedPatient(load_recording(self.recording), patient)

    def _courses(self) -> tuple[Course | Episode, ...]:
        return (*self.course, *self.episode)

    def person(self, speed: float = 1.0) -> Person:
        """Somebody to play, with devices on."""
        return Person(
            self.id, self.body(speed), self.devices.instruments(self.cuff), self.fault, seed=f"{self.seed}/devices"
        )


class Expect(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What must be told: an alert of one of `rules`, of `priority` or above, from `from_s` to `latest_s`.

    One that was told before and still stands counts too. A rule is named as in the protocol, a technical one also with
    its subject (`signal_lost.spo2`). `session` is empty for the site's own alerts. With `role`, somebody of that role
    must be paged about it in that time.
    """

    session: str
    rules: Rules
    priority: Priority = Priority.MEDIUM
    from_s: Seconds = 0
    latest_s: Seconds
    role: Role | None = None
    why: str


class Forbid(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What must not be told: an alert of `rules` raised or risen, of `priority` or above, from `from_s` to `until_s`.

    Without `session` in any, without `rules` of any rule, without `until_s` to the end.
    """

    session: str | None = None
    rules: tuple[str, ...] = ()
    priority: Priority = Priority.MEDIUM
    from_s: Seconds = 0
    until_s: Seconds | None = None
    why: str


class Scenario(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole story. `by` enters what nobody else does: sessions, devices, doses."""

    title: str
    why: str = ""
    """What a clinician learns from it, or fears."""
    by: str
    duration_s: Annotated[float, Meta(gt=0, le=LONGEST_S)] | None = None
    """How long it is played; only a demo, which somebody ends, goes without."""
    session: Annotated[tuple[Script, ...], Meta(min_length=1)]
    action: tuple[Action, ...] = ()
    expect: tuple[Expect, ...] = ()
    forbid: tuple[Forbid, ...] = ()

    def people(self, speed: float = 1.0) -> list[Person]:
        """Everybody, to be played with `run_people`."""
        return together(script.person(speed) for script in self.session)
