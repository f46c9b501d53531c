"""Bluetooth devices as a station shows them, short enough to read in a test."""

from __future__ import annotations

import time

from dashboards.live.bluetooth import Nearby, strength


def near(nearby: str = "a1", *, rssi: int = -58, device: str = "", name: str = "Nonin3230_0042") -> Nearby:
    return Nearby(
        nearby=nearby,
        kind="oximeter",
        model="Nonin 3230",
        name=name,
        rssi=rssi,
        strength=strength(rssi),
        heard_at=time.time_ns(),
        device=device,
    )
