"""`vigil signal`: what is computed from waveforms."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at what is computed from waveforms.")


@app.callback()
def _options() -> None:
    """Keeps `rerun` a command of its own while it is the only one."""


@app.command(epilog="Examples:  vigil signal rerun night.journal   |   vigil signal rerun night.journal --json")
def rerun(
    journal: Annotated[Path, typer.Argument(metavar="JOURNAL", help="The journal's file, or that of its waveforms.")],
    waves: Annotated[Path | None, typer.Option(help="The waveforms, where they are not beside the journal.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")] = False,
) -> None:
    """Compute numbers from kept waveforms again, and compare them with the journal."""
    from monitor.cli.signal_rerun import run_rerun

    run_rerun(journal, waves, as_json=as_json)
