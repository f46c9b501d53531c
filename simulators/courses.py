"""What happens to a simulated person: doses, and scripted adverse episodes."""

from typing import Annotated

from msgspec import Meta, Struct

from monitor.session import Route
from monitor.vitals import Signal

Seconds = Annotated[float, Meta(ge=0)]


class Episode(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A scripted change of one signal towards `to`: ramp, hold, recovery, in real seconds of a run.

    Real seconds, because the times that alerts count in are real ones at any speed of the background.
    """

    signal: Signal
    to: float
    start_s: Seconds
    ramp_s: Seconds
    hold_s: Seconds
    recover_s: Seconds
    every_s: Annotated[float, Meta(gt=0)] | None = None
    """The episode comes back this often; once when absent."""

    def weight(self, t_s: float) -> float:
        """How far the signal has gone from where it would be (0) to `to` (1), at `t_s` of the run."""
        since = t_s - self.start_s
        if since < 0:
            return 0.0
        if self.every_s is not None:
            since %= self.every_s
        if since < self.ramp_s:
            return since / self.ramp_s
        past_hold = since - self.ramp_s - self.hold_s
        if past_hold <= 0:
            return 1.0
        return 1 - past_hold / self.recover_s if past_hold < self.recover_s else 0.0


class Given(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A dose in somebody's course. `at_s`: real seconds of the run; negative, how long before it the dose was given."""

    drug: str
    amount_mg: Annotated[float, Meta(gt=0, le=10_000)]
    route: Route
    at_s: Annotated[float, Meta(ge=-86_400, le=86_400)]

    def minutes(self, t_s: float, rate: float) -> float:
        """Minutes of the course since the dose at `t_s` of the run, when the course passes `rate` times faster."""
        return ((t_s - max(self.at_s, 0)) * rate + max(-self.at_s, 0)) / 60
