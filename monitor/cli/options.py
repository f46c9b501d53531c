"""What several commands need of their options."""

from pathlib import Path

from monitor.cli.exits import Refused
from monitor.config import Config, ConfigError, load


def loaded(path: Path | None) -> Config:
    """The configuration, or Refused with a line for every mistake."""
    try:
        return load(path)
    except ConfigError as error:
        raise Refused(str(error)) from None
