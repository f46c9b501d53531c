"""What the API takes and answers, as pydantic models: one a command. Ids are pseudonymous, never names."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from monitor.session import Phase, Route

_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_SHOWN = r"[^\p{Cc}\u202A-\u202E\u2066-\u2069]"
"""A character that neither moves a terminal nor turns the text around it."""

LONGEST_PROTOCOL = 128 * 1024
_LAST_INSTANT = 2**63 - 1
"""ns: what the journal can hold. A number beyond it would take its whole batch with it."""

Id = Annotated[str, Field(pattern=_ID, max_length=64)]
StaffId = Annotated[str, Field(pattern=_ID, max_length=32, description="Who does this: initials or a staff number.")]
Text = Annotated[str, Field(max_length=500, pattern=rf"^(\n|{_SHOWN})*$")]
AlertId = Annotated[str, Field(max_length=256)]
Version = Annotated[int, Field(ge=1, le=2**31)]


def _example(**example: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class Order(BaseModel):
    """Every command says who gives it."""

    by: StaffId


class AcknowledgeRequest(Order):
    """An answer to one alert, in the version that was seen. "Going" lapses; only "at the bedside" ends the ladder."""

    model_config = _example(alert="s-104/spo2_low/spo2/1", version=1, at_bedside=True, by="ak")
    alert: AlertId
    version: Version
    at_bedside: bool = False


class SilenceRequest(Order):
    """Mutes the sound of one alert for the protocol's time; escalation goes on."""

    model_config = _example(alert="s-104/spo2_low/spo2/1", version=1, by="ak")
    alert: AlertId
    version: Version


class OpenRequest(Order):
    """Start watching somebody. `protocol` is the whole text of a protocol file; it stays with the session."""

    model_config = _example(session="s-104", room="3", protocol='id = "mdma"\nversion = "1"\n…', by="ak")
    session: Id
    room: Annotated[str, Field(max_length=32, pattern=rf"^{_SHOWN}+$")]
    protocol: Annotated[str, Field(min_length=1, max_length=LONGEST_PROTOCOL)]


class CloseRequest(Order):
    """Stop watching; with open alerts a reason is required."""

    model_config = _example(reason="", by="ak")
    reason: Text = ""


class DoseRequest(Order):
    """A dose that was given. `given_at` in ns since 1970, UTC; now when absent."""

    model_config = _example(drug="mdma", amount_mg=80, route="oral", by="ak")
    drug: Id
    amount_mg: Annotated[float, Field(gt=0, le=10_000)]
    route: Route
    given_at: Annotated[int, Field(ge=0, le=_LAST_INSTANT)] | None = None


class PhaseRequest(Order):
    """Move the session to a phase."""

    model_config = _example(phase="recovery", by="ak")
    phase: Phase


class DeviceRequest(Order):
    """A device goes on this person or, `worn` false, comes off."""

    model_config = _example(device="oximeter-1", worn=True, by="ak")
    device: Id
    worn: bool = True


class TakeInRequest(Order):
    """A nearby device becomes one of ours, under the id `id`. `nearby` as in the list of what is heard."""

    model_config = _example(nearby="5f0c91d2", id="oximeter-3", by="ak")
    nearby: Id
    id: Id


class ForgetRequest(Order):
    """A device becomes none of ours."""

    model_config = _example(by="ak")


class NoteRequest(Order):
    """A timed remark."""

    model_config = _example(text="restless, talking", by="ak")
    text: Annotated[Text, Field(min_length=1)]


class Answer(BaseModel):
    """The command was accepted. `recorded` is false while the journal does not take it: it holds, and is kept."""

    model_config = _example(request="9f2c5c0e6b7d4a55", recorded=True)
    request: str
    recorded: bool


class DeviceAnswer(BaseModel):
    """The device was taken in, or forgotten."""

    model_config = _example(device="oximeter-3")
    device: str


class Problem(BaseModel):
    """Why not, and what would work."""

    model_config = _example(detail="there is no open session 's-104'")
    detail: str


class CheckAnswer(BaseModel):
    """One check of readiness."""

    name: str
    ok: bool
    detail: str


class Readiness(BaseModel):
    """Whether the station watches, and why not."""

    model_config = _example(ready=False, checks=[{"name": "journal", "ok": False, "detail": "disk full"}])
    ready: bool
    checks: list[CheckAnswer]
