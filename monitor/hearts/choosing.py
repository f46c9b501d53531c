"""Which source of each session's heart rate is believed, from all that was told of it. Pure."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from monitor.heart import HeartSource, RateSign, RateSource
from monitor.hearts.evidence import OUTLIER, Evidence
from monitor.hearts.places import COLUMNS, DEVICES, Place, Places
from monitor.signal.clocks import Rows
from monitor.signal.filters import Array
from monitor.signal.fusion import NOBODY, TRUST, Fused, RateFusion, Sign, Source, Told
from monitor.signal.numerics import Numerics
from monitor.vitals import SECOND, Origin

ANEW = 60 * SECOND
"""Who has not compared for so long begins anew: everything told before is old."""
RESOLUTION = 5.0
"""/min. A rate that moves by less than three of these is no outlier, however steady it was before."""
MOVED = 3.0
"""/min. What contradicts is told again when it has moved so far."""

DERIVED = (Source.ECG, Source.PULSE)
"""What we compute has been compared with what was before it; numbers of devices have not."""
SOURCES: Sequence[RateSource] = [RateSource[source.name] for source in Source]
SIGNS: Sequence[RateSign] = [RateSign[sign.name] for sign in Sign]


class Left(Struct, frozen=True):
    """A device was taken off."""

    session: str
    device: str


class Hearts:
    """Compares rates of up to `most` sessions, and says when another source is to be believed, or is contradicted.

    At first nobody is believed.
    """

    def __init__(self, origin: Origin, most: int) -> None:
        self._origin, self._most = origin, most
        self._said: dict[str, HeartSource] = {}
        self._now = 0
        self._begin(0)

    def push(self, heard: Iterable[Evidence | Left], sessions: Collection[str], now: int) -> list[HeartSource]:
        """What has changed for the open sessions by `now` (ns). `heard`: since the last time, in any order.

        Sessions that are not open are not looked at, nor those that find no row.
        """
        if now - self._now >= ANEW:
            self._begin(now)
        self._now, heard = now, list(heard)
        for row in self._places.keep(sessions):
            for column in range(COLUMNS):
                self._forget(Place(row, column))
        told = self._told(sorted(each for each in heard if isinstance(each, Evidence)))
        fused = self._fusion.push(told, (now - self._began) / SECOND)
        for each in heard:
            if isinstance(each, Left):
                for place in self._places.leave(each.session, each.device):
                    self._forget(place)
        return self._changed(sessions, fused[-1]) if fused else []

    def _begin(self, now: int) -> None:
        self._began: int = now
        self._now = now
        self._places: Places = Places(self._most)
        self._fusion: RateFusion = RateFusion(self._most, devices=DEVICES)
        self._numerics = Numerics(np.full(self._most * COLUMNS, RESOLUTION))
        self._heard_at: dict[Place, int] = {}

    def _forget(self, place: Place) -> None:
        self._fusion.forget(place.row, place.column)
        self._numerics.reset([place.row * COLUMNS + place.column])
        self._heard_at.pop(place, None)

    def _told(self, heard: Iterable[Evidence]) -> Told:
        """What was heard, each in its place, in order of time."""
        some = []
        for each in heard:
            place = self._place(each)
            if place is not None and each.at > self._heard_at.get(place, 0):
                self._heard_at[place] = each.at
                some.append((place.row, place.column, (each.at - self._began) / SECOND, each.value, each.confidence))
        row, column, at_s, value, confidence = np.array(some, np.float64).reshape(-1, 5).T
        rows, sources = row.astype(np.intp), column.astype(np.intp)
        return Told(rows, sources, at_s, value, confidence * self._worth(rows, sources, at_s, value))

    def _place(self, each: Evidence) -> Place | None:
        """Where it stands. A device that is new to its session may get the place of one that is not heard any more."""
        places, who = self._places, (each.session, each.source, each.device)
        if (place := places.find(*who)) is not None:
            return place
        silent = each.at - TRUST[each.source].lasts_s * SECOND
        for place in places.of(each.session, each.source):
            if self._heard_at.get(place, 0) < silent:
                places.clear(place)
                self._forget(place)
        return places.settle(*who)

    def _worth(self, row: Rows, source: Rows, at_s: Array, value: Array) -> Array:
        """What each is worth, by the numbers that its device told before. No beats are no number."""
        own = ~np.isin(source % len(Source), DERIVED)
        beating = np.where(value > 0, value, np.nan)
        judged = self._numerics.push((row * COLUMNS + source)[own], at_s[own], beating[own])
        worth = np.ones(len(row))
        worth[own] = np.where(judged.outlier, OUTLIER, 1.0)
        return worth

    def _changed(self, sessions: Collection[str], fused: Fused) -> list[HeartSource]:
        news = []
        rows = dict(self._places.rows(sessions))
        said = {session: self._said.get(session, HeartSource(session, origin=self._origin)) for session in rows}
        for session, row in rows.items():
            source = self._source(session, row, fused)
            if _is_news(said[session], source):
                said[session] = source
                news.append(source)
        self._said = said
        return news

    def _source(self, session: str, row: int, fused: Fused) -> HeartSource:
        chosen, against = int(fused.source[row]), int(fused.against[row])
        return HeartSource(
            session,
            _name(chosen),
            self._places.device(row, chosen),
            SIGNS[fused.sign[row]],
            _name(against),
            self._places.device(row, against),
            None if against == NOBODY else float(fused.other[row]),
            self._origin,
        )


def _name(column: int) -> RateSource:
    return RateSource.NOBODY if column == NOBODY else SOURCES[column % len(Source)]


def _is_news(before: HeartSource, now: HeartSource) -> bool:
    """Whether anything else is to be said: of what contradicts only whether it has moved."""
    if before.other is not None and now.other is not None and abs(now.other - before.other) < MOVED:
        return replace(now, other=before.other) != before
    return now != before
