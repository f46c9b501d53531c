"""The options of `vigil replay`, apart from what runs, so that --help is quick."""

from pathlib import Path
from typing import Annotated

import typer

_SPEED = "1 is real time, 10 ten times as fast (at most 100 with --live), max as fast as possible.  [max; --live: 1]"

Recording = Annotated[
    str, typer.Argument(help="A journal; a story by name or path, or draw:…; a CSV, EDF or WFDB file.")
]
Mapping = Annotated[str | None, typer.Option(help="What a file's numbers mean: a ready mapping's name, or a path.")]
Speed = Annotated[str | None, typer.Option(help=_SPEED)]
From = Annotated[str | None, typer.Option("--from", help="Print from here on: HH:MM:SS or seconds from the start.")]
To = Annotated[str | None, typer.Option("--to", help="End here: HH:MM:SS or seconds from the start.")]
Laps = Annotated[int, typer.Option("--loop", min=0, help="How often to play it; 0: until it is ended.")]
Session = Annotated[str | None, typer.Option(help="Print only what concerns this session.")]
Against = Annotated[
    Path | None,
    typer.Option(
        help="Print what differs from this result (JSON lines) or from what this journal recorded; with --protocol, "
        "the protocol to compare with, in place of what was recorded."
    ),
]
Protocol = Annotated[
    str | None,
    typer.Option(help="Print which alerts another protocol (a name or a path) would have told: what if."),
]
Live = Annotated[bool, typer.Option("--live", help="Rehearse it over a broker, with the page; nobody is paged.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Of the page of --live; 0 takes any free port.")]
JournalPath = Annotated[Path | None, typer.Option("--journal", help="Where --live records: a new file.")]
