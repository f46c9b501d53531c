"""Routes for devices: which there are, which are nearby, and taking one in or forgetting it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from msgspec import json
from msgspec.structs import asdict, replace

from dashboards.live.bluetooth import Bluetooth, CannotError, Nearby, SiteDevice, UnheardError
from dashboards.live.requests import DeviceAnswer, ForgetRequest, Problem, TakeInRequest
from dashboards.live.schema import shows
from dashboards.live.station import Station
from dashboards.live.views import DeviceView
from monitor.vitals import SECOND

NOT_ENABLED = (
    "Bluetooth is not enabled here: set enabled = true under [bluetooth] in the configuration, and start Vigil again"
)

SENDS_FOR = 60 * SECOND
"""A device that was heard so long ago may still send."""


class Equipping:
    """One method a route."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def router(self) -> APIRouter:
        """The routes by path."""
        router = APIRouter(prefix="/api/v1/devices", tags=["devices"])
        disabled: dict[int | str, dict[str, Any]] = {409: {"model": Problem}}
        refused = {404: {"model": Problem}, **disabled}
        for path, endpoint, responses in (
            ("", self.devices, shows("SiteDevice", many=True)),
            ("/nearby", self.nearby, {**shows("Nearby", many=True), **disabled}),
        ):
            router.add_api_route(path, endpoint, response_class=Response, responses=responses)
        router.add_api_route("", self.take_in, methods=["POST"], responses=refused)
        router.add_api_route("/{device}/forget", self.forget, methods=["POST"], responses=refused)
        return router

    async def devices(self) -> Response:
        """Every device of the site: those that were heard of, and those that were taken in."""
        ours = self._station.bluetooth.ours() if self._station.bluetooth else {}
        every = {**{device: DeviceView(id=device) for device in ours}, **self._every()}
        shown = [SiteDevice(**asdict(every[device]), model=ours.get(device, "")) for device in sorted(every)]
        return _json(shown)

    async def nearby(self) -> Response:
        """What Bluetooth hears now, of the models that Vigil knows; with our id where it was taken in."""
        return _json([self._worn(each) for each in self._bluetooth().nearby()])

    async def take_in(self, order: TakeInRequest) -> DeviceAnswer:
        """Give a nearby device an id of ours: it is connected from now on."""
        bluetooth = self._bluetooth()
        self._refuse_other(order.id, bluetooth)
        with _refusals():
            await bluetooth.take_in(order.nearby, order.id, order.by)
        return DeviceAnswer(device=order.id)

    async def forget(self, device: str, order: ForgetRequest) -> DeviceAnswer:
        """Make a device that nobody wears none of ours: it is no longer connected."""
        bluetooth = self._bluetooth()
        if wearer := self._known(device).session:
            raise HTTPException(409, f"{device} is on {wearer}: take it off there first")
        with _refusals():
            await bluetooth.forget(device, order.by)
        return DeviceAnswer(device=device)

    def _bluetooth(self) -> Bluetooth:
        if self._station.bluetooth is None:
            raise HTTPException(409, NOT_ENABLED)
        return self._station.bluetooth

    def _refuse_other(self, device: str, bluetooth: Bluetooth) -> None:
        """An id that comes another way is another device's: their values must not become one person's."""
        known = self._known(device)
        if known.session:
            raise HTTPException(409, f"{device} is on {known.session}: take it off there first, or choose another id")
        if device not in bluetooth.ours() and self._station.now() - (known.heard_at or 0) < SENDS_FOR:
            raise HTTPException(
                409,
                f"a device of the id {device} sent values a moment ago: choose another id, or wait a minute if you "
                "have just forgotten it",
            )

    def _known(self, device: str) -> DeviceView:
        return self._every().get(device, DeviceView(id=device))

    def _every(self) -> dict[str, DeviceView]:
        """Every device that was heard of. What nobody wears was heard when it last sent."""
        site = self._station.board.site()
        every = {device.id: device for device in site.devices}
        for sending in site.unclaimed:
            known = every.get(sending.device, DeviceView(id=sending.device))
            every[sending.device] = replace(known, heard_at=max(known.heard_at or 0, sending.measured_at))
        return every

    def _worn(self, nearby: Nearby) -> Nearby:
        return replace(nearby, session=self._known(nearby.device).session) if nearby.device else nearby


@contextmanager
def _refusals() -> Iterator[None]:
    """What the collector refuses, as an answer."""
    try:
        yield
    except UnheardError as unheard:
        raise HTTPException(404, str(unheard)) from None
    except CannotError as cannot:
        raise HTTPException(409, str(cannot)) from None


def _json(shown: object) -> Response:
    return Response(json.encode(shown), media_type="application/json")
