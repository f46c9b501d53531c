"""Laws of the API's devices, on a real server; the station and its Bluetooth are fakes that hear what they are told."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.live.bluetooth import CannotError, UnheardError
from dashboards.live.equipping import NOT_ENABLED
from monitor.events import DeviceAssigned, DeviceStatus, Unclaimed
from monitor.vitals import SECOND, Signal
from tests.dashboards.fake_station import FakeBluetooth, FakeStation
from tests.dashboards.nearby import near
from tests.dashboards.records import entered, opened, reading, told
from tests.dashboards.test_live_api import serving

pytestmark = pytest.mark.asyncio

TAKE_IN = {"nearby": "a1", "id": "oximeter-3", "by": "ak"}


def hearing(*records: Any, bluetooth: FakeBluetooth | None = None) -> FakeStation:
    """A station with an open session, which hears one device that is not its own."""
    station = FakeStation()
    station.bluetooth = bluetooth or FakeBluetooth(near())
    for record in (opened(), *records):
        station.board.apply(record)
    return station


async def test_what_is_nearby_is_shown_with_our_id_and_its_wearer() -> None:
    """A device that was taken in is named by our id, and by who wears it; never by its address."""
    worn = told(DeviceAssigned("s-1", "oximeter-1", 1))
    bluetooth = FakeBluetooth(near(), near("a2", device="oximeter-1"), ours={"oximeter-1": "Nonin 3230"})
    async with serving(hearing(worn, bluetooth=bluetooth)) as client:
        answer = (await client.get("/api/v1/devices/nearby")).json()
    assert [(each["nearby"], each["device"], each["session"]) for each in answer] == [
        ("a1", "", ""),
        ("a2", "oximeter-1", "s-1"),
    ]
    assert set(answer[0]) == {
        *("nearby", "kind", "model", "name", "rssi", "strength", "heard_at", "device", "session"),
    }


async def test_devices_are_those_heard_of_and_those_taken_in() -> None:
    """One that was never heard is there too; what sends while nobody wears it was heard when it last sent."""
    station = hearing(
        reading(Signal.SPO2, 97, device="watch-1"),
        entered(DeviceStatus("cuff-1", online=True, received_at=1, trouble="it wants to be paired again")),
        told(Unclaimed("strap-9", 1, 7 * SECOND)),
        bluetooth=FakeBluetooth(ours={"cuff-1": "A&D UA-651BLE", "cuff-2": "A&D UA-651BLE"}),
    )
    async with serving(station) as client:
        devices = {each["id"]: each for each in (await client.get("/api/v1/devices")).json()}
    assert list(devices) == ["cuff-1", "cuff-2", "strap-9", "watch-1"]
    assert [device["model"] for device in devices.values()] == ["A&D UA-651BLE", "A&D UA-651BLE", "", ""]
    assert devices["cuff-1"]["detail"] == "it wants to be paired again"
    assert (devices["cuff-2"]["heard_at"], devices["strap-9"]["heard_at"]) == (None, 7 * SECOND)


async def test_devices_are_shown_without_bluetooth() -> None:
    """Those that come by MQTT need no radio here."""
    station = hearing(reading(Signal.SPO2, 97, device="watch-1"))
    station.bluetooth = None
    async with serving(station) as client:
        assert [each["id"] for each in (await client.get("/api/v1/devices")).json()] == ["watch-1"]


async def test_a_nearby_device_is_taken_in_under_our_id() -> None:
    """The collector is told what was chosen, the id, and who chose it; the core is told nothing."""
    station = hearing()
    assert station.bluetooth is not None
    async with serving(station) as client:
        answer = await client.post("/api/v1/devices", json=TAKE_IN)
        nearby = (await client.get("/api/v1/devices/nearby")).json()
    assert (answer.status_code, answer.json()) == (200, {"device": "oximeter-3"})
    assert station.bluetooth.orders == [("take_in", "a1", "oximeter-3", "ak")]
    assert [each["device"] for each in nearby] == ["oximeter-3"]
    assert station.commands == []


async def test_a_device_that_nobody_wears_is_forgotten() -> None:
    """It stays in what was recorded; it is ours no longer."""
    station = hearing(bluetooth=FakeBluetooth(ours={"oximeter-1": "Nonin 3230"}))
    async with serving(station) as client:
        answer = await client.post("/api/v1/devices/oximeter-1/forget", json={"by": "ak"})
        assert (await client.get("/api/v1/devices")).json() == []
    assert (answer.status_code, answer.json()) == (200, {"device": "oximeter-1"})


async def test_a_device_that_is_worn_is_not_forgotten() -> None:
    """Nobody loses their device by a tap on another page."""
    station = hearing(told(DeviceAssigned("s-1", "oximeter-1", 1)))
    assert station.bluetooth is not None
    async with serving(station) as client:
        answer = await client.post("/api/v1/devices/oximeter-1/forget", json={"by": "ak"})
    assert (answer.status_code, station.bluetooth.orders) == (409, [])
    assert answer.json() == {"detail": "oximeter-1 is on s-1: take it off there first"}


@pytest.mark.parametrize("sends", ["worn", "read", "unclaimed"])
async def test_an_id_that_another_device_uses_is_not_given_away(sends: str) -> None:
    """Law 13: two devices of one id would be one person's."""
    station = FakeStation()
    known = {
        "worn": told(DeviceAssigned("s-1", "oximeter-3", 1)),
        "read": reading(Signal.SPO2, 97, at=station.now(), device="oximeter-3"),
        "unclaimed": told(Unclaimed("oximeter-3", 1, station.now())),
    }
    station = hearing(known[sends])
    assert station.bluetooth is not None
    async with serving(station) as client:
        answer = await client.post("/api/v1/devices", json=TAKE_IN)
    assert (answer.status_code, station.bluetooth.orders) == (409, [])
    assert "choose another id" in answer.json()["detail"]


async def test_an_id_that_has_been_silent_for_a_minute_is_free() -> None:
    """A device that was forgotten can be taken in again."""
    station = FakeStation()
    station = hearing(reading(Signal.SPO2, 97, at=station.now() - 61 * SECOND, device="oximeter-3"))
    async with serving(station) as client:
        assert (await client.post("/api/v1/devices", json=TAKE_IN)).status_code == 200


@pytest.mark.parametrize(("refusal", "status"), [(UnheardError("gone"), 404), (CannotError("no"), 409)])
@pytest.mark.parametrize(("path", "body"), [("", TAKE_IN), ("/oximeter-1/forget", {"by": "ak"})])
async def test_a_refusal_of_the_collector_is_told(
    path: str, body: dict[str, str], refusal: Exception, status: int
) -> None:
    """Not there is 404, cannot be done is 409, with the collector's sentence."""
    station = hearing()
    assert station.bluetooth is not None
    station.bluetooth.refusal = refusal
    async with serving(station) as client:
        answer = await client.post(f"/api/v1/devices{path}", json=body)
    assert (answer.status_code, answer.json()) == (status, {"detail": str(refusal)})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/nearby", None),
        ("POST", "", TAKE_IN),
        ("POST", "/oximeter-1/forget", {"by": "ak"}),
    ],
)
async def test_without_bluetooth_the_answer_says_how_to_enable_it(
    method: str, path: str, body: dict[str, str] | None
) -> None:
    """409, and the fix in the sentence."""
    station = hearing()
    station.bluetooth = None
    async with serving(station) as client:
        answer = await client.request(method, f"/api/v1/devices{path}", json=body)
    assert (answer.status_code, answer.json()) == (409, {"detail": NOT_ENABLED})


@pytest.mark.parametrize(
    "body",
    [
        {**TAKE_IN, "id": "Anna's oximeter"},
        {**TAKE_IN, "id": "x" * 65},
        {**TAKE_IN, "nearby": ""},
        {"nearby": "a1", "id": "oximeter-3"},
        {**TAKE_IN, "address": "F0:00:00:00:00:01"},
    ],
)
async def test_what_makes_no_sense_takes_nothing_in(body: dict[str, str]) -> None:
    """Ids are pseudonymous, and somebody does it."""
    station = hearing()
    assert station.bluetooth is not None
    async with serving(station) as client:
        answer = await client.post("/api/v1/devices", json=body)
    assert (answer.status_code, station.bluetooth.orders) == (422, [])
