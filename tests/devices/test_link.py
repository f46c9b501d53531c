"""One connection's life, on a scripted client: order, patience, and that nothing that came is lost."""

import asyncio
from collections.abc import Callable
from time import time_ns

import pytest
from bleak.exc import BleakDBusError, BleakError, BleakGATTProtocolError

from devices import link as link_module
from devices.drivers.clock import DATE_TIME
from devices.drivers.driver import Write
from devices.identity import Who
from devices.link import MOST_WAITING, MOST_WRITES, Ended, Link
from devices.link_end import End
from devices.quirks import Link as HowLong
from devices.quirks import Model, Pairing, TriedOn
from monitor.vitals import Signal
from tests.devices.scripted_client import CONTROL, SERIAL, VALUES, Noting, OctetDriver, ScriptedClient

pytestmark = pytest.mark.asyncio

REFUSED = BleakGATTProtocolError(0x05)
NOT_PAIRED = BleakDBusError("org.bluez.Error.NotPermitted", ["Not paired"])


def model(pairing: Pairing = Pairing.WHEN_REFUSED, link: HowLong = HowLong.HOLD, first_value_s: float = 5.0) -> Model:
    return Model(
        id="octets",
        name="octets",
        maker="tests",
        signals=(Signal.HEART_RATE,),
        pairing=pairing,
        link=link,
        drain_s=0.05,
        first_value_s=first_value_s,
        evidence="",
        tested=TriedOn.UNTESTED,
    )


class Life:
    """A link on a scripted client, with what came of it."""

    def __init__(self, of: Model | None = None, *uuids: str, driver: OctetDriver | None = None) -> None:
        self.client = ScriptedClient(*(uuids or (VALUES, SERIAL, CONTROL)))
        self.driver = driver or OctetDriver()
        self.noted = Noting()
        self.link = Link(self.client.as_client(), of or model(), self.driver, self.noted, time_ns)

    def hang_up(self) -> None:
        self.client.is_connected = False
        self.link.hang_up()

    async def run(self, *script: Callable[[], object]) -> Ended:
        """Live; the script runs step by step once it is subscribed and asked, and then the device hangs up."""
        living = asyncio.create_task(self.link.run())
        await asyncio.sleep(0.02)
        for step in (*script, self.hang_up):
            step()
            await asyncio.sleep(0.005)
        async with asyncio.timeout(5):
            return await living


def raising(error: Exception) -> Callable[[], object]:
    def step() -> None:
        raise error

    return step


def sending(life: Life, *payloads: bytes) -> Callable[[], None]:
    def step() -> None:
        for payload in payloads:
            life.client.send(payload)

    return step


def refusing_once(error: Exception) -> Callable[[], object]:
    left = [error]

    def step() -> None:
        if left:
            raise left.pop()

    return step


async def test_subscribes_first_and_asks_later() -> None:
    """Some devices hang up when they are asked before they are subscribed to."""
    life = Life()
    await life.run()
    assert life.client.done[:2] == [f"subscribe {VALUES}", f"read {SERIAL}"]
    assert life.noted.who == [Who("905")]


async def test_what_came_is_heard_in_order_and_nonsense_is_refused() -> None:
    """A payload that is none of the device's changes nothing for the next."""
    life = Life()
    ended = await life.run(*(lambda octet=octet: life.client.send(bytes([octet])) for octet in (60, 0, 62, 61)))
    assert life.noted.rates == [60, 62, 61]
    assert "refused 00" in life.noted.events
    assert ended.end is End.GONE


async def test_what_came_before_it_was_known_who_it_is_is_heard_then() -> None:
    """Values wait for the identity, in order, and none is lost."""
    life = Life()
    life.client.steps[f"read {SERIAL}"] = sending(life, b"\x3c", b"\x3d")
    await life.run(lambda: life.client.send(b"\x3e"))
    assert life.noted.rates == [60, 61, 62]


async def test_a_device_that_hangs_up_while_it_is_asked_is_heard_out() -> None:
    """Three indications and gone: what it said counts, whoever it is by its bond."""
    life = Life()

    def tell_and_go() -> None:
        for octet in (60, 61, 62):
            life.client.send(bytes([octet]))
        life.hang_up()
        raise BleakError("disconnected")

    life.client.steps[f"read {SERIAL}"] = tell_and_go
    ended = await life.run()
    assert life.noted.rates == [60, 61, 62]
    assert life.noted.events[-1] == "end"
    assert ended.end is End.GONE


async def test_a_stranger_is_not_heard() -> None:
    """What came from a device that is nobody's is nobody's."""
    life = Life()
    life.noted.stranger = "it is none of ours"
    life.driver.greets = [Write(CONTROL, b"set")]
    life.client.steps[f"read {SERIAL}"] = lambda: life.client.send(b"\x3c")
    ended = await life.run()
    assert (life.noted.rates, life.client.written) == ([], [])
    assert ended == Ended(End.STRANGER, "it is none of ours")


@pytest.mark.parametrize("refused", [REFUSED, NOT_PAIRED], ids=["GATT", "BlueZ"])
async def test_a_refused_subscription_is_paired_and_asked_again(refused: BleakError) -> None:
    """Once; and the bond is part of who it is."""
    life = Life()
    life.client.steps[f"subscribe {VALUES}"] = refusing_once(refused)
    await life.run()
    assert life.client.done[:3] == [f"subscribe {VALUES}", "pair", f"subscribe {VALUES}"]
    assert life.noted.who == [Who("905", bonded=True)]


async def test_a_value_that_bluez_refuses_in_its_own_words_is_not_had() -> None:
    """The link goes on: who hides its serial number is heard all the same."""
    life = Life()
    life.client.steps[f"read {SERIAL}"] = raising(NOT_PAIRED)
    await life.run(lambda: life.client.send(bytes([61])))
    assert life.noted.who == [Who()]
    assert life.noted.rates == [61]


@pytest.mark.parametrize("code", [0x05, 0x08, 0x0C, 0x0F])
async def test_a_device_that_refuses_to_be_paired_is_told_as_that(code: int) -> None:
    """Whatever it calls it, somebody has to pair it again."""
    life = Life()
    life.client.steps[f"subscribe {VALUES}"] = raising(BleakGATTProtocolError(code))
    assert (await life.run()).end is End.UNPAIRED
    never = Life(model(Pairing.NEVER))
    never.client.steps[f"subscribe {VALUES}"] = raising(BleakGATTProtocolError(code))
    assert (await never.run()).end is End.UNPAIRED
    assert "pair" not in never.client.done


async def test_a_device_without_what_its_model_has_is_unfit() -> None:
    """A stale memory of the operating system, or another device: told, and never taken for silence."""
    assert (await Life(None, SERIAL).run()).end is End.UNFIT


async def test_what_is_refused_to_be_read_is_not_had() -> None:
    """A device that does not tell its serial number is heard all the same."""
    life = Life()
    life.client.steps[f"read {SERIAL}"] = raising(BleakGATTProtocolError(0x02))
    await life.run(lambda: life.client.send(b"\x3c"))
    assert life.noted.rates == [60]
    assert life.noted.who == [Who()]


@pytest.mark.parametrize("what", [f"subscribe {VALUES}", f"read {SERIAL}"])
async def test_a_device_that_never_answers_is_given_up(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that hangs is cut."""
    monkeypatch.setattr(link_module, "STEP_S", 0.05)
    life = Life()
    life.client.steps[what] = lambda: asyncio.sleep(60)
    async with asyncio.timeout(5):
        assert (await life.link.run()).end is End.HUNG


async def test_a_device_that_takes_no_command_is_heard_meanwhile() -> None:
    """Writing waits beside hearing: a value never waits for a write."""
    life = Life(driver=OctetDriver(poll_s=0.01))
    life.client.steps[f"write {CONTROL}"] = lambda: asyncio.sleep(60)
    await life.run(*(lambda octet=octet: life.client.send(bytes([octet])) for octet in (60, 61, 62)))
    assert life.noted.rates == [60, 61, 62]


async def test_a_device_is_polled_until_it_is_gone() -> None:
    """As often as its driver wants, and not before it is known whose it is."""
    life = Life(driver=OctetDriver(poll_s=0.005))
    await life.run(*[lambda: None] * 10)
    assert len(life.client.written) > 3
    assert set(life.client.written) == {b"poll"}


async def test_a_device_that_is_answered_for_ever_is_let_go() -> None:
    """Commands that it does not take are bounded."""
    life = Life()
    life.driver.answers = [Write(CONTROL, b"x")]
    life.client.steps[f"write {CONTROL}"] = lambda: asyncio.sleep(60)
    living = asyncio.create_task(life.link.run())
    await asyncio.sleep(0.02)
    sending(life, *[b"\x3c"] * (MOST_WRITES + 2))()
    async with asyncio.timeout(5):
        assert (await living).end is End.BROKEN


@pytest.mark.parametrize(("required", "end"), [(False, End.GONE), (True, End.BROKEN)])
async def test_a_refused_command_matters_when_its_driver_says_so(required: bool, end: End) -> None:
    """A clock that cannot be set is no harm; a stream that cannot be started is."""
    life = Life()
    life.driver.greets = [Write(CONTROL, b"start", required=required)]
    life.client.steps[f"write {CONTROL}"] = raising(BleakGATTProtocolError(0x80))
    assert (await life.run()).end is end


async def test_a_clock_is_set_before_it_subscribes_and_that_is_told() -> None:
    """A cuff may be gone once it has told everything; one that refuses its clock is heard all the same."""
    life = Life(None, VALUES, SERIAL, DATE_TIME)
    life.driver.prepares = [Write(DATE_TIME, b"noon")]
    await life.run(lambda: life.client.send(b"\x3c"))
    assert life.client.done[0] == f"write {DATE_TIME}"
    assert "clock set" in life.noted.events
    refused = Life(None, VALUES, SERIAL, DATE_TIME)
    refused.driver.prepares = [Write(DATE_TIME, b"noon")]
    refused.client.steps[f"write {DATE_TIME}"] = raising(BleakGATTProtocolError(0x80))
    await refused.run(lambda: refused.client.send(b"\x3c"))
    assert refused.noted.rates == [60]
    assert "clock set" not in refused.noted.events


async def test_a_mute_link_is_closed_and_parted_from() -> None:
    """Nothing valid in time: it ends by itself, with the goodbye that saves the device's battery."""
    life = Life(model(first_value_s=0.05))
    life.driver.parts = [Write(CONTROL, b"stop")]
    async with asyncio.timeout(5):
        assert (await life.link.run()).end is End.MUTE
    assert life.client.written == [b"stop"]


async def test_a_drained_device_is_let_go() -> None:
    """Silence after what it had to tell is the end of it, and the last batch is complete."""
    life = Life(model(link=HowLong.DRAIN))
    life.client.steps[f"read {SERIAL}"] = lambda: life.client.send(b"\x3c")
    async with asyncio.timeout(5):
        assert (await life.link.run()).end is End.DRAINED
    assert life.noted.events[-1] == "end"


async def test_more_than_can_wait_is_counted_and_told() -> None:
    """Law 11: what comes while a device is asked who it is is kept up to a bound, and the rest is told as lost."""
    life = Life()
    life.client.steps[f"read {SERIAL}"] = sending(life, *[b"\x3c"] * (MOST_WAITING + 7))
    await life.run()
    assert len(life.noted.rates) == MOST_WAITING
    assert life.noted.events[0] == "dropped 7"


async def test_a_mistake_in_a_driver_is_not_swallowed() -> None:
    """What is neither the device's nor the radio's doing reaches whoever lives with all devices."""
    life = Life()
    life.client.steps[f"read {SERIAL}"] = lambda: life.client.send(b"")
    with pytest.raises(IndexError):
        await life.run()


async def test_what_comes_while_we_part_is_told() -> None:
    """A device that speaks in the moment of goodbye has it confirmed: it would not say it again."""
    life = Life(model(first_value_s=0.05))
    life.driver.parts = [Write(CONTROL, b"stop")]
    life.client.steps[f"write {CONTROL}"] = lambda: life.client.send(bytes([77]))
    ended = await life.link.run()
    life.link.last_words()
    assert ended.end is End.MUTE
    assert life.noted.rates == [77]
    assert life.noted.events[-1] == "end"
