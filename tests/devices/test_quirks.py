"""Models are recognised by what they broadcast, one test a row; makers' rows go before generic ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.quirks import (
    BLOOD_PRESSURE,
    HEART_RATE,
    MODELS,
    OXIMETER,
    THERMOMETER,
    Advertised,
    Clock,
    Link,
    Model,
    Pairing,
    TriedOn,
    recognise,
)
from devices.uuids import number16, uuid16
from monitor.vitals import Signal

BY_ID = {model.id: model for model in MODELS}


def advertised(name: str = "", *services: str) -> Advertised:
    return Advertised(address="C0:FF:EE:00:00:01", name=name, services=services, companies=(), rssi=-60)


SEEN = {
    "and_ua651ble": advertised("A&D_UA-651BLE_D57B3F", BLOOD_PRESSURE),
    "and_ub1100ble": advertised("UB-1100BLE_88C32F", BLOOD_PRESSURE),
    "omron_bps": advertised("BLESmart_00000150B0495F3E2C1A", BLOOD_PRESSURE),
    "beurer_bm85": advertised("Beurer BM85", BLOOD_PRESSURE),
    "medisana_bu": advertised("1872B", BLOOD_PRESSURE),
    "boso_medicus": advertised("boso medicus CE6674 ", BLOOD_PRESSURE),
    "polar_h10": advertised("Polar H10 E9AF5A2F", HEART_RATE),
    "nonin_3230": advertised("Nonin3230_501599389", "46a970e0-0d5f-11e2-8b5e-0002a5d5c51b"),
    "masimo_mightysat": advertised("MightySat", OXIMETER),
    "berrymed_bm1000": advertised("BerryMed\x00\x00\x00"),
    "viatom_o2ring": advertised("O2Ring 7640"),
    "strap": advertised("HRM-Dual:123456", HEART_RATE),
    "cuff": advertised("", BLOOD_PRESSURE),
    "choicemmed": advertised("iChoice", OXIMETER),
    "oximeter": advertised("", OXIMETER),
    "thermometer": advertised("", THERMOMETER),
}
"""Names as they were published, with made numbers where the numbers were not."""


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.id))
def test_a_model_is_recognised_by_what_it_broadcasts(model: Model) -> None:
    """Each row, and no other before it."""
    assert recognise(SEEN[model.id]) is model


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.id))
def test_a_row_says_where_it_is_from_and_what_to_expect(model: Model) -> None:
    """Evidence, signals, a time for the first value; and no row claims more than was done."""
    assert model.evidence
    assert model.signals
    assert 0 < model.first_value_s <= 120
    assert model.begins or model.services
    assert model.tested is not TriedOn.REAL_DEVICE


@pytest.mark.parametrize(
    "stranger",
    [
        advertised(),
        advertised("Polar"),
        advertised("BLESmart_00000150"),
        advertised("some speaker", uuid16(0x110B)),
        advertised("", uuid16(0x180F)),
    ],
    ids=["silent", "a beginning of a name", "a proprietary Omron", "a speaker", "a battery"],
)
def test_a_stranger_is_not_taken_for_a_device(stranger: Advertised) -> None:
    """Nothing is connected to because it is there."""
    assert recognise(stranger) is None


def test_every_criterion_of_a_row_must_fit() -> None:
    """Name, service and maker, where they are given."""
    model = Model(
        id="x",
        name="x",
        maker="x",
        begins=("X-",),
        services=(HEART_RATE,),
        company=0x006B,
        signals=(Signal.HEART_RATE,),
        first_value_s=1.0,
        evidence="made",
        tested=TriedOn.UNTESTED,
    )
    whole = Advertised(address="", name="X-1", services=(HEART_RATE,), companies=(1, 0x006B))
    assert model.fits(whole)
    assert not model.fits(Advertised(address="", name="Y-1", services=(HEART_RATE,), companies=(0x006B,)))
    assert not model.fits(Advertised(address="", name="X-1", services=(BLOOD_PRESSURE,), companies=(0x006B,)))
    assert not model.fits(Advertised(address="", name="X-1", services=(HEART_RATE,), companies=(1,)))


def test_ids_are_unique() -> None:
    """A registry keeps devices by them."""
    assert len(BY_ID) == len(MODELS)


@pytest.mark.parametrize(
    ("id", "pairing", "clock", "link"),
    [
        ("and_ua651ble", Pairing.BEFORE_DISCOVERY, Clock.DATE_TIME, Link.DRAIN),
        ("and_ub1100ble", Pairing.BEFORE_DISCOVERY, Clock.DATE_TIME, Link.DRAIN),
        ("omron_bps", Pairing.BEFORE_DISCOVERY, Clock.CURRENT_TIME_WHEN_TOLD, Link.DRAIN),
        ("beurer_bm85", Pairing.WHEN_REFUSED, Clock.NEVER, Link.DRAIN),
        ("medisana_bu", Pairing.WHEN_REFUSED, Clock.NEVER, Link.DRAIN),
        ("masimo_mightysat", Pairing.WHEN_REFUSED, Clock.NEVER, Link.DRAIN),
        ("polar_h10", Pairing.WHEN_REFUSED, Clock.NEVER, Link.HOLD),
        ("nonin_3230", Pairing.WHEN_REFUSED, Clock.NEVER, Link.HOLD),
        ("strap", Pairing.WHEN_REFUSED, Clock.NEVER, Link.HOLD),
        ("cuff", Pairing.WHEN_REFUSED, Clock.NEVER, Link.DRAIN),
    ],
)
def test_what_a_model_needs(id: str, pairing: Pairing, clock: Clock, link: Link) -> None:
    """As its users found out: a cuff that is held on to cannot measure, one that is not bonded hangs up."""
    model = BY_ID[id]
    assert (model.pairing, model.clock, model.link) == (pairing, clock, link)


def test_every_model_is_in_the_documentation() -> None:
    """Under its maker and name, with what it was tried on."""
    page = (Path(__file__).parents[2] / "docs" / "devices.md").read_text(encoding="utf-8")
    for model in MODELS:
        row = next((line for line in page.splitlines() if line.startswith(f"| `{model.id}` |")), "")
        assert f"| {model.tested.value} |" in row, model.id


@pytest.mark.parametrize("number", [0x1810, 0x2A37, 0xFFFF, 0])
def test_a_standard_number_and_its_uuid(number: int) -> None:
    """Both ways."""
    assert number16(uuid16(number)) == number
    assert number16(uuid16(number).upper()) == number


@pytest.mark.parametrize("uuid", ["46a970e0-0d5f-11e2-8b5e-0002a5d5c51b", "", "zzzz2a37", "0000zzzz" + uuid16(0)[8:]])
def test_a_makers_uuid_has_no_number(uuid: str) -> None:
    """Nor has nonsense."""
    assert number16(uuid) is None
