"""Writes the boards: `python -m dashboards.grafana.build`. Boards are code; their JSON is generated and committed."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.grafana.session_board import session_board
from monitor.protocol import read_protocol

BOARDS: Final = Path(__file__).parent / "boards"


def session_json(protocol_text: str) -> str:
    """The session's board as Grafana provisions it: found again by its uid, without an id of any one installation."""
    board = {"id": None, **session_board(read_protocol(protocol_text)).to_json()}
    return json.dumps(board, cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"


def default_protocol() -> str:
    """The text of the protocol whose limits are drawn."""
    return files("alerts.protocols").joinpath("default.toml").read_text(encoding="utf-8")


def main() -> None:
    """Write every board."""
    BOARDS.mkdir(exist_ok=True)
    (BOARDS / "session.json").write_text(session_json(default_protocol()), encoding="utf-8")


if __name__ == "__main__":
    main()
