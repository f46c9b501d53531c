"""Whether pagers deliver: what is wrong with each, told apart from the alerts whose pages they carry."""

from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from monitor.alert import Delivery, Page
from monitor.events import DeliveryReported
from monitor.people import Person

PAGER_FAILING = "pager_failing"
PAGE_UNDELIVERED = "page_undelivered"
FAILING = 2
"""Attempts in a row after which a pager is failing."""


class Fault(Struct):
    """What is wrong with one pager."""

    failures: int = 0
    """In a row."""
    detail: str = ""
    silent: str = ""
    """The page of which it made no report in time, until it reports again."""


class PagerHealth(Struct):
    """The pagers with something wrong, by name."""

    faults: dict[str, Fault] = field(default_factory=dict)

    def awaits(self, report: DeliveryReported) -> bool:
        """Whether this is the late report of the page that its pager has been silent about."""
        fault = self.faults.get(report.pager)
        return fault is not None and fault.silent == report.page

    def report(self, report: DeliveryReported) -> None:
        """Take what became of an attempt; a delivery mends everything."""
        if report.outcome is Delivery.DELIVERED:
            self.faults.pop(report.pager, None)
            return
        fault = self.faults.setdefault(report.pager, Fault())
        fault.failures, fault.detail, fault.silent = fault.failures + 1, report.detail, ""

    def silent(self, page: Page) -> None:
        """No report of a page came in time."""
        self.faults.setdefault(page.pager, Fault()).silent = page.id

    def keep(self, people: Sequence[Person]) -> None:
        """Forget pagers that nobody carries any more: nothing will ever be delivered by them."""
        carried = {pager for person in people for pager in person.pagers}
        self.faults = {name: fault for name, fault in self.faults.items() if name in carried}

    def conditions(self) -> Iterator[tuple[str, str, str]]:
        """The conditions that are present, as (code, pager, detail)."""
        for name, fault in self.faults.items():
            if fault.failures >= FAILING:
                yield PAGER_FAILING, name, fault.detail
            if fault.silent:
                yield PAGE_UNDELIVERED, name, fault.silent
