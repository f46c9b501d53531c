"""What goes wrong with devices: each kind does what it says, and no combination makes up a measurement."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from devices.source import DeviceError
from devices.topics import OBSERVATION, REHEARSAL_ROOT, decode, topic
from monitor.events import Input, Observation, Quarantined, SiteCondition
from monitor.vitals import SECOND, Cause, Measured, Origin, Quality, Signal
from simulators.faults import KINDS, Fault, FaultKind, mistakes
from simulators.faults.kinds import amount, role
from simulators.worn.roles import MEASURED_BY, Role
from tests.simulators.bodies import (
    Scripted,
    arrivals,
    level,
    observations,
    second,
    somebody,
    statuses,
    value,
)
from tests.simulators.virtual import SITE, START

K = FaultKind
FIRST, LAST = 20, 80
DURING = range(FIRST, LAST)
OX, CUFF = "ox-a", "cuff-a"
MINUTES = 200
SOUND = arrivals([somebody()], MINUTES)
DEVICE = {Role.OXIMETER: "ox-a", Role.STRAP: "ecg-a", Role.CUFF: "cuff-a", Role.THERMOMETER: "temp-a"}


def fault(kind: FaultKind, **details: object) -> Fault:
    """One from second FIRST to before LAST."""
    return replace(Fault(kind=kind, at_s=FIRST, for_s=LAST - FIRST), **details)


def played(kind: FaultKind, **details: object) -> list[tuple[int, Input]]:
    return arrivals([somebody(fault(kind, **details))], MINUTES)


def of(sent: Sequence[tuple[int, Input]], device: str) -> list[tuple[int, Observation]]:
    return [(at, each) for at, each in sent if isinstance(each, Observation) and each.device == device]


def outside(sent: Sequence[tuple[int, Input]], device: str = OX) -> list[tuple[int, Observation]]:
    """What came of a device before and after the fault."""
    return [(at, each) for at, each in of(sent, device) if at not in DURING]


def inside(sent: Sequence[tuple[int, Input]], device: str = OX) -> list[Observation]:
    return [each for at, each in of(sent, device) if at in DURING]


def test_probe_off() -> None:
    """Each device says that it has no contact, for as long as it has none; a thermometer does not notice."""
    for device, cause in (
        ("oximeter", Cause.PROBE_OFF),
        ("strap", Cause.LEADS_OFF),
        ("cuff", Cause.MEASUREMENT_FAILED),
    ):
        name = DEVICE[Role(device)]
        sent = played(K.PROBE_OFF, device=Role(device))
        found = inside(sent, name)
        assert len(found) >= 1
        assert {(each.value, each.quality, each.cause) for one in found for each in one.values} == {
            (None, Quality.INVALID, cause)
        }
        if device != "cuff":
            assert outside(sent, name) == outside(SOUND, name)
    slipped = Fault(kind=K.PROBE_OFF, device=Role.THERMOMETER, for_s=10)
    shown = observations(arrivals([somebody(slipped)], 5), "temp-a")
    assert [each.values for each in shown] == [(Measured(Signal.TEMPERATURE, 31.0),)]


def test_motion() -> None:
    """Values are wrong while it lasts, and doubted but for a share that the sensor does not notice."""
    sent = played(K.MOTION, amount=1.0)
    assert outside(sent) == outside(SOUND)
    said = [each for one in inside(sent) for each in one.values if each.signal is not Signal.PERFUSION_INDEX]
    noticed = [each.cause is Cause.MOTION for each in said]
    assert {each.cause for each in said} == {Cause.MOTION, Cause.NONE}
    assert 0.6 < sum(noticed) / len(noticed) < 1
    assert min(each.value or 99 for each in said) < 90


def test_low_perfusion() -> None:
    """The index is what the story says, and everything that needs a pulse is doubted."""
    sent = played(K.LOW_PERFUSION, amount=0.1)
    assert outside(sent) == outside(SOUND)
    for observation in inside(sent):
        assert value(observation, Signal.PERFUSION_INDEX) == Measured(Signal.PERFUSION_INDEX, 0.1)
        assert value(observation, Signal.SPO2).cause is Cause.LOW_PERFUSION


def test_cuff_same_arm() -> None:
    """For 30 to 60 s a cycle the finger has no pulse, or a weak one; otherwise nothing is wrong."""
    sent = arrivals([somebody(Fault(kind=K.CUFF_SAME_ARM, for_s=1000))], MINUTES)
    inflations = [35 - 30, 65, 125]
    disturbed = [at for at, each in of(sent, OX) if each != dict(of(SOUND, OX))[at]]
    for began in inflations:
        cycle = [at for at in disturbed if began <= at < began + 60]
        assert cycle == [*range(began + 1, began + 42)]
        assert {each.values[0].cause for at, each in of(sent, OX) if at in cycle[:30]} == {Cause.NO_PULSE}
        assert {each.values[0].cause for at, each in of(sent, OX) if at in cycle[30:]} == {Cause.LOW_PERFUSION}
    assert len(disturbed) <= 41 * 4


def test_failed_cuff() -> None:
    """Each cycle that ends meanwhile fails, and somebody repeats it."""
    sent = played(K.FAILED_CUFF, for_s=150)
    causes = [(at, each.values[0].cause) for at, each in of(sent, CUFF)]
    assert causes == [(35, Cause.MEASUREMENT_FAILED), (155, Cause.MEASUREMENT_FAILED)]


def test_swapped_devices() -> None:
    """Meanwhile each person's device says what the other one's body is like."""
    other = Scripted({Signal.SPO2: level(91)})
    swap = fault(K.SWAPPED_DEVICES, with_session="s-b")
    sent = arrivals([somebody(swap, seed="a"), somebody(body=other, seed="b")], MINUTES)
    for at, observation in of(sent, "ox-b"):
        assert (value(observation, Signal.SPO2).value == 91) is (at not in DURING)
    assert {value(each, Signal.SPO2).value for each in inside(sent)} == {91}
    assert of(sent, "ecg-a") == of(SOUND, "ecg-a")
    with pytest.raises(StopIteration):
        arrivals([somebody(swap, seed="a")], 1)


def test_stuck_value() -> None:
    """New messages, numbers and stamps, and the values of its beginning for a minute and more."""
    sent = played(K.STUCK_VALUE)
    assert outside(sent) == outside(SOUND)
    assert {each.values for each in inside(sent)} == {inside(SOUND)[0].values}
    assert [(each.sequence, second(each)) for each in inside(sent)] == [(tick, tick) for tick in DURING]


def test_flood() -> None:
    """So many messages for each one, none of which passes for another."""
    sent = of(played(K.FLOOD, amount=15), OX)
    assert Counter(at for at, _ in sent) == {tick: 15 if tick in DURING else 1 for tick in range(MINUTES)}
    assert [each.sequence for _, each in sent] == [*range(len(sent))]
    stamps = [each.device_time or 0 for _, each in sent]
    assert stamps == sorted(set(stamps))
    assert all((each.device_time or 0) <= each.received_at for _, each in sent)


@pytest.mark.parametrize("kind", [K.CLOCK_SKEW, K.CLOCK_JUMP])
def test_clocks(kind: FaultKind) -> None:
    """The stamps are off by what the story says, and nothing else changes."""
    sent = played(kind, amount=-45)
    assert outside(sent) == outside(SOUND)
    right = [replace(each, device_time=(each.device_time or 0) + 45 * SECOND) for each in inside(sent)]
    assert right == inside(SOUND)


def test_zombie_link() -> None:
    """It says that it is online, again and again, and nothing that it sends has a value."""
    sent = played(K.ZOMBIE_LINK)
    assert outside(sent) == outside(SOUND)
    assert {each.value for one in inside(sent) for each in one.values} == {None}
    assert [(at, each.online) for at, each in statuses(sent, OX)] == [(FIRST, True), (50, True)]


def test_battery_death() -> None:
    """It says that it runs down, falls silent, is reported gone, and comes back with a new boot and a full battery."""
    sent = played(K.BATTERY_DEATH, for_s=120, amount=40)
    said = [(at, each.online, each.battery) for at, each in statuses(sent, OX)]
    running_down = [(20, True, 15.0), (30, True, 10.0), (40, True, 5.0), (50, True, 1.0)]
    assert said == [*running_down, (105, False, None), (140, True, 100.0)]
    assert [at for at, _ in of(sent, OX)] == [*range(60), *range(140, MINUTES)]
    boots = {at >= 140: each.boot for at, each in of(sent, OX)}
    assert len(set(boots.values())) == 2
    assert [each.sequence for _, each in of(sent, OX)] == [*range(60), *range(60)]


def test_dropout() -> None:
    """So many are lost as the story says, and what comes is as it was."""
    sent = played(K.DROPOUT, amount=0.4)
    assert set(sent) < set(SOUND)
    assert outside(sent) == outside(SOUND)
    assert 20 <= len(inside(sent)) <= 52
    assert inside(played(K.DROPOUT, amount=1.0)) == []


def test_duplicates() -> None:
    """Some come twice, within seconds, to the letter; none is missing."""
    sent = of(played(K.DUPLICATES, amount=0.5), OX)
    times = Counter(each.sequence for _, each in sent)
    assert set(times) == set(range(MINUTES))
    assert {number for number, count in times.items() if count == 2} <= set(DURING)
    assert 12 <= sum(count == 2 for count in times.values()) <= 48
    said = {each.sequence: each.values for _, each in of(SOUND, OX)}
    assert all(each.values == said[each.sequence] and at - second(each) <= 6 for at, each in sent)


def test_reordering() -> None:
    """Some are overtaken by later ones, by seconds; none is missing and none comes twice."""
    sent = of(played(K.REORDERING, amount=0.5), OX)
    numbers = [each.sequence for _, each in sent]
    assert sorted(numbers) == [*range(MINUTES)]
    assert sum(number < before for before, number in pairwise(numbers)) >= 10
    assert all(0 <= at - second(each) <= 4 for at, each in sent)


def test_stored_records() -> None:
    """Nothing comes meanwhile; then the records come as stored ones, some with each tick, beside the present."""
    sent = of(played(K.STORED_RECORDS), OX)
    assert [second(each) for at, each in sent if each.stored] == [*DURING]
    assert Counter(at for at, each in sent if each.stored) == {80: 20, 81: 20, 82: 20}
    assert [at for at, each in sent if not each.stored] == [at for at in range(MINUTES) if at not in DURING]


def test_late_backlog() -> None:
    """Nothing comes meanwhile; then all of it at once, in order, before what is new, with the old stamps."""
    sent = of(played(K.LATE_BACKLOG), OX)
    assert [each.sequence for _, each in sent] == [*range(MINUTES)]
    assert [second(each) for at, each in sent if at == LAST] == [*DURING, LAST]
    assert [at for at, _ in sent if at in DURING] == []


def test_corrupt_payload() -> None:
    """What comes instead cannot be used by anybody, says so as a collector would, and can be sent again as it was."""
    sent = played(K.CORRUPT_PAYLOAD, amount=1.0)
    assert outside(sent) == outside(SOUND)
    refused = [(at, each) for at, each in sent if isinstance(each, Quarantined)]
    assert [at for at, _ in refused] == [*DURING]
    for at, each in refused:
        assert each.device == OX
        assert each.received_at == START + at * SECOND
        where = topic(OX, OBSERVATION, root=REHEARSAL_ROOT, site=SITE)
        with pytest.raises(DeviceError) as error:
            decode(where, each.sample.encode(), 0, root=REHEARSAL_ROOT, site=SITE, origin=Origin.SIMULATED)
        assert error.value.reason == each.reason


def test_broker_loss() -> None:
    """It is told once; nothing comes of anybody; when it is over all comes of all."""
    sent = arrivals([somebody(fault(K.BROKER_LOSS)), somebody(seed="b"), somebody(seed="c")], MINUTES)
    conditions = [(at, each.code, each.present) for at, each in sent if isinstance(each, SiteCondition)]
    assert conditions == [(FIRST, "broker_lost", True), (LAST, "broker_lost", False)]
    assert [each for at, each in sent if at in DURING] == [
        sent[next(i for i, s in enumerate(sent) if s[0] == FIRST)][1]
    ]
    for seed in "abc":
        for device in ("ox", "ecg"):
            assert [each.sequence for _, each in of(sent, f"{device}-{seed}")] == [*range(MINUTES)]


LAWS = {K.CLOCK_SKEW: test_clocks, K.CLOCK_JUMP: test_clocks}


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_has_its_law(kind: FaultKind) -> None:
    """What a fault does is said by a test, and by the words of what does it."""
    assert kind in LAWS or f"test_{kind}" in globals()
    info = KINDS[kind]
    work = info.touch or info.carrier
    assert kind is K.SWAPPED_DEVICES or (work is not None and len(work.__doc__ or "") > 60)


RARE = st.sampled_from([each for each in FaultKind if each is not K.SWAPPED_DEVICES])


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    kind = draw(RARE)
    info = KINDS[kind]
    at_s, for_s = draw(st.integers(0, 100)), draw(st.integers(1, 90))
    every_s = draw(st.none() | st.integers(for_s + 1, 200))
    return Fault(kind=kind, device=draw(st.sampled_from(info.on)), at_s=at_s, for_s=for_s, every_s=every_s)


def measurements(sent: Sequence[tuple[int, Input]]) -> Counter[tuple[str, str, int]]:
    return Counter((each.device, each.boot, each.sequence) for _, each in sent if isinstance(each, Observation))


def values_of(sent: Sequence[tuple[int, Input]]) -> set[tuple[str, tuple[Measured, ...]]]:
    return {(each.device, each.values) for _, each in sent if isinstance(each, Observation)}


SKIN = {kind for kind, info in KINDS.items() if info.touch is not None}


@settings(max_examples=150)
@given(one=faults(), other=faults())
def test_two_faults_never_make_up_a_measurement(one: Fault, other: Fault) -> None:
    """Whatever befalls together: what comes was measured, in order of time, each number once or again."""
    sent = arrivals([somebody(one, other)], MINUTES)
    kinds = {one.kind, other.kind}
    assert [at for at, _ in sent] == sorted(at for at, _ in sent)
    for at, each in sent:
        if not isinstance(each, SiteCondition):
            assert each.received_at == START + at * SECOND  # type: ignore[union-attr] # devices say nothing else
    count = measurements(sent)
    assert all(number >= 0 for _, _, number in count)
    if K.DUPLICATES not in kinds:
        assert set(count.values()) == {1}
    if K.FLOOD not in kinds and not kinds & SKIN:
        assert len(count) <= len(measurements(SOUND))
    if not kinds & SKIN:
        known = values_of(SOUND)
        assert all(
            (each.device, each.values) in known or {measured.value for measured in each.values} == {None}
            for _, each in sent
            if isinstance(each, Observation)
        )


@given(one=faults(), other=faults())
@settings(max_examples=30)
def test_order_in_the_story_means_nothing_and_chance_is_seeded(one: Fault, other: Fault) -> None:
    """Skin comes before device before way, however a story lists them; the same story sends the same bytes."""
    sent = arrivals([somebody(one, other)], MINUTES)
    assert sent == arrivals([somebody(one, other)], MINUTES)
    swapped = arrivals([somebody(other, one)], MINUTES)
    if one.kind is not other.kind:
        assert swapped == sent


@given(one=faults())
@settings(max_examples=40)
def test_until_it_begins_nothing_is_different(one: Fault) -> None:
    """A fault to come changes nothing, and one of another device never does."""
    sent = arrivals([somebody(one)], MINUTES)
    assert [each for each in sent if each[0] < one.at_s] == [each for each in SOUND if each[0] < one.at_s]
    for spared, device in DEVICE.items():
        if role(one) not in (spared, Role.SITE):
            assert of(sent, device) == of(SOUND, device)


def test_no_fault_is_the_stream_of_sound_devices() -> None:
    """One that never comes leaves every byte as it is."""
    assert arrivals([somebody(Fault(kind=K.DROPOUT, at_s=10_000, for_s=1))], MINUTES) == SOUND


@pytest.mark.parametrize("kind", FaultKind)
def test_the_truth_of_a_fault(kind: FaultKind) -> None:
    """It is there each time that the fault comes, names its device, and allows a rule of the fault's own name."""
    with_session = "s-b" if kind is K.SWAPPED_DEVICES else None
    came = Fault(kind=kind, at_s=10, for_s=20, every_s=50, with_session=with_session)
    people = [somebody(came), somebody(seed="b")]
    arrivals(people, 1)
    spans = people[0].fault_spans(100)
    assert [(span.start_s, span.end_s) for span in spans] == [(10, 30), (60, 80)]
    for span in spans:
        assert (span.session, span.kind) == ("s-a", kind)
        assert span.device == DEVICE.get(role(came), "")
        assert kind.value in span.tells
        assert span.signals == (MEASURED_BY[role(came)] if KINDS[kind].spoils else ())
    concerned = kind in (K.SWAPPED_DEVICES, K.BROKER_LOSS)
    assert len(people[1].fault_spans(100)) == (2 if concerned else 0)


MISTAKES = {
    "cannot befall strap": Fault(kind=K.LOW_PERFUSION, device=Role.STRAP, for_s=1),
    "has no amount": Fault(kind=K.STUCK_VALUE, for_s=1, amount=2),
    "share lost, 0 to 1": Fault(kind=K.DROPOUT, for_s=1, amount=1.5),
    "share doubled, 0 to 1": Fault(kind=K.DUPLICATES, for_s=1, amount=-0.5),
    "with_session is for": Fault(kind=K.DROPOUT, for_s=1, with_session="s-b"),
    "which needs it": Fault(kind=K.SWAPPED_DEVICES, for_s=1),
    "longer than for_s": Fault(kind=K.DROPOUT, for_s=10, every_s=10),
}


@pytest.mark.parametrize(("message", "mistaken"), MISTAKES.items(), ids=MISTAKES)
def test_a_fault_that_cannot_be_is_told(message: str, mistaken: Fault) -> None:
    """Whoever writes a story learns what would be right."""
    assert message in "; ".join(mistakes(mistaken))


@pytest.mark.parametrize("kind", FaultKind)
def test_the_usual_fault_is_no_mistake(kind: FaultKind) -> None:
    """Every kind works as it is, and its usual amount lies within what it allows."""
    usual = Fault(kind=kind, for_s=60, with_session="s-b" if kind is K.SWAPPED_DEVICES else None)
    assert [*mistakes(usual)] == []
    assert KINDS[kind].least <= amount(usual) <= KINDS[kind].most
