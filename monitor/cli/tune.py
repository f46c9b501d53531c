"""`vigil tune`: other values for one limit, tried on simulated people, and what each costs and finds."""

from itertools import product
from pathlib import Path

from msgspec import Struct

from alerts.protocols import protocol_text
from monitor.alert import Priority
from monitor.cli.exits import Refused
from monitor.cli.score import processors
from monitor.cli.show import err, out, print_json, print_table
from monitor.protocol import ProtocolError, read_protocol
from monitor.tuning import Place, Values, tuned, values_at
from simulators.plots.figures import KINDS, FigureError, save
from simulators.plots.sweep import draw
from simulators.scoring.choice import Choice
from simulators.scoring.intervals import Estimate
from simulators.scoring.sweep import sweep
from simulators.scoring.sweep_report import Point, Sweep, point
from simulators.scoring.tables import NOTHING
from simulators.story import ScenarioError


class Tried(Struct, frozen=True, kw_only=True):
    """What is tried: in which place of which protocol, and the values, each with each."""

    protocol: str = "default"
    place: Place
    limits: tuple[float, ...] = ()
    dwells_s: tuple[float, ...] = ()


def tried(protocol: str, rule: str, priority: str, further: int, limits: str, dwells: str) -> Tried:
    """What the options ask for. Raises Refused."""
    if priority not in set(Priority):
        raise Refused(f"--priority is one of {', '.join(Priority)}, not '{priority}'")
    place = Place(rule, Priority(priority), further)
    return Tried(
        protocol=protocol, place=place, limits=_numbers("--limit", limits), dwells_s=_numbers("--dwell", dwells)
    )


def _numbers(option: str, text: str) -> tuple[float, ...]:
    try:
        return tuple(float(number) for number in text.split(",")) if text else ()
    except ValueError:
        raise Refused(f"{option} takes numbers separated by commas, not '{text}'") from None


def run_tune(choice: Choice, tried: Tried, *, jobs: int | None, as_json: bool, plot: Path | None) -> None:
    """Play, count, print and draw.

    Raises:
        Refused: a protocol, a value or a story cannot be used, or the plot cannot be drawn.
    """
    if plot is not None and plot.suffix.removeprefix(".") not in KINDS:
        raise Refused(f"--plot: {plot} must end in {' or '.join(f'.{kind}' for kind in KINDS)}")
    try:
        found = _sweep(choice, tried, jobs or processors())
        if plot is not None:
            save(draw(found), plot)
    except (ProtocolError, ScenarioError, FigureError) as error:
        raise Refused(str(error)) from None
    if as_json:
        print_json(found)
    else:
        _print(found)


def _sweep(choice: Choice, tried: Tried, jobs: int) -> Sweep:
    place = tried.place
    protocol = read_protocol(protocol_text(tried.protocol))
    today = values_at(protocol, place)
    values = _values(tried, today)
    texts = [tuned(protocol, place, each) for each in values]
    names = choice.names()
    if not names:
        raise Refused("there is nothing to play: name a folder with stories, or give --quiet or --events")
    with err.status(f"{len(values)} values …") as status:
        played = 0

        def done(name: str) -> None:
            nonlocal played
            played += 1
            status.update(f"{len(values)} values, each on {played} of {len(names)}, last {name}")

        counts = sweep(names, texts, place.rule, place.priority, min(jobs, len(names)), done)
    points = [point(each, each == today, counted) for each, counted in zip(values, counts, strict=True)]
    return Sweep(tried.protocol, place, choice.seed, len(names), tuple(points))


def _values(tried: Tried, today: Values) -> list[Values]:
    """Every value with every other, today's among them, in order."""
    limits = tried.limits or (today.limit,)
    dwells = tried.dwells_s or (today.dwell_s,)
    every = {today, *(Values(dwell, limit) for limit, dwell in product(limits, dwells))}
    return sorted(every, key=lambda values: (values.limit or 0, values.dwell_s or 0))


def _print(found: Sweep) -> None:
    place, hours = found.place, found.points[0].heard.of
    out.print(f"{place.rule}, {place.priority}, in {found.protocol}", style="bold")
    out.print(f"Played {found.played} stories and drawn sessions, {hours:.0f} person-hours, under each value.")
    out.print(
        "Alerts: audible ones of this rule, at this priority or above. Undeserved: those that the person was not ill "
        "enough for. Disturbed: near misses in which one came. Told: events that this rule may tell, by it at this "
        "priority; median and 95th percentile in s from the onset. Heard, missed: by the whole monitor, missed of what "
        "could be observed. How sure the numbers are: --json.\n",
        style="dim",
    )
    columns = "limit", "dwell", "", "alerts/h", "undeserved", "disturbed", "told", "s", "heard/h", "missed"
    print_table(columns, (_row(each) for each in found.points))


def _row(each: Point) -> tuple[str, ...]:
    values, latency = each.values, each.latency
    return (
        NOTHING if values.limit is None else f"{values.limit:g}",
        NOTHING if values.dwell_s is None else f"{values.dwell_s:g}",
        "today" if each.today else "",
        f"{each.alerts.value:.2f}",
        str(each.undeserved.count),
        _of(each.disturbed),
        _of(each.told),
        NOTHING if latency is None else f"{latency.median:.0f}, {latency.p95:.0f}",
        f"{each.heard.value:.2f}",
        _of(each.missed),
    )


def _of(estimate: Estimate) -> str:
    return f"{estimate.count} of {estimate.of:g}"
