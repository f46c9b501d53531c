"""Rules of other monitors, to hold ours against. They are for counting alerts, never for watching people.

A comparison has rules and no ladder, no expected signals and no equipment rules: whatever watches people refuses it.
"""

from importlib.resources import files

from msgspec import Struct, ValidationError
from msgspec.structs import replace

from monitor.plain_toml import read_toml, write_toml
from monitor.protocol import Rule, read_protocol


class Comparison(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rules of another monitor. `source` says where its limits were published."""

    title: str
    source: str
    rule: tuple[Rule, ...]


def names() -> list[str]:
    """The comparisons there are."""
    return sorted(each.name.removesuffix(".toml") for each in files(__name__).iterdir() if each.name.endswith(".toml"))


def load(name: str) -> Comparison:
    """One of them by its name.

    Raises:
        ValueError: its text is wrong.
        FileNotFoundError: there is none of that name.
    """
    try:
        return read_toml(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"), Comparison)
    except ValidationError as error:
        raise ValueError(f"comparison {name}: {error}") from None


def beside(protocol: str, name: str) -> str:
    """The text of a protocol with the rules of a comparison in place of its own.

    All else is the same, so that a difference in what is heard is a difference of the rules.

    Raises:
        ProtocolError: the result cannot be used.
    """
    comparison = load(name)
    title = f"Comparison only, not for watching people: {comparison.title}"
    text = write_toml(replace(read_protocol(protocol), id=f"comparison-{name}", title=title, rule=comparison.rule))
    read_protocol(text)
    return text
