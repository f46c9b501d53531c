"""`vigil devices`: look at what devices send, take them in, and say who wears them."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Look at what devices send, take them in, and say who wears them.",
)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="The TOML file; environment variables VIGIL_… override it.")
]
ByOption = Annotated[str, typer.Option("--by", help="Who does this: initials or a staff number.")]
DeviceArgument = Annotated[str, typer.Argument(help="Our id of the device.")]
SessionArgument = Annotated[str, typer.Argument(help="The session of who wears it.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]


@app.callback()
def _devices() -> None:
    """Look at what devices send, take them in, and say who wears them."""


@app.command(
    epilog="Examples:  vigil devices mqtt   |   vigil devices mqtt --watch -c vigil.toml"
    "   |   vigil devices mqtt --mapping esphome --for 60 --json"
)
def mqtt(
    config: ConfigOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show it live, until Ctrl-C or the end of --for.")] = False,
    mapping: Annotated[
        list[str] | None, typer.Option(help="Name or path of a mapping to try, besides those that are configured.")
    ] = None,
    for_s: Annotated[
        float | None, typer.Option("--for", min=0.1, help="Seconds to listen; 10 when not watching.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what arrives on the broker, and what it means or why it cannot be read. Changes nothing."""
    from monitor.cli.devices_mqtt import watch_mqtt

    seconds = 10.0 if for_s is None and not watch else for_s
    watch_mqtt(config, mapping or [], watch=watch, for_s=seconds, as_json=as_json)


@app.command(epilog="Examples:  vigil devices scan   |   vigil devices scan --for 20 -c vigil.toml --json")
def scan(
    config: ConfigOption = None,
    for_s: Annotated[float | None, typer.Option("--for", min=0.1, help="Seconds to listen before it is shown.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show which Bluetooth devices are nearby. Asks the running service, or listens itself where none runs."""
    from monitor.cli.devices_scan import run_scan

    run_scan(config, for_s, as_json=as_json)


@app.command("list", epilog="Examples:  vigil devices list   |   vigil devices list -c vigil.toml --json")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show every device that the running service knows: who wears it, and how it is."""
    from monitor.cli.devices_asked import run_list

    run_list(config, as_json=as_json)


@app.command(epilog="Examples:  vigil devices add 5f0c91d2 oximeter-3 --by ak")
def add(
    nearby: Annotated[str, typer.Argument(help="As in the first column of vigil devices scan.")],
    device: DeviceArgument,
    by: ByOption,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a nearby Bluetooth device one of ours. The service connects to it from then on."""
    from monitor.cli.devices_asked import run_add

    run_add(config, nearby, device, by, as_json=as_json)


@app.command(epilog="Examples:  vigil devices forget oximeter-3 --by ak")
def forget(device: DeviceArgument, by: ByOption, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Make a Bluetooth device that nobody wears none of ours."""
    from monitor.cli.devices_asked import run_forget

    run_forget(config, device, by, as_json=as_json)


@app.command(epilog="Examples:  vigil devices assign oximeter-3 s-104 --by ak")
def assign(
    device: DeviceArgument,
    session: SessionArgument,
    by: ByOption,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a device on somebody. What it measures from then on is theirs."""
    from monitor.cli.devices_asked import run_assign

    run_assign(config, device, session, by, worn=True, as_json=as_json)


@app.command(epilog="Examples:  vigil devices release oximeter-3 s-104 --by ak")
def release(
    device: DeviceArgument,
    session: SessionArgument,
    by: ByOption,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a device off somebody."""
    from monitor.cli.devices_asked import run_assign

    run_assign(config, device, session, by, worn=False, as_json=as_json)
