"""What people do: commands with their author. `request` identifies one, so that its answer finds the way back."""

from msgspec import Struct

from monitor.session import Dose, Phase


class OpenSession(Struct, frozen=True, tag="open_session"):
    """Start watching somebody. `protocol` is the whole TOML text: it stays with the session."""

    request: str
    by: str
    session: str
    room: str
    protocol: str


class CloseSession(Struct, frozen=True, tag="close_session", omit_defaults=True):
    """Stop watching. With open alerts a reason is required."""

    request: str
    by: str
    session: str
    reason: str = ""


class AssignDevice(Struct, frozen=True, tag="assign_device"):
    """The device is on this person from now on."""

    request: str
    by: str
    session: str
    device: str


class ReleaseDevice(Struct, frozen=True, tag="release_device"):
    """The device is on nobody from now on."""

    request: str
    by: str
    session: str
    device: str


class GiveDose(Struct, frozen=True, tag="give_dose"):
    """A dose was given: phases count from it."""

    request: str
    by: str
    session: str
    dose: Dose


class MovePhase(Struct, frozen=True, tag="move_phase"):
    """Somebody moves the session to a phase."""

    request: str
    by: str
    session: str
    phase: Phase


class Acknowledge(Struct, frozen=True, tag="acknowledge", omit_defaults=True):
    """Somebody answers one alert, in the version they saw. Only `at_bedside` ends the ladder; going lapses."""

    request: str
    by: str
    session: str
    alert: str
    version: int
    at_bedside: bool = False


class Silence(Struct, frozen=True, tag="silence"):
    """Mute the sound of one alert for the protocol's silence time. Escalation goes on."""

    request: str
    by: str
    session: str
    alert: str
    version: int


class AddNote(Struct, frozen=True, tag="add_note"):
    """A timed remark."""

    request: str
    by: str
    session: str
    text: str


Command = (
    OpenSession | CloseSession | AssignDevice | ReleaseDevice | GiveDose | MovePhase | Acknowledge | Silence | AddNote
)
