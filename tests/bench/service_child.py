"""The service under test, whole: journal on disk, page, hub, metrics, pagers; only its ends are watched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from monitor.compose import serve
from monitor.config import Config, load
from monitor.events import Envelope, Input, Observation, Record, SiteCondition, Told
from monitor.journal.recorder import INTERRUPTED
from monitor.logs import set_up_logs
from monitor.mode import ModeName
from monitor.service import Service
from tests.bench.child import Meter, settings
from tests.bench.site import FIVE_SIGNALS, ONE_SIGNAL, openings, wearing


def config(site: str, broker_port: int, journal: Path) -> Config:
    """A rehearsal with somebody on duty, whose pages go to this process's log."""
    return load(
        site=site,
        mode=ModeName.REHEARSAL,
        journal={"path": journal},
        mqtt={"port": broker_port},
        page={"port": 0},
        pager=[{"name": "console", "kind": "console"}],
        person=[{"id": "nurse-1", "roles": ["nurse"], "pagers": ["console"]}],
    )


class Watched:
    """Counts what a service releases, and stamps what it judges and commits."""

    def __init__(self, service: Service) -> None:
        self.meter = Meter()
        self._take = service.runner.take
        service.listeners.append(self.hear)

    def hear(self, records: Sequence[Record]) -> None:
        """Count the messages of a released batch, and how often recording was interrupted."""
        messages = 0
        for record in records:
            if type(record) is Envelope:
                if type(record.body) is Observation:
                    messages += 1
                elif isinstance(record.body, SiteCondition) and record.body.code == INTERRUPTED:
                    self.meter.interruptions += record.body.present
        self.meter.count(messages)

    def take(
        self, body: Input, *, session: str = "", key: str = "", done: Callable[[], None] | None = None
    ) -> Sequence[Told]:
        """`Runner.take`, with the instants before and behind it."""
        if done is None or type(body) is not Observation:
            return self._take(body, session=session, key=key, done=done)

        def committed() -> None:
            self.meter.commit()
            done()

        told = self._take(body, session=session, key=key, done=committed)
        self.meter.decide()
        return told


async def main(site: str, port: int, sessions: int, journal: str, stamps: bool) -> None:
    """Open the sessions and watch until told to end."""
    worn = [*wearing(ONE_SIGNAL, sessions), *wearing(FIVE_SIGNALS, sessions)]
    async with serve(config(site, port, Path(journal))) as service:
        for command in openings(worn, service.now()):
            if not (answered := await service.command(command)).accepted:  # type: ignore[arg-type] # all are commands
                raise RuntimeError(answered.reason)
        watched = Watched(service)
        if stamps:
            service.runner.take = watched.take  # type: ignore[method-assign] # the one way to hear when it has judged
        while not all(check.ok for check in service.readiness()):  # noqa: ASYNC110 - readiness is asked, never told
            await asyncio.sleep(0.05)
        await watched.meter.serve(service.url)


if __name__ == "__main__":
    set_up_logs()
    asyncio.run(main(**settings()))
