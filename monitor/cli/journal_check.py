"""`vigil journal check` and `vigil journal info`."""

from contextlib import closing
from pathlib import Path

from monitor.cli.exits import Exit, Refused
from monitor.cli.show import err, out, plain, print_json, print_table
from monitor.journal import Journal, JournalError
from monitor.journal.check import check
from monitor.recovery import states_after


def check_journal(path: Path, *, as_json: bool) -> None:
    """Print what is wrong with a journal; exit 1 when anything is.

    Raises:
        Refused: it cannot be read at all.
    """
    try:
        with err.status("checking …"):
            report = check(path, states_after)
    except JournalError as error:
        raise Refused(str(error)) from None
    if as_json:
        print_json({"ok": report.ok, "batches": report.batches, "problems": report.problems})
    else:
        for problem in report.problems:
            out.print(plain(f"batch {problem.position}: {problem.what}"))
        out.print(f"{report.batches} batches: {'whole' if report.ok else f'{len(report.problems)} problems'}")
    if not report.ok:
        raise SystemExit(Exit.FAILED)


def show_info(path: Path, *, as_json: bool) -> None:
    """Print what a journal holds.

    Raises:
        Refused: it cannot be read.
    """
    try:
        with closing(Journal.open(path, read_only=True)) as journal:
            info, sessions = journal.info(), journal.sessions()
    except JournalError as error:
        raise Refused(str(error)) from None
    if as_json:
        print_json({"journal": info, "sessions": sessions})
        return
    print_table(("", ""), [(name, str(getattr(info, name))) for name in info.__struct_fields__])
    print_table(("session", "batches"), [(one.session, str(one.batches)) for one in sessions])
