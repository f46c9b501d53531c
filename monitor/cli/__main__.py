"""`python -m monitor.cli` is `vigil`."""

from monitor.cli import main

main()
