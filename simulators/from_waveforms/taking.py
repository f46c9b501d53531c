"""Stories taken once more, with devices that send waveforms: their numbers are what our signal processing computes."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from monitor.events import Input, Observation
from monitor.signal.chain import Chain
from monitor.signal.sensor import Sensor
from monitor.vitals import SECOND
from monitor.waves.run import Run
from simulators.from_waveforms.causes import SENSOR, SENT
from simulators.from_waveforms.sampling import Sampler
from simulators.from_waveforms.sending import Sending
from simulators.from_waveforms.skin import FrontEnd
from simulators.instruments import Person, together
from simulators.play import START, Take, sent
from simulators.story import Scenario, Script
from simulators.worn.roles import MEASURED_BY, Role


def has_waveforms(scenario: Scenario) -> bool:
    """Whether a story can be played so: somebody recorded has numbers only."""
    return all(script.recording is None for script in scenario.session)


def retaken(takes: Sequence[Take]) -> Iterator[tuple[Take, Take]]:
    """Each with the same people, faults and truth once more: oximeters and straps send waveforms there, from which
    numbers are computed.

    All are played side by side, because many people's waveforms are computed at once; a Take does not depend on which
    others there are.
    """
    runs = [_Retake(number, each) for number, each in enumerate(takes)]
    chain = Chain(sum(len(run.roles) for run in runs), _sensor_of)
    for tick in range(max((run.ticks for run in runs), default=0)):
        arrived = [piece for run in runs for piece in run.arrive(tick) if not piece.late]
        for told in chain.push(arrived):
            runs[int(told.device.split("/", 1)[0])].hear(tick, told)
    for each, again in zip(takes, runs, strict=True):
        yield each, again.take()


class _Retake:
    """One story while it is played again. Names of its devices begin with its number where all are together."""

    def __init__(self, number: int, take: Take) -> None:
        self._take = take
        self.ticks = int(take.scenario.duration_s or 0)
        everybody = [_person(script) for script in take.scenario.session]
        self._messages: dict[int, list[Observation]] = {}
        self._rest: list[tuple[int, Input]] = []
        people = together(person for person, _ in everybody)
        self.roles = {each.device: each.role for _, ends in everybody for each in ends}
        for since, body in sent(people, self.ticks):
            if isinstance(body, Observation) and body.device in self.roles:
                self._messages.setdefault(since // SECOND, []).append(body)
            else:
                self._rest.append((since, body))
        samplers = {
            end.device: (end.role, Sampler(end.skin(), script.seed))
            for script, (_, ends) in zip(take.scenario.session, everybody, strict=True)
            for end in ends
        }
        self._sending = Sending(samplers, f"{number}/")
        self._told: list[tuple[int, Input]] = []

    def arrive(self, tick: int) -> list[Run]:
        """The runs of samples that arrive at a tick."""
        messages = self._messages.pop(tick, ())
        return self._sending.receive(messages, START + tick * SECOND) if messages else []

    def hear(self, tick: int, told: Observation) -> None:
        """Note what was computed at a tick, of the signals that the device is known for."""
        own = self._sending.own(told)
        values = tuple(each for each in own.values if each.signal in MEASURED_BY[self.roles[own.device]])
        if values:
            self._told.append((tick * SECOND, replace(own, values=values)))

    def take(self) -> Take:
        """Everything that arrived, numbers in place of samples."""
        inputs = sorted([*self._rest, *self._told], key=lambda each: each[0])
        return replace(self._take, inputs=tuple(inputs))


def _sensor_of(device: str) -> Sensor:
    """That of every oximeter."""
    return SENSOR


def _person(script: Script) -> tuple[Person, list[FrontEnd]]:
    ends = [FrontEnd(script.devices.oximeter, Role.OXIMETER), FrontEnd(script.devices.strap, Role.STRAP)]
    rest = [each for each in script.devices.instruments(script.cuff) if each.role not in SENT]
    person = Person(script.id, script.body(), [*ends, *rest], script.fault, seed=f"{script.seed}/devices")
    return person, ends
