"""Signs of the rhythm go to whoever wore the device, beside readings that stay what they are."""

import pytest
from msgspec.structs import replace

from monitor.events import AssignDevice, Observation, ReleaseDevice, Routed
from monitor.heart import RhythmSeen
from monitor.intake import Intake
from monitor.testing import START, make_observation, make_scope
from monitor.vitals import SECOND, Cause, Measured, Origin, Reading, RhythmSign, Signal
from tests.laws.world import World

SIGNS = (RhythmSign.IRREGULAR, RhythmSign.PAUSE)
HEART = Measured(Signal.HEART_RATE, 92.0)


def seen(*values: Measured, age: int = 0, cause: Cause = Cause.NONE) -> list[object]:
    observation = replace(make_observation(*values, received_at=START, origin=Origin.SIMULATED), rhythm=SIGNS)
    return [*Intake(make_scope()).receive(Routed("s-1", observation, START - age, cause), START)]


def test_signs_are_told_behind_the_readings() -> None:
    """With their device, instant and origin; the readings are those of the observation without signs."""
    plain = make_observation(HEART, received_at=START, origin=Origin.SIMULATED)
    readings = [*Intake(make_scope()).receive(Routed("s-1", plain, START), START)]
    assert seen(HEART) == [*readings, RhythmSeen("s-1", plain.device, SIGNS, START, Origin.SIMULATED)]
    assert isinstance(readings[0], Reading)


def test_signs_need_no_values() -> None:
    """A strap that tells its rate itself has signs all the same, which we find."""
    observation = Observation("strap-1", "waveform:1", 1, None, START, (), Origin.SIMULATED, rhythm=SIGNS)
    expected = RhythmSeen("s-1", "strap-1", SIGNS, START, Origin.SIMULATED)
    assert [*Intake(make_scope()).receive(Routed("s-1", observation, START), START)] == [expected]


@pytest.mark.parametrize(("age", "cause"), [(600 * SECOND, Cause.NONE), (0, Cause.LATE)])
def test_late_signs_are_not_told(age: int, cause: Cause) -> None:
    """They would look like what the heart does now."""
    assert not any(isinstance(each, RhythmSeen) for each in seen(HEART, age=age, cause=cause))


def test_signs_are_of_whoever_wears_the_device() -> None:
    """Of nobody while nobody does."""
    world, device = World(), "ecg-s-1"

    def told_of(sequence: int) -> list[str]:
        body = Observation(device, "waveform:1", sequence, None, world.now, (), Origin.SIMULATED, rhythm=SIGNS)
        return [told.body.session for told in world.put(body) if isinstance(told.body, RhythmSeen)]

    assert told_of(1) == ["s-1"]
    world.put(ReleaseDevice("r", "nurse-1", "s-1", device), "s-1")
    world.wait(SECOND)
    assert told_of(2) == []
    world.put(AssignDevice("a", "nurse-1", "s-2", device), "s-2")
    world.wait(SECOND)
    assert told_of(3) == ["s-2"]
