"""The commands and their options; what they do is imported only when one runs, so that --help is quick."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli import devices, journal, signal
from monitor.cli import replay_options as options
from monitor.cli.exits import Exit, Refused

app = typer.Typer(
    name="vigil",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,  # plain help takes half the time: rendering it would import a Markdown parser
    pretty_exceptions_enable=False,
    help="""Watch vital signs in supervised MDMA-, ketamine- and esketamine-assisted sessions.

An adjunct to bedside monitoring and direct observation, never a replacement; not a medical device.

Try it:  vigil demo      Check a set-up:  vigil doctor --config vigil.toml
""",
)
app.add_typer(journal.app, name="journal")
app.add_typer(devices.app, name="devices")
app.add_typer(signal.app, name="signal")

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="The TOML file; environment variables VIGIL_… override it.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]


@app.command(epilog="Examples:  vigil demo   |   vigil demo --for 40 --json   |   vigil demo --speed 10 --port 0")
def demo(
    for_s: Annotated[
        float | None, typer.Option("--for", min=1, help="End by itself after so many seconds, with a summary.")
    ] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=100, help="How fast the simulated courses run.")] = 1.0,
    scenario: Annotated[str, typer.Option(help="Name or path of the scenario.")] = "demo",
    journal_path: Annotated[
        Path | None, typer.Option("--journal", help="Where to record; a demo that was killed goes on in the same file.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the page; 0 takes any free port.")] = 8377,
    bluetooth: Annotated[
        bool, typer.Option("--bluetooth", help="One person's devices come over a virtual Bluetooth radio.")
    ] = False,
    waveforms: Annotated[
        bool, typer.Option("--waveforms", help="Straps and oximeters send their waveforms, too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show four people on a page, everything real but them. One is recorded from a real monitor."""
    from monitor.cli.demo import run_until_stopped

    run_until_stopped(
        for_s=for_s,
        speed=speed,
        scenario=scenario,
        journal=journal_path,
        port=port,
        bluetooth=bluetooth,
        waveforms=waveforms,
        as_json=as_json,
    )


@app.command(epilog="Examples:  vigil run --config vigil.toml   |   VIGIL_MQTT__PASSWORD=… vigil run -c vigil.toml")
def run(config: ConfigOption = None) -> None:
    """Watch, until told to stop (SIGTERM or Ctrl-C)."""
    from monitor.cli.run import run_service

    run_service(config)


@app.command(
    epilog="Examples:  vigil replay a.journal > result.jsonl   |   vigil replay a.journal --against a.journal"
    "   |   vigil replay a.journal --speed 10 --from 1:30:00   |   vigil replay night.edf --mapping edf_sleep"
    "   |   vigil replay STORY --live --speed 5   |   vigil replay a.journal --protocol changed.toml"
)
def replay(
    recording: options.Recording,
    mapping: options.Mapping = None,
    speed: options.Speed = None,
    begin: options.From = None,
    end: options.To = None,
    laps: options.Laps = 1,
    session: options.Session = None,
    against: options.Against = None,
    protocol: options.Protocol = None,
    live: options.Live = False,
    port: options.Port = 8377,
    journal_path: options.JournalPath = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a recording again, in virtual time, and print every output as a canonical JSON line.

    In a terminal, space holds it and q ends it.
    """
    from monitor.cli.replay import run_replay
    from monitor.cli.replay_wanted import Wanted

    wanted = Wanted(speed=speed, session=session, begin=begin, end=end, laps=laps, mapping=mapping)
    if protocol is not None:
        from monitor.cli.whatif import run_whatif

        run_whatif(recording, wanted, protocol=protocol, against=against, live=live, as_json=as_json)
        return
    if live:
        from monitor.cli.replay_live import run_live

        run_live(recording, wanted, against=against, port=port, journal=journal_path, as_json=as_json)
        return
    run_replay(recording, wanted, against=against, as_json=as_json)


@app.command(
    epilog="Examples:  vigil score   |   vigil score --quiet 20 --events 50 --html score.html"
    "   |   vigil score --protocol changed.toml --json"
)
def score(
    seed: Annotated[int, typer.Option(help="Of the drawn sessions; the same seed draws the same ones.")] = 1,
    stories: Annotated[Path | None, typer.Option(help="A folder of stories, in place of ours.")] = None,
    quiet: Annotated[int, typer.Option(min=0, help="Quiet whole sessions of each treatment.")] = 1,
    events: Annotated[int, typer.Option(min=0, help="Sessions for each pattern that can happen.")] = 2,
    faults: Annotated[int, typer.Option(min=0, help="Sessions for each fault of the equipment.")] = 1,
    protocol: Annotated[str | None, typer.Option(help="Name or path of one protocol for everybody.")] = None,
    waveforms: Annotated[
        bool, typer.Option("--waveforms", help="Play everything once more, with numbers computed from waveforms.")
    ] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; as many as there are processors.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the score as a page, too.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how good the alerts are, on simulated people. Beside what other monitors would have done on the same."""
    from monitor.cli.score import run_score
    from simulators.scoring.choice import Choice

    choice = Choice(seed=seed, stories=stories, quiet=quiet, events=events, faults=faults)
    run_score(choice, protocol=protocol, waveforms=waveforms, jobs=jobs, as_json=as_json, html=html)


@app.command(
    epilog="Examples:  vigil tune --rule spo2_low --priority high --dwell 5,10,15,20 --limit 85,86,87,88,89"
    "   |   vigil tune --rule heart_rate_high --priority medium --dwell 30,60,120 --plot tune.svg"
)
def tune(
    rule: Annotated[str, typer.Option(help="Id of the rule, as in the protocol.")],
    priority: Annotated[str, typer.Option(help="low, medium or high: which of its limits.")],
    dwell: Annotated[str, typer.Option(help="Seconds to try, separated by commas.")] = "",
    limit: Annotated[str, typer.Option(help="Values to try, in the signal's unit, separated by commas.")] = "",
    further: Annotated[int, typer.Option(min=0, help="Which of several limits of the priority: 0 is the mildest.")] = 0,
    protocol: Annotated[str, typer.Option(help="Name or path of the protocol to change.")] = "default",
    seed: Annotated[int, typer.Option(help="Of the drawn sessions; the same seed draws the same ones.")] = 1,
    stories: Annotated[Path | None, typer.Option(help="A folder of stories, in place of ours.")] = None,
    quiet: Annotated[int, typer.Option(min=0, help="Quiet whole sessions of each treatment.")] = 1,
    events: Annotated[int, typer.Option(min=0, help="Sessions for each pattern that can happen.")] = 2,
    faults: Annotated[int, typer.Option(min=0, help="Sessions for each fault of the equipment.")] = 1,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; as many as there are processors.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw it, too: a file that ends in .svg or .png.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Try other values for one limit, on simulated people. Shows what each costs and finds; changes no protocol."""
    from monitor.cli.tune import run_tune, tried
    from simulators.scoring.choice import Choice

    choice = Choice(seed=seed, stories=stories, quiet=quiet, events=events, faults=faults)
    run_tune(choice, tried(protocol, rule, priority, further, limit, dwell), jobs=jobs, as_json=as_json, plot=plot)


@app.command(
    "check-config", epilog="Examples:  vigil check-config -c vigil.toml   |   vigil check-config -c vigil.toml --json"
)
def check_config(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check the configuration and show what is in force. Says of each value where it comes from."""
    from monitor.cli.check_config import show_config

    show_config(config, as_json=as_json)


@app.command(epilog="Examples:  vigil doctor -c vigil.toml   |   vigil doctor --json")
def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Look at everything that a session depends on. Says how to mend what is wrong."""
    from monitor.cli.doctor import run_doctor

    run_doctor(config, as_json=as_json)


def _version(wanted: bool) -> None:
    if wanted:
        from monitor import __version__

        typer.echo(f"vigil {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Options of vigil itself."""


def main() -> None:
    """Run the command line; mistakes of the user end in a sentence, not in a traceback."""
    try:
        app()
    except Refused as refused:
        typer.echo(f"vigil: {refused}", err=True)
        sys.exit(refused.exit)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough; leave without a second complaint at interpreter shutdown.
        sys.stderr.close()
        sys.exit(Exit.FAILED)
