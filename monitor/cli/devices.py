"""`vigil devices`: look at what devices send, before anybody wears one."""

import typer

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Look at what devices send, before anybody wears one."
)


@app.callback()
def _devices() -> None:
    """Look at what devices send, before anybody wears one."""
