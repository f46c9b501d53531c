"""What of somebody's rhythm stands on a tile: the newest signs of each device that is worn, for as long as they are."""

from msgspec.structs import replace

from dashboards.live.views import RhythmView, SessionView
from monitor.heart import RhythmSeen
from monitor.vitals import SECOND

SHOWN_FOR = 10 * SECOND
"""Signs of which a device says nothing any more are gone after so long; a heart rate is stale by then."""


def with_rhythm(session: SessionView, seen: RhythmSeen) -> SessionView:
    """The tile with what a device has seen, if it is worn and has not seen anything later."""
    before = next((each for each in session.rhythms if each.device == seen.device), None)
    if seen.device not in session.devices or (before is not None and before.measured_at > seen.measured_at):
        return session
    shown = RhythmView(device=seen.device, signs=seen.signs, measured_at=seen.measured_at, origin=seen.origin)
    return replace(session, rhythms=(*_but(session, seen.device), shown))


def without_rhythm(session: SessionView, device: str) -> SessionView:
    """The tile of somebody who does not wear the device any more."""
    left = _but(session, device)
    return session if left == session.rhythms else replace(session, rhythms=left)


def faded(session: SessionView, now: int) -> SessionView:
    """The tile without signs that were not told again."""
    left = tuple(each for each in session.rhythms if now < fades_at(each))
    return session if left == session.rhythms else replace(session, rhythms=left)


def fades_at(shown: RhythmView) -> int:
    """When a device's signs are gone, unless it tells them again."""
    return shown.measured_at + SHOWN_FOR


def _but(session: SessionView, device: str) -> tuple[RhythmView, ...]:
    return tuple(each for each in session.rhythms if each.device != device)
