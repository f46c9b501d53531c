"""Sample frames with their sources, one file a driver, and what a driver says when it hears them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC
from itertools import pairwise
from pathlib import Path
from typing import Any

from devices.drivers import make_driver
from devices.drivers.driver import Driver, Said
from devices.measurement import Measurement
from devices.quirks import MODELS, Model
from monitor.vitals import SECOND, Cause, Measured, Quality, Signal

NOW = 1_795_000_000 * SECOND
FRAMES: dict[str, list[dict[str, Any]]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "frames").glob("*.json"))
}


def model_of(driver: str) -> Model:
    """The last model of a driver: the generic one, where there are several."""
    return next(model for model in reversed(MODELS) if model.driver == driver)


def greeted(driver: str, now: int = NOW) -> Driver:
    """A driver that has just been connected."""
    made = make_driver(model_of(driver), UTC)
    made.greet(now)
    return made


def frame(driver: str, what: str) -> tuple[str, bytes]:
    """Characteristic and payload of a sample."""
    found = next(each for each in FRAMES[driver] if each["what"] == what)
    return found["characteristic"], bytes.fromhex(found["hex"])


def measured(said: Iterable[Said]) -> list[Measured]:
    """Every value of every measurement."""
    return [value for each in said if isinstance(each, Measurement) for value in each.values]


def expected(rows: Iterable[list[Any]]) -> list[Measured]:
    """The values that a sample says."""
    return [Measured(Signal(name), value, Quality(quality), Cause(cause)) for name, value, quality, cause in rows]


def cut(octets: bytes, places: Iterable[int]) -> list[bytes]:
    """The octets, cut at these places."""
    edges = [0, *sorted(place % (len(octets) + 1) for place in places), len(octets)]
    return [octets[start:end] for start, end in pairwise(edges)]
