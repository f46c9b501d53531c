"""A ward: a broker, people who wear oximeters, phones that ring, and Vigil between them, each a process or a thread."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.e2e.evidence import (
    assert_keys_are_unique,
    assert_measured_once,
    assert_replays,
    assert_sound,
    assert_told_as_recorded,
    measured,
)
from tests.e2e.oximeter import Oximeter, healthy
from tests.e2e.phones import Phones
from tests.e2e.running import Vigil, until
from tests.servers import Mosquitto

SESSION, DEVICE = "s-1", "ox-1"


class Ward:
    """One person watched by a running Vigil. `settings` of it override: see `Vigil`."""

    def __init__(self, folder: Path, broker: Mosquitto, **settings: Any) -> None:
        self.phones = Phones()
        self.vigil = Vigil(folder, broker=broker.port, pages=self.phones.url, **settings)
        self.oximeter = Oximeter(broker.port, DEVICE, host=broker.host)
        self.journal = self.vigil.journal
        self._entered = ExitStack()

    def __enter__(self) -> Self:
        self._entered.enter_context(self.phones)
        self._entered.enter_context(self.vigil)
        self.vigil.ready().open_session(SESSION, DEVICE)
        self._entered.enter_context(self.oximeter)
        self.until_measured()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._entered.close()

    def until_measured(self) -> None:
        """Wait until the journal has everything that was acknowledged so far."""
        last = until(lambda: self.oximeter.acknowledged[-1:])[0]
        until(lambda: measured(self.journal, DEVICE)[last])

    def have_a_crisis(self) -> dict[str, Any]:
        """Let the saturation fall until the alert is high, and come back; the first page about it."""
        self.oximeter.course = lambda _: 80.0
        page = until(lambda: self.phones.about("Oxygen"))
        until(lambda: self.vigil.alerts()["spo2_low"]["priority"] == "high")
        self.oximeter.course = healthy
        self.vigil.until_latched("spo2_low")
        return page

    def close(self) -> None:
        """End it in good order, and look at everything that it left."""
        self.oximeter.switch_off()
        self.until_measured()
        assert self.vigil.stop() == 0, self.vigil.complaints
        assert "Traceback" not in self.vigil.complaints, self.vigil.complaints
        assert_measured_once(self.journal, DEVICE, self.oximeter.acknowledged)
        assert_sound(self.journal)
        assert_replays(self.journal)
        assert_told_as_recorded(self.journal, self.phones.pages)
        assert_keys_are_unique(self.phones.calls)
