"""Fixtures of the end-to-end tests."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.disks import BadDisk, SmallDisk, compiler
from tests.e2e.ward import Ward
from tests.servers import HOST, MOSQUITTO_SETTINGS, Mosquitto


@pytest.fixture
def lasting_broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that remembers, as one on a ward must. (It saves with every change: killed, it knows what it saved.)"""
    folder = tmp_path / "broker"
    folder.mkdir()
    remembers = f"persistence true\npersistence_location {folder}/\nautosave_interval 1\nautosave_on_changes true"
    with Mosquitto(folder, MOSQUITTO_SETTINGS.replace("persistence false", remembers)) as server:
        yield server


@pytest.fixture
def ward(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[Ward]:
    """A person who is well and watched."""
    with Ward(tmp_path, mosquitto) as ward:
        yield ward


@pytest.fixture
def bad_disk(tmp_path: Path) -> BadDisk:
    """A disk that fails below SQLite; where no compiler is, in Python's commits."""
    disk = BadDisk(tmp_path)
    if (path := compiler()) is not None:
        disk.preload(tmp_path, path)
    else:
        disk.patch()
    return disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    disk = SmallDisk(tmp_path / "disk")
    if why := disk.mount():
        pytest.skip(f"no small disk can be mounted here: {why}")
    yield disk
    disk.unmount()


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The address of a server that takes connections and says nothing."""
    with socket.create_server((HOST, 0)) as listener:
        yield f"http://{HOST}:{listener.getsockname()[1]}"
