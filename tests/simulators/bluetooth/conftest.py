"""The radio is an extra (bluetooth-sim): without it there is nothing here to test."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("bumble") else ["test_*.py"]
