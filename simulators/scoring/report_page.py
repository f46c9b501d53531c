"""A score as one HTML file that needs nothing else: no script, no font, no address."""

from collections.abc import Iterable
from html import escape
from string import Template

from simulators.scoring.report import Report
from simulators.scoring.tables import Table, tables

_PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<style>
  :root { color-scheme: light dark }
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; padding: 0 1rem }
  section { overflow-x: auto }
  h2 { font-size: 1.1rem; margin: 2rem 0 .2rem }
  p { margin: .2rem 0 .6rem; max-width: 60rem; opacity: .8 }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums }
  th, td { padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top }
  th { font-weight: 600 }
  td:not(:last-child) { white-space: nowrap }
  tr + tr, tbody tr { border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent) }
</style>
<h1>$title</h1>
<p>$about</p>
$sections
</html>
""")
_TITLE = "Vigil: how good the alerts are"


def page(report: Report) -> str:
    """The whole file. Everything in it that came from elsewhere is escaped."""
    about = (
        f"Simulated people only, drawn from seed {report.seed}. Stories: {report.stories}. Quiet sessions:"
        f" {report.quiet}. Sessions in which something happens: {report.adverse}. Truth is how the people really were."
    )
    sections = "\n".join(map(_section, tables(report)))
    return _PAGE.substitute(title=escape(_TITLE), about=escape(about), sections=sections)


def _section(table: Table) -> str:
    head = _cells("th", table.columns)
    rows = "".join(f"<tr>{_cells('td', row)}</tr>\n" for row in table.rows)
    return (
        f"<section><h2>{escape(table.title)}</h2><p>{escape(table.about)}</p>\n"
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table></section>"
    )


def _cells(kind: str, texts: Iterable[str]) -> str:
    return "".join(f"<{kind}>{escape(text)}</{kind}>" for text in texts)
