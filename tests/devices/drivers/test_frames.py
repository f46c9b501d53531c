"""Every sample frame says what it says, and every driver keeps the contract whatever it hears."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.drivers import DRIVERS, make_driver
from devices.drivers.driver import About, Samples, Write
from devices.measurement import Measurement
from devices.quirks import MODELS
from devices.source import DeviceError
from monitor.vitals import SECOND
from tests.devices.drivers.samples import FRAMES, NOW, expected, greeted, measured, model_of

SAMPLES = [(driver, sample) for driver, samples in FRAMES.items() for sample in samples]
PAYLOADS = {driver: [bytes.fromhex(sample["hex"]) for sample in samples] for driver, samples in FRAMES.items()}
named = pytest.mark.parametrize("driver", sorted(DRIVERS))


@pytest.mark.parametrize(
    ("driver", "sample"), SAMPLES, ids=[f"{driver}: {sample['what']}" for driver, sample in SAMPLES]
)
def test_a_sample_frame_says_what_its_source_says(driver: str, sample: dict[str, Any]) -> None:
    """Values with quality and cause, and whatever else the sample names."""
    said, _ = greeted(driver).hear(sample["characteristic"], bytes.fromhex(sample["hex"]), NOW + SECOND)
    assert measured(said) == expected(sample["says"])
    for each in said:
        match each:
            case Measurement():
                assert list(each.intervals) == sample.get("intervals", [])
                assert each.stamp == sample.get("stamp")
            case About():
                assert each == About(**sample["about"])
            case Samples():
                assert (list(each.samples), each.last) == (sample["samples"], sample["last"])


def test_every_driver_has_sample_frames_with_their_sources() -> None:
    """A driver without a source is a guess."""
    assert set(FRAMES) == set(DRIVERS)
    assert all(sample["source"] for samples in FRAMES.values() for sample in samples)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.id))
def test_what_a_driver_reads_and_writes_is_named_as_on_the_link(model: Any) -> None:
    """128 bits, lower case: a link looks characteristics up by that."""
    driver = make_driver(model, UTC)
    written: list[Write] = [*driver.prepare(NOW), *driver.greet(NOW), *driver.poll(NOW), *driver.part(NOW)]
    names = [*driver.notify, *driver.read, *(write.characteristic for write in written)]
    assert all(len(name) == 36 and name == name.lower() for name in names)
    assert driver.notify
    assert all(write.payload and len(write.payload) <= 20 for write in written)


@st.composite
def broken(draw: st.DrawFn, driver: str) -> bytes:
    """Nonsense, or a sample that lost, gained or changed octets."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=60))
    payload = bytearray(draw(st.sampled_from(PAYLOADS[driver])))
    for at in draw(st.lists(st.integers(0, len(payload) - 1), max_size=3)):
        payload[at] = draw(st.integers(0, 255))
    cut = draw(st.integers(0, len(payload)))
    return bytes(payload[:cut]) if draw(st.booleans()) else bytes(payload[cut:])


@named
@given(data=st.data())
def test_whatever_a_device_sends_only_a_device_error_comes_out(driver: str, data: st.DataObject) -> None:
    """Anything, on any characteristic, in any order: readings in their plausible kinds, or the reason why not."""
    heard = greeted(driver)
    channels = [*heard.notify, *heard.read, "0000ffff-0000-1000-8000-00805f9b34fb", "nonsense"]
    now = NOW
    for _ in range(data.draw(st.integers(1, 12))):
        now += data.draw(st.integers(0, 2 * SECOND))
        with suppress(DeviceError):
            said, writes = heard.hear(data.draw(st.sampled_from(channels)), data.draw(broken(driver)), now)
            assert all(isinstance(each, Measurement | About | Samples) for each in said)
            assert all(isinstance(write, Write) for write in writes)


@named
@given(data=st.data())
def test_nonsense_does_not_stop_what_comes_after(driver: str, data: st.DataObject) -> None:
    """A second after any nonsense, every sample that says values says values again."""
    heard = greeted(driver)
    for _ in range(data.draw(st.integers(1, 4))):
        with suppress(DeviceError):
            heard.hear(data.draw(st.sampled_from([*heard.notify])), data.draw(broken(driver)), NOW)
    for number, sample in enumerate(FRAMES[driver], start=2):
        if sample["says"]:
            said, _ = heard.hear(sample["characteristic"], bytes.fromhex(sample["hex"]), NOW + number * SECOND)
            assert [value.signal for value in measured(said)] == [row.signal for row in expected(sample["says"])]


def test_a_driver_that_is_not_there_cannot_be_named() -> None:
    """Every row of the table of models names a driver."""
    assert {model.driver for model in MODELS} == set(DRIVERS)
    assert model_of("standard").driver == "standard"
