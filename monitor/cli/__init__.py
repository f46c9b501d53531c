"""The command line `vigil`. Each command lives in a file of its own and imports what it needs when it runs."""

from monitor.cli.app import main as main
