"""What was recorded is said again today: moved to now, simulated, and never twice under one name."""

import pytest
from msgspec.structs import replace

from devices.source import DeviceError
from devices.topics import LIVE_ROOT, REHEARSAL_ROOT, decode
from monitor.alert import Delivery
from monitor.commands import Acknowledge, AddNote, Command, GiveDose, OpenSession
from monitor.events import (
    ClockJumped,
    DeliveryReported,
    DeviceStatus,
    Envelope,
    Input,
    Observation,
    Quarantined,
    SiteCondition,
)
from monitor.session import Dose, Route
from monitor.vitals import SECOND, Cause, Measured, Origin, Quality, RhythmSign, Signal
from simulators.recordings.rehearsing import Message, Rehearsing
from tests.laws.world import START, started

NOW = START + 10**6 * SECOND
LATER = START + 60 * SECOND
REAL = Observation("ox-1", "b1", 7, LATER - 3 * SECOND, LATER, (Measured(Signal.SPO2, 97.0),), Origin.REAL)


def said(body: Input, lap: int = 1, begin: int = START, at: int = LATER) -> Message | Command | Observation | None:
    return Rehearsing("site", lap, begin).said(Envelope("ward", 5, at, "", "", body), NOW)


def heard(message: object) -> Observation | DeviceStatus:
    """What a rehearsal makes of it."""
    assert isinstance(message, Message)
    return decode(message.topic, message.payload, NOW, root=REHEARSAL_ROOT, site="site", origin=Origin.SIMULATED)


def test_a_real_reading_is_simulated_when_it_is_said_again() -> None:
    """By topic and by payload: a process that watches people takes it for neither."""
    message = said(REAL)
    told = heard(message)
    assert isinstance(told, Observation)
    assert (told.origin, told.values, told.sequence) == (Origin.SIMULATED, REAL.values, REAL.sequence)
    assert isinstance(message, Message)
    assert not message.topic.startswith(LIVE_ROOT)
    with pytest.raises(DeviceError):
        decode(
            message.topic.replace(REHEARSAL_ROOT, LIVE_ROOT),
            message.payload,
            NOW,
            root=LIVE_ROOT,
            site="site",
            origin=Origin.REAL,
        )


@pytest.mark.parametrize("late_s", [0, 3, 600, -5])
def test_it_is_as_late_as_it_was(late_s: int) -> None:
    """A device that sends late or whose clock is wrong does so today; to the millisecond that messages have."""
    told = heard(said(replace(REAL, device_time=LATER - late_s * SECOND)))
    assert isinstance(told, Observation)
    assert told.device_time is not None
    assert 0 <= told.device_time - (NOW - late_s * SECOND) < 10**6


def test_what_a_device_said_without_a_clock_or_a_value_stays_so() -> None:
    """Nothing is made up for it."""
    nothing = (Measured(Signal.SPO2, None, Quality.INVALID, Cause.PROBE_OFF),)
    told = heard(said(replace(REAL, device_time=None, values=nothing, stored=True)))
    assert isinstance(told, Observation)
    assert (told.device_time, told.values, told.stored) == (None, nothing, True)


@pytest.mark.parametrize("values", [REAL.values, ()])
def test_what_was_computed_is_said_as_it_was_computed(values: tuple[Measured, ...]) -> None:
    """No message can hold it, so none does; simulated, as late, and in every lap under another boot."""
    computed = replace(REAL, boot="waveform:7.1", values=values, rhythm=(RhythmSign.IRREGULAR,))
    expected = replace(computed, device_time=NOW - 3 * SECOND, received_at=NOW, origin=Origin.SIMULATED)
    assert said(computed) == expected
    assert said(computed, lap=2) == replace(expected, boot="waveform:7.1-2")


def test_what_could_not_be_used_can_not_be_used_again() -> None:
    """Not even where it could be today: real data in a rehearsal."""
    sample = '{"boot":"b","seq":1,"values":{"spo2":97}}'
    with pytest.raises(DeviceError, match="not JSON"):
        heard(said(Quarantined("t", "of the other kind", LATER, "ox-1", sample)))
    assert said(Quarantined("t", "no device", LATER, "", sample)) is None


def test_a_status_is_said_as_it_was_and_kept_by_the_broker() -> None:
    """As devices do."""
    message = said(DeviceStatus("ox-1", False, LATER, 20.0, "charging"))
    assert heard(message) == DeviceStatus("ox-1", False, NOW, 20.0, "charging")
    assert isinstance(message, Message)
    assert message.retain


OF_THE_PROCESS = (
    started(),
    ClockJumped(5),
    SiteCondition("broker_lost", True),
    DeliveryReported("p", "a", "nurse-1", "console", Delivery.DELIVERED),
)


@pytest.mark.parametrize("body", OF_THE_PROCESS)
def test_what_belonged_to_the_process_is_left_out(body: Input) -> None:
    """A rehearsal has its own start, clock, broker and pagers."""
    assert said(body) is None


def test_a_dose_was_given_as_long_ago() -> None:
    """Phases count from it; from the instant the rehearsal begins at, where it begins later."""
    dose = GiveDose("r", "nurse-1", "s-1", Dose("mdma", 100, Route.ORAL, LATER - 900 * SECOND))
    told = said(dose)
    assert isinstance(told, GiveDose)
    assert told.dose.given_at == NOW - 900 * SECOND
    earlier = said(dose, begin=LATER + 300 * SECOND)
    assert isinstance(earlier, GiveDose)
    assert earlier.dose.given_at == NOW - 1200 * SECOND


def test_what_is_skipped_is_set_up_and_not_said() -> None:
    """In the middle, sessions are open and devices worn; readings, answers and notes of before are not told."""
    begin = LATER + SECOND
    assert isinstance(said(OpenSession("r", "nurse-1", "s-1", "1", "x"), begin=begin), OpenSession)
    for body in (REAL, AddNote("r", "nurse-1", "s-1", "x"), Acknowledge("r", "nurse-1", "s-1", "s-1/x/y/1", 1)):
        assert said(body, begin=begin) is None


def test_a_later_lap_has_names_of_its_own() -> None:
    """Sessions, boots and requests are used once: the second lap is about somebody else, alerts included."""
    answer = said(Acknowledge("r", "nurse-1", "s-1", "s-1/spo2_low/spo2/1", 3), lap=2)
    assert isinstance(answer, Acknowledge)
    assert (answer.session, answer.alert) == ("s-1-2", "s-1-2/spo2_low/spo2/1")
    requests = {each.request for lap in (1, 2) if isinstance(each := said(AddNote("r", "n", "s-1", "x"), lap), AddNote)}
    assert len(requests) == 2
    first, second = heard(said(REAL)), heard(said(REAL, lap=2))
    assert isinstance(first, Observation)
    assert isinstance(second, Observation)
    assert first.boot != second.boot
