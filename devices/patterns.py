"""Patterns of MQTT topics: `+` stands for any one level, `{name}` for one that is given a name."""

import re
from collections.abc import Mapping
from itertools import zip_longest

from msgspec import Struct

_NAME = r"\{([a-z_]+)\}"
_LEVEL = re.compile(rf"\+|{_NAME}|[^+#{{}}\0/$][^+#{{}}\0/]*")


class Pattern(Struct, frozen=True):
    """A pattern, level by level. `text` is as a person wrote it."""

    text: str

    @property
    def mistake(self) -> str:
        """Why this is no pattern, or nothing."""
        wrong = [level for level in self.text.split("/") if not _LEVEL.fullmatch(level)]
        if wrong:
            return f"'{wrong[0]}' is no level of a topic: a text without + # {{ }}, or +, or {{name}}"
        return "a name is there twice" if len(set(self.names)) < len(self.names) else ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(re.findall(_NAME, self.text))

    @property
    def filter(self) -> str:
        """What to subscribe to."""
        return re.sub(_NAME, "+", self.text)

    def match(self, topic: str) -> Mapping[str, str] | None:
        """The named levels of a topic, none of them empty; None for another topic."""
        wanted, levels = self.text.split("/"), topic.split("/")
        if len(wanted) != len(levels) or topic.startswith("$"):
            return None
        named = {}
        for want, level in zip(wanted, levels, strict=True):
            if want.startswith("{") and level:
                named[want[1:-1]] = level
            elif want not in ("+", level):
                return None
        return named


def fill(text: str, named: Mapping[str, str]) -> str:
    """A text with the named levels in the places of their names; what stands in them is not looked at again."""
    return re.sub(_NAME, lambda found: named.get(found[1], found[0]), text)


def overlap(first: str, second: str) -> bool:
    """Whether a topic can fit both of two filters."""
    for one, other in zip_longest(first.split("/"), second.split("/")):
        if "#" in (one, other):
            return True
        if one is None or other is None or (one != other and "+" not in (one, other)):
            return False
    return True
