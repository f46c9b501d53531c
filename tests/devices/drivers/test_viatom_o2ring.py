"""O2Ring: answers in pieces, with a checksum, when asked."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.drivers.driver import About, Said
from devices.drivers.viatom_frames import Frames, answer, checksum, command
from devices.drivers.viatom_o2ring import ANSWERS, COMMANDS, ViatomO2Ring
from devices.source import DeviceError
from monitor.vitals import SECOND
from tests.devices.drivers.samples import NOW, cut, frame, measured

_, REST = frame("viatom_o2ring", "a finger at rest")
_, WHO = frame("viatom_o2ring", "who it is")
payloads = st.binary(max_size=40)


def test_the_request_is_the_published_one() -> None:
    """aa 17 e8 00 00 00 00 1b, as several programs send it; so our checksum is theirs."""
    assert [write.payload.hex() for write in ViatomO2Ring().poll(NOW)] == ["aa17e8000000001b"]
    assert [write.characteristic for write in ViatomO2Ring().greet(NOW)] == [COMMANDS]
    assert ViatomO2Ring().poll_s == 1.0


def test_the_checksum_is_the_published_one() -> None:
    """CRC-8 with polynomial 0x07 of "123456789" is 0xF4 (catalogue of CRCs)."""
    assert checksum(b"123456789") == 0xF4


@given(st.lists(payloads, max_size=6), st.lists(st.integers(0, 400), max_size=12))
def test_any_chunking_gives_the_same_answers(sent: list[bytes], places: list[int]) -> None:
    """Pieces of 20 octets, of one, or all at once."""
    frames = Frames()
    octets = b"".join(map(answer, sent))
    assert [told for piece in cut(octets, places) for told in frames.take(piece)] == sent


@given(st.lists(payloads, min_size=1, max_size=4), st.binary(max_size=12).filter(lambda octets: 0x55 not in octets))
def test_what_stands_before_an_answer_is_skipped_and_counted(sent: list[bytes], nonsense: bytes) -> None:
    """And costs nothing of the answer."""
    frames = Frames()
    assert frames.take(nonsense + b"".join(map(answer, sent))) == sent
    assert frames.skipped == len(nonsense)


def say(device: ViatomO2Ring, octets: bytes, now: int, lost: int = -1) -> list[Said]:
    """The answer in pieces of 20 octets, one of them lost."""
    said: list[Said] = []
    for number, at in enumerate(range(0, len(octets), 20)):
        if number != lost:
            with suppress(DeviceError):
                said += device.hear(ANSWERS, octets[at : at + 20], now)[0]
    return said


@pytest.mark.parametrize("octets", [REST, WHO], ids=["values", "who it is"])
@given(data=st.data())
def test_a_lost_piece_costs_that_answer_only(octets: bytes, data: st.DataObject) -> None:
    """The answer a second later is whole."""
    device = ViatomO2Ring()
    lost = data.draw(st.integers(0, (len(octets) - 1) // 20))
    assert measured(say(device, octets, NOW, lost)) == []
    assert [value.value for value in measured(say(device, REST, NOW + SECOND))] == [98.0, 66.0]


@given(st.integers(0, len(REST) - 1), st.integers(1, 255))
def test_a_changed_octet_is_never_a_reading(at: int, change: int) -> None:
    """The checksum finds every change of one octet."""
    changed = bytearray(REST)
    changed[at] ^= change
    assert measured(say(ViatomO2Ring(), bytes(changed), NOW)) == []


def test_the_battery_is_told_when_it_changes() -> None:
    """Not once a second."""
    device = ViatomO2Ring()
    told = [
        [each for each in say(device, REST, NOW + number * SECOND) if isinstance(each, About)] for number in range(3)
    ]
    assert told == [[About(battery=97.0)], [], []]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x00", "answer of 1 octets"),
        (b'{"SN":', "not understood"),
        (b'{"SN":7}', "not understood"),
        (b"{\xff}", "not"),
    ],
)
def test_an_answer_that_says_nothing_is_refused(data: bytes, reason: str) -> None:
    """With the reason."""
    with pytest.raises(DeviceError, match=reason):
        ViatomO2Ring().hear(ANSWERS, answer(data), NOW)


def test_a_command_is_no_answer() -> None:
    """An echo of what we wrote is skipped."""
    with pytest.raises(DeviceError, match="8 octets are part of no answer"):
        ViatomO2Ring().hear(ANSWERS, command(0x17), NOW)
