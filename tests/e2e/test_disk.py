"""A disk that hangs, takes its time, is full or takes no more: pages leave, and everything is recorded afterwards."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.alert import Alert
from monitor.events import DeliveryReported
from tests.e2e.disks import BadDisk, SmallDisk
from tests.e2e.evidence import assert_keys_are_unique, assert_measured_once, bodies, pages
from tests.e2e.running import until
from tests.e2e.ward import DEVICE, Ward
from tests.servers import Mosquitto

pytestmark = pytest.mark.server("mosquitto")


@pytest.fixture
def ward(tmp_path: Path, mosquitto: Mosquitto, bad_disk: BadDisk) -> Iterator[Ward]:
    """Somebody well, watched by a Vigil with a disk that can be made to fail, and a broker that sends little ahead."""
    bad_disk.settings["env"]["VIGIL_MQTT__RECEIVE_MAXIMUM"] = "20"
    with Ward(tmp_path, mosquitto, **bad_disk.settings) as ward:
        yield ward


def assert_told_unrecorded(ward: Ward) -> None:
    """Law 9: while the disk takes nothing an alert is told, marked, with the key that the journal has later; and
    answered."""
    interrupted = ward.vigil.until_raised("recording_interrupted")
    assert interrupted["priority"] == "high"
    assert not ward.vigil.get("/readyz")["ready"]
    page = ward.have_a_crisis()
    assert page["unrecorded"]
    assert page["id"] not in pages(ward.journal)
    latched = ward.vigil.alerts()["spo2_low"]
    answer = ward.vigil.post("/alerts/acknowledge", alert=latched["id"], version=latched["version"], at_bedside=True)
    assert (answer.status_code, answer.json()["recorded"]) == (200, False)
    ward.vigil.until_over("spo2_low")


def assert_recorded_in_the_end(ward: Ward) -> None:
    ward.vigil.until_over("recording_interrupted")
    assert ward.vigil.get("/readyz")["ready"]
    ward.close()
    assert any(report.unrecorded for report in bodies(ward.journal, DeliveryReported))


def test_a_bad_disk_holds_up_no_page_and_makes_nobody_deaf(ward: Ward, bad_disk: BadDisk) -> None:
    """While it hangs, and while it is read-only, as after errors. (Asked to remount it so, a kernel refuses.)

    Readings come in though none can be acknowledged, and more than the broker may send ahead.
    """
    bad_disk.hang()
    seen = len(ward.oximeter.acknowledged)
    assert_told_unrecorded(ward)
    until(lambda: len(ward.oximeter.acknowledged) > seen + 60)
    until(lambda: ward.vigil.alerts().keys() == {"recording_interrupted"})
    bad_disk.recover()
    ward.vigil.until_over("recording_interrupted")
    ward.phones.calls.clear()
    bad_disk.fail(errno.EROFS)
    assert_told_unrecorded(ward)
    bad_disk.recover()
    assert_recorded_in_the_end(ward)


def test_a_full_disk_holds_up_neither_a_page_nor_a_start(
    tmp_path: Path, mosquitto: Mosquitto, small_disk: SmallDisk
) -> None:
    """Killed, and started where nothing can be written, it watches: unrecorded is better than not watched."""
    with Ward(tmp_path, mosquitto, journal=small_disk.journal) as ward:
        small_disk.fill()
        assert_told_unrecorded(ward)
        assert "free some space" in ward.vigil.alerts()["recording_interrupted"]["text"]
        ward.vigil.kill()
        ward.phones.calls.clear()
        ward.vigil.start()
        ward.vigil.ready()
        assert_told_unrecorded(ward)
        small_disk.free()
        assert_recorded_in_the_end(ward)


def test_a_disk_that_takes_its_time_is_one_alert(ward: Ward, bad_disk: BadDisk) -> None:
    """Commits of 0.7 s are too slow, all the time: one interruption, not one for every commit."""
    bad_disk.hang(700)
    ward.vigil.until_raised("recording_interrupted")
    seen = len(ward.oximeter.acknowledged)
    until(lambda: len(ward.oximeter.acknowledged) > seen + 60)
    bad_disk.recover()
    ward.vigil.until_over("recording_interrupted")
    assert len({a.id for a in bodies(ward.journal, Alert) if a.rule == "recording_interrupted"}) == 1
    ward.close()


def test_killed_while_the_disk_hangs(tmp_path: Path, mosquitto: Mosquitto, bad_disk: BadDisk) -> None:
    """What left unrecorded and was lost is not mistaken for what comes later: other content has another key."""
    with Ward(tmp_path, mosquitto, **bad_disk.settings) as ward:
        bad_disk.hang()
        ward.oximeter.course = lambda _: 80.0
        first = until(lambda: ward.phones.about("80 %"))
        ward.vigil.kill()
        bad_disk.recover()
        ward.oximeter.course = lambda _: 85.0
        calls = len(ward.phones.calls)
        ward.vigil.start()
        # What the broker sends again may be told again first, word for word; else this is about 85 %.
        until(lambda: [page for page in ward.phones.pages[calls:] if page["id"] == first["id"]])
        assert_keys_are_unique(ward.phones.calls)
        acknowledged = [*ward.oximeter.acknowledged]
        ward.until_measured()
        assert_measured_once(ward.journal, DEVICE, acknowledged)


def test_told_to_end_while_the_disk_hangs(ward: Ward, bad_disk: BadDisk) -> None:
    """It ends, and says that something was not recorded."""
    bad_disk.hang()
    ward.vigil.until_raised("recording_interrupted")
    assert ward.vigil.stop() == 1
    assert "were not recorded" in ward.vigil.complaints
    assert "Traceback" not in ward.vigil.complaints
