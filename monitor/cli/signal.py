"""`vigil signal`: what is computed from waveforms."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at what is computed from waveforms.")


@app.command(epilog="Examples:  vigil signal rerun night.journal   |   vigil signal rerun night.journal --json")
def rerun(
    journal: Annotated[Path, typer.Argument(metavar="JOURNAL", help="The journal's file, or that of its waveforms.")],
    waves: Annotated[Path | None, typer.Option(help="The waveforms, where they are not beside the journal.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")] = False,
) -> None:
    """Compute numbers from kept waveforms again, and compare them with the journal."""
    from monitor.cli.signal_rerun import run_rerun

    run_rerun(journal, waves, as_json=as_json)


@app.command(
    epilog="Examples:  vigil signal score --data recordings   |   vigil signal score --data recordings --peers --noise"
    "   |   vigil signal score --data recordings --no-speed --json"
)
def score(
    data: Annotated[
        Path, typer.Option(help="A folder with records of MIT-BIH in mitdb/, of BIDMC in bidmc/, or both.")
    ],
    peers: Annotated[bool, typer.Option("--peers", help="Ask other libraries, too; those that are installed.")] = False,
    noise: Annotated[
        bool, typer.Option("--noise", help="Disturb the records, too: what is told then (minutes).")
    ] = False,
    speed: Annotated[bool, typer.Option(help="Measure how many people a core serves.")] = True,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; as many as there are processors.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")] = False,
) -> None:
    """Say how well numbers are found in waveforms, on recordings that people annotated."""
    from monitor.cli.signal_score import run_score

    run_score(data, peers=peers, noise=noise, speed=speed, jobs=jobs, as_json=as_json)
