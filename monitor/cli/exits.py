"""How commands end."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, the same for every command."""

    OK = 0
    FAILED = 1
    """It ran, and what it looked at is not as it should be: differences, problems, findings."""
    USAGE = 2
    """It could not run: wrong options, wrong configuration, a file that cannot be used."""
    INTERRUPTED = 130


class Refused(Exception):  # noqa: N818 - a sentence to the user, not an error of ours
    """A command cannot do what was asked; the message says why and what would work."""

    def __init__(self, message: str, exit_code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.exit = exit_code
