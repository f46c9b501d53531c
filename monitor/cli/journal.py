"""`vigil journal`: look at a journal and check that it is whole."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at a journal and check that it is whole.")

JournalArgument = Annotated[Path, typer.Argument(metavar="JOURNAL", help="The journal's file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]


@app.command(epilog="Examples:  vigil journal check night.journal   |   vigil journal check night.journal --json")
def check(path: JournalArgument, as_json: JsonOption = False) -> None:
    """Verify a journal's chain, order and checkpoints. Checkpoints are proven by replay."""
    from monitor.cli.journal_check import check_journal

    check_journal(path, as_json=as_json)


@app.command(epilog="Examples:  vigil journal info night.journal   |   vigil journal info night.journal --json")
def info(path: JournalArgument, as_json: JsonOption = False) -> None:
    """Show what a journal holds."""
    from monitor.cli.journal_check import show_info

    show_info(path, as_json=as_json)
