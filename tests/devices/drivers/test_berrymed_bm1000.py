"""BM1000: a stream without checksums, cut anywhere, a hundred packets a second."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.drivers.berrymed_bm1000 import STREAM, BerryMedBM1000, Packets
from devices.drivers.driver import Said
from devices.source import DeviceError
from monitor.vitals import SECOND, Cause, Measured, Quality, Signal
from tests.devices.drivers.samples import NOW, cut, frame, measured

packets = st.builds(
    lambda first, rest: bytes([first | 0x80, *rest]),
    st.integers(0, 0x7F),
    st.lists(st.integers(0, 0x7F), min_size=4, max_size=4),
)


@given(st.lists(packets, max_size=12), st.lists(st.integers(0, 100), max_size=12))
def test_any_chunking_gives_the_same_packets(sent: list[bytes], places: list[int]) -> None:
    """A notification may begin in the middle of a packet."""
    stream = Packets()
    assert [packet for piece in cut(b"".join(sent), places) for packet in stream.take(piece)] == sent


@given(st.lists(packets, min_size=2, max_size=12), st.data())
def test_lost_octets_cost_the_packets_they_were_in(sent: list[bytes], data: st.DataObject) -> None:
    """What was lost within one packet costs that packet, and the stream is in step at the next."""
    number = data.draw(st.integers(0, len(sent) - 2))
    kept = data.draw(st.integers(0, 4))
    stream = Packets()
    heard = stream.take(b"".join([*sent[:number], sent[number][:kept], *sent[number + 1 :]]))
    assert heard == sent[:number] + sent[number + 1 :]


@given(st.lists(st.integers(0, 100), max_size=12))
def test_any_chunking_of_what_comes_at_once_gives_the_same_reading(places: list[int]) -> None:
    """One a second, the first that is due."""
    octets = bytes([0x85, 49, 7, 88, 95]) * 4 + bytes([0x85, 49, 7, 90, 96]) * 4
    device = BerryMedBM1000()
    said: list[Said] = []
    for piece in cut(octets, places):
        said += device.hear(STREAM, piece, NOW)[0]
    assert measured(said) == [Measured(Signal.SPO2, 95.0), Measured(Signal.PULSE_RATE, 88.0)]


def test_a_hundred_packets_a_second_become_one_reading_a_second() -> None:
    """Ten seconds in notifications of four packets."""
    device = BerryMedBM1000()
    piece = bytes([0x85, 49, 7, 88, 95]) * 4
    heard = [device.hear(STREAM, piece, NOW + number * SECOND // 25)[0] for number in range(250)]
    assert [number for number, said in enumerate(heard) if said] == list(range(0, 250, 25))


def test_a_pulse_that_is_lost_on_the_finger_is_told_so() -> None:
    """After one that was there."""
    device = BerryMedBM1000()
    device.hear(*frame("berrymed_bm1000", "a finger at rest"), NOW)
    said, _ = device.hear(*frame("berrymed_bm1000", "searching after the finger was put in"), NOW + SECOND)
    assert measured(said)[1] == Measured(Signal.PULSE_RATE, None, Quality.INVALID, Cause.NO_PULSE)


@pytest.mark.parametrize(("octet", "position"), [(0, 3), (0, 4), (101, 4), (126, 4), (127, 4)])
def test_a_number_that_no_finger_gives_is_no_value(octet: int, position: int) -> None:
    """Zero, the codes for missing, and what a percentage cannot be."""
    packet = bytearray([0x85, 49, 7, 88, 95])
    packet[position] = octet
    said, _ = BerryMedBM1000().hear(STREAM, bytes(packet), NOW)
    assert measured(said)[0 if position == 4 else 1].value is None


def test_a_stream_without_packets_is_refused() -> None:
    """Such as a version told as text."""
    with pytest.raises(DeviceError, match="no packet in 8 octets"):
        BerryMedBM1000().hear(STREAM, b"SV1.2.3 ", NOW)
