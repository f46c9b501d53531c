"""The laws of the chain from waveforms to observations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.events import Observation
from monitor.signal.chain import Chain, is_derived
from monitor.signal.filters import Array
from monitor.vitals import SECOND, Cause, Measured, Origin, Quality, Signal, Waveform
from monitor.waves.run import Run
from simulators.waves.channels import CHANNELS, Channel
from tests.monitor.signal.streams import constant, person

BEGAN = 1_790_000_000 * SECOND + 123_456_789
ECG_HZ = CHANNELS[Channel.ECG].rate_hz
PERSON = person(heart_rate=constant(72.0))


def wave(channel: str, samples: Array, first: int = 0, *, unit: str = "mV", scale: float = 0.001) -> Waveform:
    """Samples in their unit as a waveform, the first one `first` periods after the beginning."""
    rate = CHANNELS[Channel(channel)].rate_hz
    steps = tuple(np.rint(samples / scale).astype(int).tolist())
    period = SECOND // rate
    return Waveform("", "d", channel, unit, BEGAN + first * period, period, scale, steps, Origin.SIMULATED)


def chunks(channel: Channel, seconds: int, sizes: Sequence[int]) -> Iterable[Waveform]:
    """A person's waveform in chunks of these sizes, again and again."""
    info, at, number = CHANNELS[channel], 0, 0
    samples = PERSON.samples(channel, 0, seconds * info.rate_hz)
    while at < len(samples):
        size = sizes[number % len(sizes)]
        yield wave(channel, samples[at : at + size], at, unit=info.unit, scale=info.scale)
        at, number = at + size, number + 1


def piece(wave: Waveform, *, broken: bool = False, received_at: int = 0) -> Run:
    """A chunk as it comes."""
    return Run(wave, 7, 0, received_at, broken, late=False, timed=True)


def told(chain: Chain, waves: Iterable[Waveform]) -> list[Observation]:
    """What a chain makes of chunks that follow each other."""
    return chain.push([piece(each) for each in waves])


def values(observations: Iterable[Observation], signal: Signal) -> list[Measured]:
    return [value for each in observations for value in each.values if value.signal is signal]


@settings(max_examples=15)
@given(st.lists(st.integers(1, 3 * ECG_HZ), min_size=1, max_size=5))
def test_where_a_stream_is_cut_changes_nothing(sizes: list[int]) -> None:
    """Chunks of any length give the same observations."""
    whole = told(Chain(1), chunks(Channel.ECG, 14, [14 * ECG_HZ]))
    assert told(Chain(1), chunks(Channel.ECG, 14, sizes)) == whole
    assert whole


def test_one_observation_a_second_with_what_all_channels_tell() -> None:
    """The numbers of seconds follow each other, and every observation is marked as computed."""
    chain, found = Chain(1), []
    for second in range(20):
        for channel in (Channel.ECG, Channel.RED, Channel.INFRARED):
            info = CHANNELS[channel]
            samples = PERSON.samples(channel, second * info.rate_hz, (second + 1) * info.rate_hz)
            found += told(chain, [wave(channel, samples, second * info.rate_hz, unit=info.unit, scale=info.scale)])
    numbers = [each.sequence for each in found]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert all(is_derived(each) and each.device_time == (each.sequence + 1) * SECOND for each in found)
    assert {value.signal for value in found[-1].values} == {
        *(Signal.HEART_RATE, Signal.PULSE_RATE, Signal.PERFUSION_INDEX, Signal.SPO2)
    }
    assert all(abs((value.value or 0) - 72) < 8 for value in values(found[-5:], Signal.HEART_RATE))


def test_a_gap_begins_anew() -> None:
    """After missing chunks the values are those of a device that begins there: nothing is joined over a gap."""
    pieces = list(chunks(Channel.ECG, 24, [ECG_HZ]))
    chain = Chain(1)
    told(chain, pieces[:10])
    after = chain.push([piece(each, broken=each is pieces[12]) for each in pieces[12:]])
    fresh = told(Chain(1), pieces[12:])
    assert [each.values for each in after] == [each.values for each in fresh]


def test_what_is_missing_is_not_told() -> None:
    """No samples, no observation: freshness tells of silence, an invented value would hide it."""
    chain = Chain(1)
    pieces = list(chunks(Channel.ECG, 30, [ECG_HZ]))
    before = told(chain, pieces[:10])
    after = chain.push([piece(pieces[20], broken=True)])
    assert before
    assert after == []


def test_a_clock_that_is_set_back_numbers_nothing_twice() -> None:
    """Seconds come again under another boot: none is taken for a repeat."""
    chain = Chain(1)
    pieces = list(chunks(Channel.ECG, 20, [ECG_HZ]))
    first = told(chain, pieces)
    again = chain.push([piece(each, broken=each is pieces[0], received_at=1) for each in pieces])
    keys = [(each.boot, each.sequence) for each in (*first, *again)]
    assert again
    assert len(set(keys)) == len(keys)


def test_a_channel_that_comes_back_leaves_the_others_as_they_are() -> None:
    """However long it was away, and although what it begins with was given without it: no clock went back."""
    light, heart = (
        list(chunks(channel, 20, [CHANNELS[channel].rate_hz])) for channel in (Channel.INFRARED, Channel.ECG)
    )
    both = [
        piece(replace(wave, start=wave.start // SECOND * SECOND), broken=number == 12 and wave.channel == "ecg")
        for number, waves in enumerate(zip(light, heart, strict=True))
        for wave in waves
        if wave.channel == "infrared" or not 3 <= number < 12
    ]
    found = Chain(1).push(both)
    alone = Chain(1).push([each for each in both if each.wave.channel == "infrared"])
    assert values(found, Signal.PULSE_RATE) == values(alone, Signal.PULSE_RATE)
    assert len({(each.boot, each.sequence) for each in found}) == len(found)
    assert values(found[-3:], Signal.HEART_RATE)


def two_leads(first: range, second: range, number: int) -> list[Run]:
    """An ECG of which each lead is there in some seconds of so many; the other lead is smaller, and upside down."""
    runs = []
    for at, one in enumerate(chunks(Channel.ECG, number, [ECG_HZ])):
        wave = replace(one, start=one.start // SECOND * SECOND)
        other = replace(wave, channel="ecg2", samples=tuple(-step // 2 for step in wave.samples))
        runs += [piece(wave, broken=at == first.start)] * (at in first)
        runs += [piece(other, broken=at == second.start)] * (at in second)
    return runs


@pytest.mark.parametrize(("first", "second"), [(range(12), range(30)), (range(30), range(12)), (range(30), range(30))])
def test_one_lead_of_two_suffices(first: range, second: range) -> None:
    """When one goes, the other is computed with alone: no second is without a rate, and none has another one."""
    found = Chain(1).push(two_leads(first, second, 30))
    rates = values(found, Signal.HEART_RATE)
    assert len(found) >= 26
    assert all(rate.value is not None and abs(rate.value - 72) < 8 for rate in rates[-24:])
    assert all(rate.quality is Quality.VALID for rate in rates[-24:])


def test_a_lead_that_comes_back_is_not_joined_over_its_gap() -> None:
    """Nor does it disturb the one that was there all the time."""
    runs = [*two_leads(range(30), range(10), 30)]
    again = [each for each in two_leads(range(30), range(20, 30), 30) if each.wave.channel == "ecg2"]
    both = sorted([*runs, *again], key=lambda each: each.wave.start)
    rates = values(Chain(1).push(both), Signal.HEART_RATE)
    assert all(rate.value is not None and abs(rate.value - 72) < 8 for rate in rates)
    assert len(rates) >= 26


def test_a_line_that_stands_still_is_no_asystole() -> None:
    """Without any noise there is no body: a lead is off."""
    flat = [wave("ecg", np.zeros(ECG_HZ), second * ECG_HZ) for second in range(12)]
    last = values(told(Chain(1), flat), Signal.HEART_RATE)[-1]
    assert (last.value, last.quality, last.cause) == (None, Quality.INVALID, Cause.LEADS_OFF)


def test_microvolts_are_thousandths() -> None:
    """The same ECG told in another unit gives the same values."""
    pieces = list(chunks(Channel.ECG, 12, [ECG_HZ]))
    micro = [replace(piece, unit="uV", scale=piece.scale * 1000) for piece in pieces]
    assert told(Chain(1), micro) == told(Chain(1), pieces)


def test_an_amplifier_may_change_its_range() -> None:
    """Steps of another size, in the middle of a second, are the same millivolts."""
    pieces = list(chunks(Channel.ECG, 12, [ECG_HZ // 5]))
    coarser = [replace(each, scale=each.scale / 4, samples=tuple(4 * step for step in each.samples)) for each in pieces]
    mixed = [one if number % 3 else other for number, (one, other) in enumerate(zip(pieces, coarser, strict=True))]
    assert told(Chain(1), mixed) == told(Chain(1), pieces)


def test_a_stamp_that_is_early_by_less_than_a_sample_is_in_its_place() -> None:
    """Clocks of devices run unevenly: a chunk that begins just before its second does is no gap."""
    pieces = [replace(each, start=each.start // SECOND * SECOND) for each in chunks(Channel.ECG, 12, [ECG_HZ])]
    early = [replace(each, start=each.start - (number % 3 == 1) * 1_000_000) for number, each in enumerate(pieces)]
    found, expected = told(Chain(1), early), told(Chain(1), pieces)
    assert [each.values for each in found] == [each.values for each in expected]


def test_a_channel_that_is_sampled_too_slowly_tells_nothing() -> None:
    """It is no fault: others of the device go on."""
    slow = replace(wave("ecg", np.sin(np.arange(40.0))), period=SECOND // 20)
    assert told(Chain(1), [replace(slow, start=BEGAN + second * 2 * SECOND) for second in range(20)]) == []
