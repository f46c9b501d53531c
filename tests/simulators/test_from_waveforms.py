"""Sessions whose numbers come from waveforms: the same people and faults, and what disturbs one disturbs the other."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from monitor.events import DeviceStatus, Input, Observation, SiteCondition
from monitor.vitals import SECOND, Cause, Measured, Quality, Signal
from simulators.faults import KINDS, Fault, FaultKind
from simulators.from_waveforms.causes import EFFECTS, LOOSE_AT_AN_END, SENT, Where
from simulators.from_waveforms.sampling import Sampler
from simulators.from_waveforms.skin import Skin
from simulators.from_waveforms.taking import has_waveforms, retaken
from simulators.instruments import CuffSchedule, Devices
from simulators.play import START, Take, take
from simulators.story import Scenario, Script
from simulators.waves.chance import uniform
from simulators.waves.channels import Channel
from simulators.worn.roles import MEASURED_BY, Role
from tests.simulators.written_body import USUAL

LASTS_S, AT_S, FOR_S = 240.0, 90.0, 60.0
DURING, AFTER = (AT_S + 15, AT_S + FOR_S), (AT_S + FOR_S + 30, LASTS_S)
"""When a fault has acted on what is averaged over 8 s, and when that is over."""
K, Q = FaultKind, Quality
Said = Mapping[Signal, Sequence[tuple[float, Measured]]]


def script(number: int, *faults: Fault, seed: str = "calm/3") -> Script:
    """Somebody at rest; their cuff begins with the fault."""
    devices = Devices(
        oximeter=f"ox-{number}", strap=f"ecg-{number}", cuff=f"cuff-{number}", thermometer=f"temp-{number}"
    )
    cuff = CuffSchedule(first_s=AT_S, every_s=300, takes_s=(40, 40), fails=0)
    return Script(id=f"s-{number}", room=str(number), seed=seed, devices=devices, cuff=cuff, fault=faults)


def story(*faults: Fault, others: Sequence[Script] = ()) -> Scenario:
    """Four minutes."""
    return Scenario(title="a test", by="nurse-1", duration_s=LASTS_S, session=(script(1, *faults), *others))


def fault(kind: FaultKind, role: Role, other: str | None = None) -> Fault:
    """One that begins and ends in the middle; a battery dies sooner than usual."""
    amount = 5.0 if kind is K.BATTERY_DEATH else None
    return Fault(kind=kind, device=role, at_s=AT_S, for_s=FOR_S, amount=amount, with_session=other)


def stories() -> dict[str, Scenario]:
    """Nothing wrong, and every kind of fault on whatever sends waveforms, or on the site."""
    found = {"nothing": story()}
    for kind in FaultKind:
        for role in {*SENT, Role.SITE} & {*KINDS[kind].on}:
            if kind is K.SWAPPED_DEVICES:
                found[f"{kind} {role}"] = story(fault(kind, role, "s-2"), others=(script(2, seed="other/1"),))
            else:
                found[f"{kind} {role}"] = story(fault(kind, role))
    return found


@cache
def played() -> Mapping[str, tuple[Take, Take]]:
    """All of them, side by side."""
    takes = [take(scenario, name) for name, scenario in stories().items()]
    return {one.name: (one, again) for one, again in retaken(takes)}


def said(taken: Take, device: str, span: tuple[float, float] = (0, LASTS_S)) -> Said:
    """Each value of a device that came in a span, by signal, with the second in which it came."""
    found: dict[Signal, list[tuple[float, Measured]]] = {}
    for at, body in taken.inputs:
        if isinstance(body, Observation) and body.device == device and span[0] <= at / SECOND < span[1]:
            for measured in body.values:
                found.setdefault(measured.signal, []).append((at / SECOND, measured))
    return found


def states(name: str, signal: Signal, span: tuple[float, float] = DURING) -> set[tuple[Quality, Cause]]:
    """What was said of a signal's values while a fault acted."""
    device = "ox-1" if signal in MEASURED_BY[Role.OXIMETER] else "ecg-1"
    return {(each.quality, each.cause) for _, each in said(played()[name][1], device, span).get(signal, ())}


FINE = (Q.VALID, Cause.NONE)


def test_numbers_of_somebody_at_rest_are_those_of_a_device_that_sends_numbers() -> None:
    """Every signal comes, all valid, and on average as close as a device's error and the breath allow."""
    numbers, waves = played()["nothing"]
    for device, signal, within in (
        ("ox-1", Signal.SPO2, 1.0),
        ("ox-1", Signal.PULSE_RATE, 2.0),
        ("ox-1", Signal.PERFUSION_INDEX, 0.5),
        ("ecg-1", Signal.HEART_RATE, 2.0),
        ("ecg-1", Signal.RESPIRATION_RATE, 1.0),
    ):
        one, other = (said(taken, device, (60, LASTS_S))[signal] for taken in (numbers, waves))
        assert {(each.quality, each.cause) for _, each in other} == {FINE}, signal
        assert mean(other) == pytest.approx(mean(one), abs=within), signal


def mean(values: Sequence[tuple[float, Measured]]) -> float:
    """Of all that have a value."""
    found = [each.value for _, each in values if each.value is not None]
    return sum(found) / len(found)


@pytest.mark.parametrize(
    ("name", "signal", "expected"),
    [
        ("probe_off oximeter", Signal.SPO2, {(Q.INVALID, Cause.PROBE_OFF)}),
        ("probe_off oximeter", Signal.PULSE_RATE, {(Q.INVALID, Cause.PROBE_OFF)}),
        ("probe_off strap", Signal.HEART_RATE, {(Q.INVALID, Cause.LEADS_OFF), (Q.INVALID, Cause.WEAK_SIGNAL)}),
        ("motion oximeter", Signal.SPO2, {(Q.QUESTIONABLE, Cause.MOTION), (Q.INVALID, Cause.MOTION)}),
        ("motion oximeter", Signal.PULSE_RATE, {(Q.QUESTIONABLE, Cause.MOTION), (Q.QUESTIONABLE, Cause.WEAK_SIGNAL)}),
        ("low_perfusion oximeter", Signal.SPO2, {(Q.QUESTIONABLE, Cause.LOW_PERFUSION)}),
    ],
)
def test_what_the_skin_does_is_noticed(name: str, signal: Signal, expected: set[tuple[Quality, Cause]]) -> None:
    """The value is doubted or missing while the fault lasts, for its cause, and valid again some time after."""
    assert states(name, signal)
    assert states(name, signal) <= expected
    assert FINE in states(name, signal, AFTER)


def test_a_finger_below_a_cuff_has_no_pulse_while_it_is_inflated() -> None:
    """The cuff begins with the fault and takes 40 s; saturation and pulse say why they are gone."""
    for signal in (Signal.SPO2, Signal.PULSE_RATE):
        assert states("cuff_same_arm oximeter", signal, (AT_S + 15, AT_S + 40)) == {(Q.INVALID, Cause.NO_PULSE)}


@pytest.mark.parametrize("role", SENT)
def test_exchanged_devices_tell_the_other_person(role: Role) -> None:
    """While it lasts, each rate is that of the other's device that sends numbers without the fault."""
    signal, device = {
        Role.OXIMETER: (Signal.PULSE_RATE, "ox-1"),
        Role.STRAP: (Signal.HEART_RATE, "ecg-1"),
    }[role]
    alone, (numbers, waves) = played()["nothing"][0], played()[f"swapped_devices {role}"]
    own, exchanged, found = (mean(said(taken, device, DURING)[signal]) for taken in (alone, numbers, waves))
    assert abs(own - exchanged) > 8
    assert found == pytest.approx(exchanged, abs=2.5)


SILENT = (K.ZOMBIE_LINK, K.BATTERY_DEATH, K.STORED_RECORDS, K.LATE_BACKLOG)
SCARCE = (K.DROPOUT, K.CORRUPT_PAYLOAD, K.REORDERING)


@pytest.mark.parametrize(("role", "device"), [(Role.OXIMETER, "ox-1"), (Role.STRAP, "ecg-1")])
def test_what_befalls_messages_befalls_chunks(role: Role, device: str) -> None:
    """None come, or too few to compute much: a gap begins anew. What comes in pieces, or twice, changes nothing."""
    usual = said(played()["nothing"][1], device)
    count = {kind: len(said(played()[f"{kind} {role}"][1], device, DURING)) for kind in SILENT}
    assert count == dict.fromkeys(SILENT, 0)
    signal = MEASURED_BY[role][0]
    for kind in SCARCE:
        came = said(played()[f"{kind} {role}"][1], device, DURING).get(signal, ())
        assert len(came) < len(said(played()["nothing"][1], device, DURING)[signal]) / 2, kind
    for kind in (K.DUPLICATES, K.FLOOD):
        assert said(played()[f"{kind} {role}"][1], device) == usual, kind


@pytest.mark.parametrize(("kind", "by_s"), [(K.CLOCK_SKEW, 600), (K.CLOCK_JUMP, -90)])
def test_a_wrong_clock_stamps_the_numbers(kind: FaultKind, by_s: float) -> None:
    """By as much as the clock is wrong; the numbers themselves go on."""
    taken = played()[f"{kind} oximeter"][1]
    stamps = {
        ((body.device_time or 0) - START - at) / SECOND
        for at, body in taken.inputs
        if isinstance(body, Observation) and body.device == "ox-1" and DURING[0] <= at / SECOND < DURING[1]
    }
    assert stamps == {by_s}


def test_a_sensor_that_hangs_repeats_its_samples() -> None:
    """Once a second the same: its rate is a number of times a minute that is none of the person's."""
    found = [each.value for _, each in said(played()["stuck_value strap"][1], "ecg-1", DURING)[Signal.HEART_RATE]]
    assert all(value is None or value % 60 == pytest.approx(0, abs=1) for value in found[-20:])


def test_a_backlog_comes_at_once_with_its_old_stamps() -> None:
    """What was computed from it is as late as it was."""
    late = [
        (at, body)
        for at, body in played()["broker_loss site"][1].inputs
        if isinstance(body, Observation) and body.device == "ecg-1" and at > (body.device_time or 0) - START
    ]
    assert len(late) > FOR_S / 2
    assert {at for at, _ in late} == {int(AT_S + FOR_S) * SECOND}


def test_everything_but_the_numbers_of_oximeters_and_straps_is_the_same() -> None:
    """Cuffs, thermometers, what devices say of themselves and what is said of the site; and the truth of it all."""
    for name, (one, again) in played().items():
        assert rest(one) == rest(again), name
        assert (one.events, one.faults, one.quiets) == (again.events, again.faults, again.quiets)


def rest(taken: Take) -> list[tuple[int, Input]]:
    """What no front end sends."""
    return [
        (at, body)
        for at, body in taken.inputs
        if isinstance(body, DeviceStatus | SiteCondition)
        or (isinstance(body, Observation) and body.device.split("-")[0] not in ("ox", "ecg"))
    ]


def test_a_take_does_not_depend_on_who_is_played_beside_it() -> None:
    """The same seed, the same result: alone and among thirty."""
    for name in ("nothing", "motion oximeter", "dropout strap"):
        ((_, alone),) = retaken([take(stories()[name], name)])
        assert alone.inputs == played()[name][1].inputs


def test_every_fault_has_a_counterpart_or_is_known_to_have_none() -> None:
    """A new kind of fault does not act on numbers alone unnoticed."""
    assert set(EFFECTS) == set(FaultKind)
    skin = {kind for kind, effect in EFFECTS.items() if effect.where is Where.SKIN}
    chunks = {kind for kind, effect in EFFECTS.items() if effect.where is Where.CHUNKS}
    touching = {kind for kind, info in KINDS.items() if info.touch and not SENT.keys().isdisjoint(info.on)}
    assert skin == touching | {K.SWAPPED_DEVICES}
    assert chunks == {kind for kind, info in KINDS.items() if info.carrier}


def test_every_fault_is_in_the_table_that_people_read() -> None:
    """With what it does to the waveform."""
    page = (Path(__file__).parents[2] / "docs" / "score.md").read_text(encoding="utf-8")
    assert [kind for kind in FaultKind if f"`{kind}`" not in page] == []


@pytest.mark.parametrize("at_an_end", [True, False])
@pytest.mark.parametrize("channel", [each for channels in SENT.values() for each in channels])
def test_a_sensor_without_contact_is_at_an_end_or_idle(channel: Channel, at_an_end: bool) -> None:
    """Where it is at an end its samples do not change at all; idle, nothing of the person is in them."""
    calm, gone = np.ones(120), np.repeat([1.0, 0.0], 60)
    seed = next(
        f"loose/{n}" for n in range(20) if (uniform(f"loose/{n}/loose", 1, 2)[0] < LOOSE_AT_AN_END) == at_an_end
    )
    skin = Skin({signal: calm * value for signal, value in USUAL.items()}, 0 * calm, 0 * calm, gone)
    sampler = Sampler(skin, seed)
    before, after = (np.array(sampler.second(channel, number)) for number in (30, 90))
    assert np.ptp(before) > 0
    assert (np.ptp(after) == 0) == at_an_end


def test_somebody_recorded_has_no_waveforms() -> None:
    """What was recorded are numbers."""
    recorded = replace(script(1), recording="bidmc_10")
    assert has_waveforms(story())
    assert not has_waveforms(replace(story(), session=(recorded,)))
