"""The protocols that ship with Vigil, as text: a session keeps the whole text it was opened with."""

from importlib.resources import files
from pathlib import Path

from monitor.protocol import ProtocolError


def protocol_text(name: str) -> str:
    """The TOML text of a protocol: one that ships with Vigil by its name, or any file by a path that ends in `.toml`.

    Raises:
        ProtocolError: there is no such protocol; the message lists those there are.
    """
    shipped = files(__name__)
    try:
        if name.endswith(".toml"):
            return Path(name).read_text(encoding="utf-8")
        return shipped.joinpath(f"{name}.toml").read_text(encoding="utf-8")
    except FileNotFoundError:
        names = sorted(each.name.removesuffix(".toml") for each in shipped.iterdir() if each.name.endswith(".toml"))
        raise ProtocolError(f"there is no protocol '{name}': name a file, or one of {', '.join(names)}") from None
    except ValueError as error:
        raise ProtocolError(f"'{name}' is no text: {error}") from None
