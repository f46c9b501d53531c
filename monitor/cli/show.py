"""Printing: JSON documents for scripts, quiet tables for people."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import json
from rich.console import Console
from rich.table import Table

out = Console(highlight=False, markup=False)
err = Console(stderr=True, highlight=False, markup=False)
"""What is printed may come from a file that somebody else wrote: brackets in it are brackets."""


def plain(text: str) -> str:
    """A text from elsewhere, with everything that a terminal might obey replaced."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.format(json.encode(document), indent=2).decode() + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on standard output, without lines between rows."""
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*map(plain, row))
    out.print(table)
