"""Who can be told: people by their role, each with the pagers that reach them, best first."""

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """What somebody is responsible for during sessions; escalation ladders name roles, never people."""

    NURSE = "nurse"
    SECOND_NURSE = "second_nurse"
    SUPERVISOR = "supervisor"
    PHYSICIAN = "physician"
    ENGINEER = "engineer"


class Person(Struct, frozen=True):
    """Somebody on duty. `pagers` are names of configured pagers, tried in order."""

    id: str
    roles: tuple[Role, ...]
    pagers: tuple[str, ...]
