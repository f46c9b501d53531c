"""Vigil's vocabulary, pure core, journal, service and command line."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("vigil-monitor")
except PackageNotFoundError:
    __version__ = "0+unknown"
