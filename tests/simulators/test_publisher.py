"""Simulated people reach a broker as devices would, whatever becomes of the link."""

import re

import pytest

from devices.source import DeviceError
from devices.topics import LIVE_ROOT, REHEARSAL_ROOT
from monitor.events import DeviceStatus
from monitor.vitals import SECOND
from simulators.faults import Fault, FaultKind
from simulators.instruments import CUFF, OXIMETER, STRAP, THERMOMETER, CuffSchedule, Person, together
from simulators.patient import Patient
from simulators.publisher import MAX_SPEED, RETRY_S, run_people
from tests.simulators.bodies import devices
from tests.simulators.virtual import SITE, START, Memory, VirtualClock, live, rehearsed

DEVICES = {"ox": OXIMETER, "ecg": STRAP, "cuff": CUFF, "temp": THERMOMETER}
CUFF_EVERY_10_S = CuffSchedule(first_s=1, every_s=10, repeat_s=9, takes_s=(0, 0), fails=0)


def somebody(seed: str = "a", *faults: Fault) -> Person:
    return Person(f"s-{seed}", Patient(seed, resting=True), devices(seed).instruments(CUFF_EVERY_10_S), faults)


def played(
    *people: Person,
    seconds: float = 60,
    speed: float = 1.0,
    delay_s: float = 0.0,
    lost: tuple[float, float] = (0.0, 0.0),
    root: str = REHEARSAL_ROOT,
    cancel_after_s: float | None = None,
) -> Memory:
    clock = VirtualClock()
    memory = Memory(clock, delay_s, lost)
    run = run_people(
        people or [somebody()], memory.publish, clock, speed=speed, duration_s=seconds, root=root, site=SITE
    )
    clock.run(run, cancel_after_s=cancel_after_s)
    return memory


def test_every_device_says_its_own_signals() -> None:
    """One message of a device holds all of its signals of that instant, and no others."""
    memory = played()
    for device, signals in DEVICES.items():
        for observation in memory.observations(f"{device}-a"):
            assert tuple(each.signal for each in observation.values) == signals


def test_messages_come_at_the_rate_of_the_device() -> None:
    """Once a second, the cuff by its schedule, the thermometer every five minutes."""
    memory = played(seconds=301)
    assert {device: len(memory.observations(f"{device}-a")) for device in DEVICES} == {
        "ox": 301,
        "ecg": 301,
        "cuff": 30,
        "temp": 2,
    }


def test_speed_multiplies_messages_and_leaves_real_seconds() -> None:
    """At speed 10 ten times as many messages come in the same time; cuff and stamps stay with the clock."""
    memory = played(speed=10)
    assert {device: len(memory.observations(f"{device}-a")) for device in DEVICES} == {
        "ox": 600,
        "ecg": 600,
        "cuff": 6,
        "temp": 1,
    }
    stamps = [each.device_time for each in memory.observations("ox-a")]
    assert stamps == [START + tick * SECOND // 10 for tick in range(600)]


def test_numbers_and_boots_tell_every_message_apart() -> None:
    """Each device counts from 0 without a gap, in a boot of its own."""
    memory = played()
    for device in DEVICES:
        observations = memory.observations(f"{device}-a")
        assert [each.sequence for each in observations] == list(range(len(observations)))
        assert len({each.boot for each in observations}) == 1


def test_devices_say_when_they_come_and_go() -> None:
    """Status is retained, first and last; observations are not; everything is sent at least once."""
    memory = played()
    for device in DEVICES:
        said = [
            (sent, message)
            for sent, message in zip(memory.sent, memory.decoded(), strict=True)
            if message.device == f"{device}-a"
        ]
        online = [message.online if isinstance(message, DeviceStatus) else None for _, message in said]
        assert online == [True, *[None] * (len(said) - 2), False]
        assert [sent.retain for sent, _ in said] == [status is not None for status in online]
        assert {sent.qos for sent, _ in said} == {1}


def test_the_same_people_send_the_same_bytes() -> None:
    """A run is the same to the byte for the same seeds and start, alone or in company, and other seeds differ."""
    assert played(somebody("a")).sent == played(somebody("a")).sent
    both = played(somebody("a"), somebody("b")).sent
    alone = {seed: played(somebody(seed)).sent for seed in "ab"}
    for seed in "ab":
        assert [sent for sent in both if re.search(rf"-{seed}/", sent.topic)] == alone[seed]
    assert [sent.payload for sent in alone["a"]] != [sent.payload for sent in alone["b"]]


def test_a_lost_link_repeats_and_goes_on_with_the_present() -> None:
    """What was under way is sent again under its number; what was not measured meanwhile is not made up."""
    observations = played(lost=(10.0, 20.0)).observations("ox-a")
    assert [each.sequence for each in observations] == list(range(len(observations)))
    stamps = [((each.device_time or 0) - START) / SECOND for each in observations]
    assert stamps == pytest.approx([*range(11), *range(20, 60)], abs=RETRY_S)


def test_a_slow_link_is_never_crowded() -> None:
    """At most one message of a device is under way, however fast the course and slow the link."""
    memory = played(speed=10, delay_s=0.7, seconds=10)
    assert set(memory.most_under_way.values()) == {1}
    assert 10 <= len(memory.observations("ox-a")) <= 15


def test_nonsense_leaves_as_the_bytes_that_it_is() -> None:
    """A corrupt payload is really published on the device's topic, for a collector to refuse."""
    nonsense = Fault(kind=FaultKind.CORRUPT_PAYLOAD, at_s=10, for_s=20, amount=1)
    sent = [each for each in played(somebody("a", nonsense)).sent if each.topic.endswith("ox-a/observation")]
    assert len(sent) == 60
    for number, each in enumerate(sent):
        if 10 <= number < 30:
            with pytest.raises(DeviceError):
                rehearsed(each)
        else:
            rehearsed(each)


def test_a_backlog_leaves_in_its_order() -> None:
    """What comes of one device at once comes one by one; what another sends does not wait for it."""
    backlog = Fault(kind=FaultKind.LATE_BACKLOG, at_s=10, for_s=20)
    memory = played(somebody("a", backlog), delay_s=0.01)
    assert [each.sequence for each in memory.observations("ox-a")] == [*range(60)]
    assert set(memory.most_under_way.values()) == {1}
    burst = [sent.topic for sent in memory.sent if START + 30 * SECOND <= sent.at < START + 31 * SECOND]
    assert "ecg-a" in burst[0] + burst[1]


def test_nothing_leaves_while_the_broker_is_lost() -> None:
    """The loss itself is for the service to tell: no message says it."""
    [person] = together([somebody("a", Fault(kind=FaultKind.BROKER_LOSS, at_s=10, for_s=20))])
    memory = played(person)
    assert [sent for sent in memory.sent if START + 10 * SECOND <= sent.at < START + 30 * SECOND] == []
    assert [each.sequence for each in memory.observations("ox-a")] == [*range(60)]


def test_a_dying_battery_is_kept_by_the_broker() -> None:
    """What a device says of itself in between is retained as its other statuses are."""
    memory = played(somebody("a", Fault(kind=FaultKind.BATTERY_DEATH, at_s=5, for_s=50, amount=4)))
    sent = [each for each in memory.sent if each.topic.endswith("ox-a/status")]
    said = [rehearsed(each) for each in sent]
    assert [each.battery for each in said if isinstance(each, DeviceStatus)] == [None, 15, 10, 5, 1, None, 100, None]
    assert all(each.retain for each in sent)


def test_a_link_that_stays_lost_does_not_hold_the_end() -> None:
    """A run is over when its time is over."""
    assert played(lost=(5.0, 1e9), seconds=20).sent[-1].at <= START + 5 * SECOND


def test_who_is_interrupted_says_so() -> None:
    """A cancelled run still tells that the devices are off."""
    memory = played(seconds=1e6, cancel_after_s=30)
    last = memory.decoded()[-4:]
    assert [isinstance(each, DeviceStatus) and not each.online for each in last] == [True] * 4


def test_a_refusal_ends_the_run() -> None:
    """What the broker does not allow is an error of the set-up, not something to repeat."""

    async def refuse(topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        raise RuntimeError("not allowed")

    clock = VirtualClock()
    with pytest.raises(ExceptionGroup) as raised:
        clock.run(run_people([somebody()], refuse, clock, duration_s=10, site=SITE))
    assert raised.value.subgroup(RuntimeError) is not None


@pytest.mark.parametrize("speed", [0, -1, MAX_SPEED * 2, float("nan")])
def test_a_speed_that_cannot_be_is_refused(speed: float) -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match="speed"):
        played(speed=speed)


def test_a_live_process_refuses_simulated_people() -> None:
    """Even on the live root no simulated value passes for a real one, and on their own root none is seen at all."""
    for sent in played(root=LIVE_ROOT, seconds=3).sent:
        if sent.topic.endswith("/observation"):
            with pytest.raises(DeviceError, match="simulated data on the live root"):
                live(sent)
    for sent in played(seconds=3).sent:
        rehearsed(sent)
        with pytest.raises(DeviceError, match="the topic is not"):
            live(sent)
