"""Vigil's vocabulary, pure core, journal, service and command line."""


def __getattr__(name: str) -> str:
    """`__version__`, looked up when it is asked for: reading packages' metadata takes 20 ms."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("vigil-monitor")
    except PackageNotFoundError:
        return "0+unknown"
