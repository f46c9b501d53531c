"""`vigil check-config`: is the configuration right, and what is in force."""

from pathlib import Path

from alerts.protocols import protocol_text
from monitor.cli.exits import Exit, Refused
from monitor.cli.show import out, print_json, print_table
from monitor.config import Config, ConfigError, in_force, load
from monitor.protocol import ProtocolError, read_protocol


def show_config(path: Path | None, *, as_json: bool) -> None:
    """Print every value in force with its source, or every mistake.

    Raises:
        Refused: the configuration or its protocol is wrong.
    """
    try:
        config = load(path)
        mistakes = _protocol_mistakes(config)
    except ConfigError as error:
        mistakes = str(error).splitlines()
    if mistakes and as_json:
        print_json({"ok": False, "mistakes": mistakes})
        raise SystemExit(Exit.USAGE)
    if mistakes:
        raise Refused("\n".join(["the configuration is wrong:", *mistakes]))
    rows = [*in_force(config, path)]
    if as_json:
        values = {key: {"value": value, "source": source} for key, value, source in rows}
        print_json({"ok": True, "values": values})
        return
    print_table(("key", "value", "from"), rows)
    out.print("\nThe configuration is right.")


def _protocol_mistakes(config: Config) -> list[str]:
    try:
        read_protocol(protocol_text(config.protocol))
    except (ProtocolError, OSError, KeyError) as error:
        return [f"protocol '{config.protocol}': {error}"]
    return []
