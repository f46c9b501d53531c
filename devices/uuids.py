"""The two forms of a Bluetooth UUID: the 16-bit number of the standard, and the text that is used on the link."""

_BASE = "-0000-1000-8000-00805f9b34fb"


def uuid16(number: int) -> str:
    """A standard service or characteristic as a 128-bit UUID, lower case."""
    return f"0000{number:04x}{_BASE}"


def number16(uuid: str) -> int | None:
    """The 16-bit number of a standard UUID; None for a maker's own."""
    head, tail = uuid[:8].lower(), uuid[8:].lower()
    try:
        return int(head, 16) if tail == _BASE and head.startswith("0000") else None
    except ValueError:
        return None
