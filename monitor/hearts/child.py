"""The process that compares hearts: what it imports and compiles holds up nobody who judges."""

import sys
from contextlib import suppress

from monitor.hearts.asking import ASKED, Answer, read, write
from monitor.hearts.comparison import Comparison


def main() -> None:
    """Answer until nobody asks any more: until the parent has ended, however it did."""
    comparison = Comparison()
    with suppress(EOFError, BrokenPipeError):
        while True:
            asked = ASKED.decode(read(sys.stdin.buffer))
            try:
                answer = comparison.answer(asked)
            except ModuleNotFoundError as error:
                answer = Answer(impossible=str(error))
            write(sys.stdout.buffer, answer)


if __name__ == "__main__":
    main()
