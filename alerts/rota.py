"""Who can be tried for a step of a ladder, and in which order."""

from collections.abc import Sequence

from msgspec import Struct

from monitor.people import Person, Role
from monitor.protocol import Ladder


class Candidate(Struct, frozen=True):
    """A person, the pager to reach them by, and the role they are wanted for."""

    person: str
    pager: str
    role: Role


def candidates(ladder: Ladder, index: int, people: Sequence[Person], avoid: str = "") -> list[Candidate]:
    """Everybody a ladder could reach, best first for its step `index`.

    The holders of the step's own role come first, in the order of the rota, each with their pagers in order. Then come
    the roles of the later steps, then those of the earlier ones: whenever anybody of the ladder has a pager, a step
    pages somebody. A pager to `avoid` (the alert is about that pager) comes after all others.
    """
    roles = dict.fromkeys(step.role for step in (*ladder.step[index:], *ladder.step[:index]))
    found = [
        Candidate(person.id, pager, role)
        for role in roles
        for person in people
        if role in person.roles
        for pager in person.pagers
    ]
    return sorted(found, key=lambda candidate: candidate.pager == avoid)
