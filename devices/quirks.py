"""The Bluetooth devices that Vigil knows, one row each: how to recognise them, and what each needs to lose nothing.

A new model that follows the standards is a new row, with its evidence. `docs/devices.md` tells how.
"""

from enum import StrEnum

from msgspec import Struct

from devices.uuids import uuid16
from monitor.vitals import Signal

HEART_RATE, BLOOD_PRESSURE, OXIMETER, THERMOMETER = map(uuid16, (0x180D, 0x1810, 0x1822, 0x1809))
"""The standard services by which a device of unknown make is recognised."""


class Pairing(StrEnum):
    """When to pair."""

    NEVER = "never"
    BEFORE_DISCOVERY = "before_discovery"
    """At once: the device hangs up or fails when anything is asked before."""
    WHEN_REFUSED = "when_refused"
    """When it says that it wants authentication or encryption."""


class Clock(StrEnum):
    """How the device's clock is set."""

    NEVER = "never"
    DATE_TIME = "date_time"
    """By writing Date Time (2A08) at every connection, before subscribing (as the maker's sample code does)."""
    CURRENT_TIME_WHEN_TOLD = "current_time_when_told"
    """By writing Current Time (2A2B) after the device has told it, where it is wrong."""


class Link(StrEnum):
    """How long to stay connected."""

    HOLD = "hold"
    """For as long as it goes."""
    DRAIN = "drain"
    """Until it has told everything: then let go, so that it powers off and can measure again."""


class TriedOn(StrEnum):
    """On what a row was tried. The strongest evidence counts."""

    UNTESTED = "documentation only"
    PUBLISHED_BYTES = "published bytes"
    VIRTUAL_HARDWARE = "virtual hardware"
    REAL_DEVICE = "a real device"


class Advertised(Struct, frozen=True, kw_only=True):
    """What a device broadcasts. `services` are 128-bit UUIDs, lower case; `companies` the identifiers of its makers."""

    address: str
    name: str = ""
    services: tuple[str, ...] = ()
    companies: tuple[int, ...] = ()
    rssi: int = 0
    connectable: bool = True


class Model(Struct, frozen=True, kw_only=True):
    """One kind of device. It is recognised when every criterion that is given fits."""

    id: str
    name: str
    maker: str
    begins: tuple[str, ...] = ()
    """Beginnings of the advertised name, any of them."""
    services: tuple[str, ...] = ()
    """Advertised services, any of them."""
    company: int | None = None
    driver: str = "standard"
    """A name in `devices.drivers.DRIVERS`."""
    signals: tuple[Signal, ...]
    pairing: Pairing = Pairing.WHEN_REFUSED
    clock: Clock = Clock.NEVER
    link: Link = Link.HOLD
    settle_s: float = 0.0
    """Seconds of rest between discovery and the first subscription, without which the device stays silent."""
    drain_s: float = 5.0
    """Seconds of silence after which a device that drains and cannot tell the end is let go."""
    first_value_s: float
    """Seconds after connecting within which a valid value is expected; without one the link is worth nothing."""
    evidence: str
    """Where what the row says was published."""
    tested: TriedOn

    def fits(self, advertised: Advertised) -> bool:
        """Whether the advertisement is one of this model."""
        return (
            (not self.begins or advertised.name.startswith(self.begins))
            and (not self.services or not set(self.services).isdisjoint(advertised.services))
            and (self.company is None or self.company in advertised.companies)
        )


_PRESSURE = (Signal.SYSTOLIC, Signal.DIASTOLIC, Signal.MEAN_PRESSURE)
_OXIMETRY = (Signal.SPO2, Signal.PULSE_RATE, Signal.PERFUSION_INDEX)

MODELS: tuple[Model, ...] = (
    Model(
        id="and_ua651ble",
        name="UA-651BLE",
        maker="A&D",
        begins=("A&D_UA-651BLE",),
        signals=_PRESSURE,
        pairing=Pairing.BEFORE_DISCOVERY,
        clock=Clock.DATE_TIME,
        link=Link.DRAIN,
        first_value_s=10.0,
        evidence="obniz/obniz UA651BLE; andengineering/AndroidSampleCode#1; derdilla/blood-pressure-monitor-fl#724",
        tested=TriedOn.PUBLISHED_BYTES,
    ),
    Model(
        id="and_ub1100ble",
        name="UB-1100BLE",
        maker="A&D",
        begins=("UB-1100BLE",),
        signals=_PRESSURE,
        pairing=Pairing.BEFORE_DISCOVERY,
        clock=Clock.DATE_TIME,
        link=Link.DRAIN,
        first_value_s=10.0,
        evidence="weliem/blessed-bluez#26",
        tested=TriedOn.UNTESTED,
    ),
    Model(
        id="omron_bps",
        name="blood pressure cuff",
        maker="Omron",
        begins=("BLESmart_", "BLEsmart_", "X2 Smart", "X4 Smart"),
        services=(BLOOD_PRESSURE,),
        signals=_PRESSURE,
        pairing=Pairing.BEFORE_DISCOVERY,
        clock=Clock.CURRENT_TIME_WHEN_TOLD,
        link=Link.DRAIN,
        first_value_s=15.0,
        evidence=(
            "weliem/blessed-android BluetoothHandler; eigger/hass-omron#91 (clock refused with 0x80); names: "
            "derdilla/blood-pressure-monitor-fl docs/bluetooth.md"
        ),
        tested=TriedOn.PUBLISHED_BYTES,
    ),
    Model(
        id="beurer_bm85",
        name="BM85",
        maker="Beurer",
        begins=("Beurer BM85", "BM85", "BM 85"),
        signals=_PRESSURE,
        link=Link.DRAIN,
        settle_s=0.1,
        first_value_s=10.0,
        evidence="derdilla/blood-pressure-monitor-fl#735 and #737 (captures); its ble_read_cubit (rest, name)",
        tested=TriedOn.PUBLISHED_BYTES,
    ),
    Model(
        id="medisana_bu",
        name="BU 5xx",
        maker="Medisana",
        begins=("1872B",),
        signals=_PRESSURE,
        link=Link.DRAIN,
        first_value_s=10.0,
        evidence="bkbilly/medisanabp_ble#1 and #2: the whole history comes at every connection",
        tested=TriedOn.PUBLISHED_BYTES,
    ),
    Model(
        id="boso_medicus",
        name="medicus",
        maker="boso",
        begins=("boso medicus",),
        signals=_PRESSURE,
        link=Link.DRAIN,
        first_value_s=10.0,
        evidence="derdilla/blood-pressure-monitor-fl#80: the whole history comes at every connection",
        tested=TriedOn.UNTESTED,
    ),
    Model(
        id="polar_h10",
        name="H10",
        maker="Polar",
        begins=("Polar H10",),
        driver="polar_h10",
        signals=(Signal.HEART_RATE,),
        first_value_s=10.0,
        evidence="polarofficial/polar-ble-sdk; its issues #83, #470, #691",
        tested=TriedOn.PUBLISHED_BYTES,
    ),
    Model(
        id="nonin_3230",
        name="3230",
        maker="Nonin",
        begins=("Nonin3230_",),
        driver="nonin_3230",
        signals=_OXIMETRY,
        first_value_s=20.0,
        evidence="Nonin's sample code (NONIN3230 Mini iOS Application); andreasdri/nonin-3230-ble; noble/noble#767",
        tested=TriedOn.PUBLISHED_BYTES,
    ),
    Model(
        id="masimo_mightysat",
        name="MightySat",
        maker="Masimo",
        begins=("MightySat",),
        signals=_OXIMETRY,
        link=Link.DRAIN,
        first_value_s=120.0,
        evidence="weliem/blessed-android#81: only the spot check is standard, and it comes when the finger leaves",
        tested=TriedOn.UNTESTED,
    ),
    Model(
        id="choicemmed",
        name="iChoice oximeter",
        maker="ChoiceMMed",
        begins=("iChoice", "ChoiceMMed"),
        services=(OXIMETER,),
        signals=_OXIMETRY,
        first_value_s=30.0,
        evidence="StackOverflow 71264072: standard, with a clock that is not set and says so; name not confirmed",
        tested=TriedOn.PUBLISHED_BYTES,
    ),
    Model(
        id="berrymed_bm1000",
        name="BM1000",
        maker="BerryMed",
        begins=("BerryMed",),
        driver="berrymed_bm1000",
        signals=(Signal.SPO2, Signal.PULSE_RATE),
        first_value_s=20.0,
        evidence="SensorsIot/Oximeters-BLE-Hack-ESP32; zh2x/BCI_Protocol V1.2; zh2x/SpO2-BLE-for-Android",
        tested=TriedOn.PUBLISHED_BYTES,
    ),
    Model(
        id="viatom_o2ring",
        name="O2Ring",
        maker="Viatom",
        begins=("O2Ring", "Checkme_O2", "Checkme O2", "CheckO2", "SleepU", "SleepO2", "WearO2", "Oxylink"),
        driver="viatom_o2ring",
        signals=(Signal.SPO2, Signal.PULSE_RATE),
        first_value_s=30.0,
        evidence="MackeyStingray/o2r",
        tested=TriedOn.PUBLISHED_BYTES,
    ),
    Model(
        id="strap",
        name="heart rate strap",
        maker="any",
        services=(HEART_RATE,),
        signals=(Signal.HEART_RATE,),
        first_value_s=10.0,
        evidence="Heart Rate Service 1.0",
        tested=TriedOn.PUBLISHED_BYTES,
    ),
    Model(
        id="cuff",
        name="blood pressure cuff",
        maker="any",
        services=(BLOOD_PRESSURE,),
        signals=_PRESSURE,
        link=Link.DRAIN,
        first_value_s=15.0,
        evidence="Blood Pressure Service 1.1.1",
        tested=TriedOn.PUBLISHED_BYTES,
    ),
    Model(
        id="oximeter",
        name="pulse oximeter",
        maker="any",
        services=(OXIMETER,),
        signals=_OXIMETRY,
        first_value_s=30.0,
        evidence="Pulse Oximeter Service 1.0.1",
        tested=TriedOn.PUBLISHED_BYTES,
    ),
    Model(
        id="thermometer",
        name="thermometer",
        maker="any",
        services=(THERMOMETER,),
        signals=(Signal.TEMPERATURE,),
        first_value_s=60.0,
        evidence="Health Thermometer Service 1.0",
        tested=TriedOn.VIRTUAL_HARDWARE,
    ),
)
"""Makers' models first, then what is recognised by a standard service: the first row that fits decides."""


def recognise(advertised: Advertised) -> Model | None:
    """The model of a device, by what it broadcasts; None for one that Vigil does not know."""
    return next((model for model in MODELS if model.fits(advertised)), None)
