"""Other values for one limit of a protocol: what `vigil tune` tries."""

from msgspec import Struct
from msgspec.structs import replace

from monitor.alert import Priority
from monitor.plain_toml import write_toml
from monitor.protocol import Limit, ProtocolError, Rule, TreatmentProtocol, read_protocol


class Place(Struct, frozen=True):
    """Which limit of a protocol: the first one of a rule that has this priority, counted mildest first.

    `further` skips so many of them: 1 is the second one of that priority.
    """

    rule: str
    priority: Priority
    further: int = 0


class Values(Struct, frozen=True):
    """What is tried in the place of a limit's own: `dwell_s` in s, `limit` in the signal's unit; None keeps it."""

    dwell_s: float | None = None
    limit: float | None = None


def values_at(protocol: TreatmentProtocol, place: Place) -> Values:
    """What the protocol holds there now.

    Raises:
        ProtocolError: there is no such limit; the message lists those there are.
    """
    limit = _limit(_rule(protocol, place), place)
    return Values(limit.dwell_s, limit.at_most if limit.at_least is None else limit.at_least)


def tuned(protocol: TreatmentProtocol, place: Place, values: Values) -> str:
    """The text of a protocol that holds other values in one place; `clear` keeps its distance from the limit.

    It is reviewed by nobody, and its id says what was changed.

    Raises:
        ProtocolError: there is no such limit, or no protocol may hold these values.
    """
    rule = _rule(protocol, place)
    old = _limit(rule, place)
    new = _with(old, values)
    limits = tuple(new if limit is old else limit for limit in rule.limit)
    rules = tuple(replace(each, limit=limits) if each is rule else each for each in protocol.rule)
    text = write_toml(replace(protocol, id=_name(protocol, place, values), reviewed_by="", rule=rules))
    read_protocol(text)
    return text


def _with(limit: Limit, values: Values) -> Limit:
    if values.dwell_s is not None:
        limit = replace(limit, dwell_s=values.dwell_s)
    side = "at_most" if limit.at_least is None else "at_least"
    before = getattr(limit, side)
    if values.limit is None or before is None:
        return limit
    clear = None if limit.clear is None else round(limit.clear + values.limit - before, 6)
    return replace(limit, **{side: values.limit, "clear": clear})


def _name(protocol: TreatmentProtocol, place: Place, values: Values) -> str:
    changes = [
        f"{name} {value:g}" for name, value in (("limit", values.limit), ("dwell", values.dwell_s)) if value is not None
    ]
    return f"{protocol.id} with {place.rule} {place.priority} {', '.join(changes) or 'as it is'}"


def _rule(protocol: TreatmentProtocol, place: Place) -> Rule:
    rules = {rule.id: rule for rule in protocol.rule}
    if place.rule not in rules:
        raise ProtocolError(f"{protocol.id} has no rule '{place.rule}': it has {', '.join(rules)}")
    return rules[place.rule]


def _limit(rule: Rule, place: Place) -> Limit:
    limits = [limit for limit in rule.limit if limit.priority is place.priority and limit.cause is None]
    if place.further >= len(limits):
        held = ", ".join(f"{limit.priority} {_shown(limit)}" for limit in rule.limit)
        raise ProtocolError(f"rule.{rule.id} has {len(limits)} {place.priority} limits of a value; it has {held}")
    return limits[place.further]


def _shown(limit: Limit) -> str:
    if limit.at_least is not None:
        return f"≥ {limit.at_least:g}"
    return f"≤ {limit.at_most:g}" if limit.at_most is not None else f"{limit.cause}"
