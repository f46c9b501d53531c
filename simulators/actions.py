"""What people around a session do, as the lines of a story: a small table of kinds, told apart by `kind`."""

from typing import Annotated, get_args

from msgspec import Meta, Struct

from monitor.commands import AddNote, AssignDevice, CloseSession, Command, GiveDose, MovePhase, ReleaseDevice
from monitor.people import Person, Role
from monitor.session import Dose, Phase, Route
from simulators.courses import Seconds
from simulators.instruments import Id

STAFF: tuple[Person, ...] = (
    Person("nurse-1", (Role.NURSE,), ("console", "webhook")),
    Person("nurse-2", (Role.SECOND_NURSE,), ("webhook", "console")),
    Person("supervisor-1", (Role.SUPERVISOR,), ("webhook", "console")),
    Person("physician-1", (Role.PHYSICIAN,), ("webhook",)),
)
"""Who is on duty wherever a story is played, with the pagers that the demo has."""


class _Act(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    by: str = STAFF[0].id


class _Reaction(_Act, frozen=True, kw_only=True):
    """What somebody does about every alert of a rule that is raised from `at_s` on.

    `session` is empty for the site's own alerts.
    """

    session: str
    rule: str
    at_s: Seconds = 0


class AcknowledgeWhenRaised(_Reaction, frozen=True, tag="acknowledge_when_raised"):
    """Answer every alert `after_s` after it was raised, and again after it rose, each time in the version seen then."""

    after_s: Seconds
    at_bedside: bool = True


class SilenceWhenRaised(_Reaction, frozen=True, tag="silence_when_raised"):
    """Mute every alert `after_s` after it was raised, and again after it rose; nobody answers it."""

    after_s: Seconds


class LeaveUnanswered(_Reaction, frozen=True, tag="leave_unanswered"):
    """Nobody answers, whoever is paged."""


class _Timed(_Act, frozen=True, kw_only=True):
    """What somebody does at an instant of the run."""

    session: Id
    at_s: Seconds


class RecordDose(_Timed, frozen=True, tag="record_dose"):
    """A dose is entered that has no effect on the person: a second entry of one given, or one not swallowed.

    Doses that act are the session's own `dose`, and are entered when they are given.
    """

    drug: str
    amount_mg: Annotated[float, Meta(gt=0, le=10_000)]
    route: Route

    def command(self, request: str, now: int) -> Command:
        """The command, given at `now` (ns)."""
        return GiveDose(request, self.by, self.session, Dose(self.drug, self.amount_mg, self.route, now))


class Note(_Timed, frozen=True, tag="note"):
    """A remark is written down."""

    text: Annotated[str, Meta(max_length=500)]

    def command(self, request: str, now: int) -> Command:
        """The command, given at `now` (ns)."""
        return AddNote(request, self.by, self.session, self.text)


class MoveToPhase(_Timed, frozen=True, tag="move_phase"):
    """The session is moved to a phase."""

    phase: Phase

    def command(self, request: str, now: int) -> Command:
        """The command, given at `now` (ns)."""
        return MovePhase(request, self.by, self.session, self.phase)


class Close(_Timed, frozen=True, tag="close"):
    """The session is closed; with open alerts that takes a reason."""

    reason: str = ""

    def command(self, request: str, now: int) -> Command:
        """The command, given at `now` (ns)."""
        return CloseSession(request, self.by, self.session, self.reason)


class Assign(_Timed, frozen=True, tag="assign"):
    """A device is put on the person, whoever wore it before."""

    device: Id

    def command(self, request: str, now: int) -> Command:
        """The command, given at `now` (ns)."""
        return AssignDevice(request, self.by, self.session, self.device)


class Release(_Timed, frozen=True, tag="release"):
    """A device is taken off the person; it may go on sending."""

    device: Id

    def command(self, request: str, now: int) -> Command:
        """The command, given at `now` (ns)."""
        return ReleaseDevice(request, self.by, self.session, self.device)


Reacting = AcknowledgeWhenRaised | SilenceWhenRaised | LeaveUnanswered
Timed = RecordDose | Note | MoveToPhase | Close | Assign | Release
Action = (
    AcknowledgeWhenRaised
    | SilenceWhenRaised
    | LeaveUnanswered
    | RecordDose
    | Note
    | MoveToPhase
    | Close
    | Assign
    | Release
)
"""One `[[action]]` of a story."""
KINDS = tuple(str(action.__struct_config__.tag) for action in get_args(Action))
"""What `kind` may be."""
