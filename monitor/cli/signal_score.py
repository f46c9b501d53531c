"""`vigil signal score`: how well and how fast numbers are found in waveforms, on recordings that people annotated."""

from pathlib import Path

from monitor.cli.exits import Refused
from monitor.cli.score import processors
from monitor.cli.show import err, out, print_json, print_table
from simulators.recordings.annotated import RecordError


def run_score(data: Path, *, peers: bool, noise: bool, speed: bool, jobs: int | None, as_json: bool) -> None:
    """Judge and print.

    Raises:
        Refused: there is nothing to judge by, or nothing to compute with.
    """
    try:
        from simulators.signal_scoring.score import NoRecordsError, Wanted, records_in, score
        from simulators.signal_scoring.tables import tables
    except ModuleNotFoundError as error:  # numba is an extra, and says so itself
        raise Refused(str(error)) from None
    try:
        beats, breaths = records_in(data)
        wanted = Wanted(beats, breaths, peers=peers, noise=noise, speed=speed, jobs=jobs or processors())
        with err.status("judging …") as status:
            report = score(wanted, lambda what: status.update(f"judging {what}"))
    except (NoRecordsError, RecordError) as error:
        raise Refused(f"--data: {error}") from None
    if as_json:
        print_json(report)
    else:
        for table in tables(report):
            out.print(f"\n{table.title}", style="bold")
            out.print(table.about, style="dim")
            print_table(table.columns, table.rows)
    if report.missing_peers:
        names = " ".join(report.missing_peers)
        err.print(f"Not compared, for they are not installed: {names}. To have them: pip install {names}")
