"""The mappings that ship with Vigil, and how any is read."""

from importlib.resources import files
from pathlib import Path

from devices.mapping import DeviceMap, MappingError, read_mapping


def ready() -> list[str]:
    """The names of the ready mappings."""
    return sorted(each.name.removesuffix(".toml") for each in files(__name__).iterdir() if each.name.endswith(".toml"))


def load_mapping(name: str) -> DeviceMap:
    """A ready mapping by its name, or any file by a path that ends in `.toml`.

    Raises:
        MappingError: with the file and every mistake in it.
    """
    try:
        return read_mapping(_text(name))
    except FileNotFoundError:
        raise MappingError(f"there is no mapping '{name}': name a file, or one of {', '.join(ready())}") from None
    except OSError as error:
        raise MappingError(f"{name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise MappingError(f"{name}: this is no text") from None
    except MappingError as error:
        raise MappingError("\n".join(f"{name}: {line}" for line in str(error).splitlines())) from None


def _text(name: str) -> str:
    if name.endswith(".toml"):
        return Path(name).read_text(encoding="utf-8")
    return files(__name__).joinpath(f"{Path(name).name}.toml").read_text(encoding="utf-8")
