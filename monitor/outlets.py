"""What becomes of a batch once it may leave: pages are sent, answers returned, the page and the stores told."""

from collections.abc import Callable

import structlog

from alerts.dispatch import Dispatcher
from monitor.alert import Page
from monitor.events import Answered, Fault
from monitor.journal import Batch
from monitor.service import Service

log = structlog.get_logger(__name__)


class Outlets:
    """Hears every batch exactly once and in order; nothing it does waits."""

    def __init__(self, dispatcher: Dispatcher, service: Service, wake_stores: Callable[[], None]) -> None:
        self._dispatcher = dispatcher
        self._service = service
        self._wake_stores = wake_stores

    def release(self, batch: Batch, recorded: bool) -> None:
        """Act on a batch. Pages first: nothing that follows may hold them up."""
        service = self._service
        for record in batch.records:
            body = record.body
            # Asked of every record: `isinstance` would take 90 ns each time, this takes 20.
            if type(body) is Page:
                self._dispatcher.send(body, not recorded)
            elif type(body) is Answered:
                service.runner.answer(body)
            elif type(body) is Fault:
                log.error("engine.fault", session=body.session, what=body.what)
        service.hub.publish(batch.records, recorded, service.now())
        service.counts.count(batch.records)
        for listener in service.listeners:
            listener(batch.records)
        if recorded:
            self._wake_stores()
