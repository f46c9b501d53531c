"""`vigil devices`: look at what devices send, before anybody wears one."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Look at what devices send, before anybody wears one."
)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="The TOML file; environment variables VIGIL_… override it.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]


@app.callback()
def _devices() -> None:
    """Look at what devices send, before anybody wears one."""


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
