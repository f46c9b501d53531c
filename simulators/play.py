"""Stories played in virtual time: what devices send is taken once, and run through as many protocols as one likes.

Deterministic: the same scenario gives the same Take, and the same Take, protocol and responder the same Run, to the
byte and in any process.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count

from msgspec import Struct

from devices.topics import observation_key
from monitor.alert import Alert, Delivery, Page
from monitor.commands import Command
from monitor.events import DeliveryReported, Envelope, Input, Observation, Started, Told
from monitor.pipeline import Engine
from monitor.protocol import TreatmentProtocol, read_protocol
from monitor.vitals import SECOND, Origin
from simulators.actions import STAFF
from simulators.faults import FaultSpan
from simulators.instruments import Person
from simulators.latent import Latent
from simulators.staff import USUAL_RESPONDER, Intent, Responder, Staff, planned
from simulators.story import Scenario, ScenarioError
from simulators.truth import Event, Quiet, events, quiets

START = 1_790_000_000 * SECOND
"""Second 0 of every run (ns). Any instant would do; the same one gives the same bytes."""
DELIVERED_AFTER = SECOND
"""A page arrives, and its pager says so, this long after it was due."""
_SITE = "stories"
_NEVER = 2**63


class Take(Struct, frozen=True):
    """What the devices of a story send, the same whoever watches, and the truth behind it.

    `inputs`: ns since the start with each input, in order of time. `latents`: by session, from second 0 to the end.
    """

    name: str
    scenario: Scenario
    inputs: tuple[tuple[int, Input], ...]
    events: tuple[Event, ...]
    quiets: tuple[Quiet, ...]
    faults: tuple[FaultSpan, ...]
    latents: Mapping[str, Latent]


class Run(Struct, frozen=True):
    """A take as the engine judged it under a protocol, with staff who answered.

    `protocol` is the site's. `start` (ns): the instant of second 0, from which all others count.
    """

    take: Take
    protocol: TreatmentProtocol
    start: int
    envelopes: tuple[Envelope, ...]
    told: tuple[Told, ...]


def take(scenario: Scenario, name: str) -> Take:
    """Play the people and their devices for the story's `duration_s`, a tick a second.

    Raises:
        ScenarioError: the story has no `duration_s`.
    """
    if scenario.duration_s is None:
        raise ScenarioError(f"{name}: give duration_s, the seconds to play")
    people, ticks = scenario.people(), int(scenario.duration_s)
    latents = {person.session: person.body.latent(0, ticks) for person in people}
    bends = {script.id: script.bends() for script in scenario.session}
    return Take(
        name,
        scenario,
        tuple(sent(people, ticks)),
        tuple(each for session, latent in latents.items() for each in events(session, latent, bends[session])),
        tuple(each for session, latent in latents.items() for each in quiets(session, latent, bends[session])),
        tuple(span for person in people for span in person.fault_spans(scenario.duration_s)),
        latents,
    )


def sent(people: Sequence[Person], ticks: int) -> Iterator[tuple[int, Input]]:
    """What arrives of people who are switched on at START, a tick a second: ns since then, and the input."""
    for person in people:
        yield from ((0, status) for status in person.switch_on(START))
    for tick in range(ticks):
        since = tick * SECOND
        for person in people:
            for each in person.send(tick, tick, START + since):
                yield since, each


def run(take: Take, protocol_text: Callable[[str], str], responder: Responder = USUAL_RESPONDER) -> Run:
    """Let the engine watch a take, with a staff of four (`STAFF`).

    Sessions are opened and the doses given before the start entered at second 0, before any device is heard; they stay
    open at the end. Every page is delivered a second after it was due.

    Args:
        protocol_text: the TOML text of a protocol by its name; the site has that of the first session.
        responder: how alerts are answered of which the story says nothing.

    Raises:
        monitor.protocol.ProtocolError: a protocol cannot be used.
    """
    return _Play(take, protocol_text, responder).play()


class _Play:
    """One run: the inputs of the take, a heap of what else is to come, and an engine whose time never goes back."""

    def __init__(self, take: Take, protocol_text: Callable[[str], str], responder: Responder) -> None:
        self._take = take
        self._protocol_text = protocol_text
        self._engine = Engine(Origin.SIMULATED)
        self._staff = Staff(take.scenario, START, responder)
        self._coming: list[tuple[int, int, Input | Intent]] = []
        self._numbers = count()
        self._envelopes: list[Envelope] = []
        self._told: list[Told] = []

    def play(self) -> Run:
        """From second 0 to the end."""
        scenario = self._take.scenario
        text = self._protocol_text(scenario.session[0].protocol)
        self._put(START, Started("simulated", _SITE, STAFF, text, origin=Origin.SIMULATED))
        for script in scenario.session:
            for command in self._staff.opening(script, self._protocol_text(script.protocol), START):
                self._put(START, command)
        for action in planned(scenario):
            at = START + int(action.at_s * SECOND)
            self._push(at, self._staff.act(action, at))
        for at, body in self._take.inputs:
            self._until(START + at)
            self._put(START + at, body)
        self._until(START + int((scenario.duration_s or 0) * SECOND))
        return Run(self._take, read_protocol(text), START, tuple(self._envelopes), tuple(self._told))

    def _until(self, end: int) -> None:
        """Let everything happen that comes up to `end`: deadlines first, because that is what a live engine does."""
        engine, coming = self._engine, self._coming
        while True:
            deadline = engine.next_deadline() or _NEVER
            due = coming[0][0] if coming else _NEVER
            if min(deadline, due) > end:
                return
            if deadline <= due:
                self._hear(engine.advance(deadline))
            else:
                self._happen(*heappop(coming))

    def _happen(self, at: int, _: int, what: Input | Intent) -> None:
        body = self._staff.answer(what) if isinstance(what, Intent) else what
        if body is not None:
            self._put(at, body)

    def _put(self, at: int, body: Input) -> None:
        session = body.session if isinstance(body, Command) else ""
        envelope = Envelope(_SITE, len(self._envelopes) + 1, at, session, _key(body), body)
        self._envelopes.append(envelope)
        self._hear(self._engine.receive(envelope))

    def _hear(self, told: Iterable[Told]) -> None:
        for one in told:
            self._told.append(one)
            body = one.body
            if type(body) is Page:
                report = DeliveryReported(body.id, body.alert, body.person, body.pager, Delivery.DELIVERED)
                self._push(body.due_at + DELIVERED_AFTER, report)
            if type(body) is Page or type(body) is Alert:
                for intent in self._staff.hear(body, one.at):
                    self._push(intent.due, intent)

    def _push(self, due: int, what: Input | Intent) -> None:
        heappush(self._coming, (max(due, self._engine.now), next(self._numbers), what))


def _key(body: Input) -> str:
    """What the service would name an input by."""
    if isinstance(body, Observation):
        return observation_key(body)
    if isinstance(body, DeliveryReported):
        return f"{body.page}/{body.pager}"
    return body.request if isinstance(body, Command) else ""
