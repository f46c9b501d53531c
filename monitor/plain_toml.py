"""TOML from outside, looked at before it is parsed: a parser of TOML can be kept busy, or out of memory, by a key.

The time and the memory that a dotted key takes grow with the square of its parts (150 s and 20 GB for 200 kB of them),
and a value can be nested deeper than Python's stack. So long lines are refused unparsed: nobody could review one.
"""

from collections.abc import Iterator
from typing import Any, Final, TypeVar

from msgspec import Struct, json, to_builtins, toml

LONGEST_TEXT: Final = 128 * 1024
LONGEST_LINE: Final = 500
"""Characters. A text of the longest lines allowed is parsed within a second."""

T = TypeVar("T")


def read_toml(text: str, type: type[T]) -> T:
    """Parse a text into values of a type.

    Raises:
        msgspec.ValidationError: a value is not of its type; the message says where.
        ValueError: it is no TOML, or none that anybody would write.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"it has {len(text)} characters; at most {LONGEST_TEXT} are read")
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            raise ValueError(f"line {number} has {len(line)} characters; at most {LONGEST_LINE} are read")
    try:
        return toml.decode(text, type=type)
    except RecursionError:
        raise ValueError("its values are nested too deeply") from None


def write_toml(value: Struct) -> str:
    """The TOML text of a value, which `read_toml` reads again; what is None is left out."""
    return "".join(f"{line}\n" for line in _lines(to_builtins(value)))


def _lines(table: dict[str, Any], path: str = "") -> Iterator[str]:
    below: list[tuple[str, str, dict[str, Any]]] = []
    for key, part in table.items():
        if isinstance(part, dict):
            below.append((f"[{path}{key}]", key, part))
        elif isinstance(part, list | tuple) and part and isinstance(part[0], dict):
            below += [(f"[[{path}{key}]]", key, each) for each in part]
        elif part is not None:
            # JSON's texts, numbers, truths and arrays are TOML's too, but for one character that TOML wants escaped.
            yield f"{key} = {json.encode(part).decode()}".replace("\x7f", "\\u007F")
    for header, key, part in below:
        yield header
        yield from _lines(part, f"{path}{key}.")
