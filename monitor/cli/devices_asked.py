"""What `vigil devices` asks a running service, and what that answers."""

import time
from pathlib import Path
from typing import Any

import httpx2

from monitor.cli.exits import Exit, Refused
from monitor.cli.options import loaded
from monitor.cli.show import out, plain, print_json, print_table
from monitor.config import Config
from monitor.vitals import SECOND

TIMEOUT_S = 10.0

_EXITS = {422: Exit.USAGE}
"""How a refusal ends: malformed is wrong usage, everything else was tried and cannot be done."""


class NobodyAnswersError(Refused):
    """No service runs where the configuration says."""


def run_list(path: Path | None, *, as_json: bool) -> None:
    """Print every device of the site. Raises Refused."""
    devices = ask(loaded(path), "GET", "devices")
    if as_json:
        print_json({"devices": devices})
        return
    now = time.time_ns()
    columns = "Device", "Model", "On", "Link", "Battery", "Last value", ""
    print_table(columns, (_row(device, now) for device in devices))


def _row(device: dict[str, Any], now: int) -> tuple[str, ...]:
    link = {None: "", True: "online", False: "OFFLINE"}[device["online"]]
    battery = "" if device["battery"] is None else f"{device['battery']:g} %"
    skew = f"clock off by {abs(device['skew']) / SECOND:.0f} s" if device["skew"] else ""
    remarks = ", ".join(filter(None, (skew, device["detail"])))
    return device["id"], device["model"], device["session"], link, battery, ago(device["heard_at"], now), remarks


def ago(instant: int | None, now: int) -> str:
    """How long ago something was, in seconds or minutes."""
    if instant is None:
        return "never"
    seconds = max(0, now - instant) // SECOND
    return f"{seconds} s ago" if seconds < 100 else f"{seconds // 60} min ago"


def run_assign(path: Path | None, device: str, session: str, by: str, *, worn: bool, as_json: bool) -> None:
    """Put a device on somebody, or take it off. Raises Refused."""
    body = {"device": device, "worn": worn, "by": by}
    answer = ask(loaded(path), "POST", f"sessions/{_part(session)}/devices", body)
    recorded = "" if answer["recorded"] else " (accepted, but not recorded yet)"
    _tell(answer, f"{device} is {'on' if worn else 'off'} {session}{recorded}", as_json=as_json)


def run_add(path: Path | None, nearby: str, device: str, by: str, *, as_json: bool) -> None:
    """Take a nearby device in. Raises Refused."""
    answer = ask(loaded(path), "POST", "devices", {"nearby": nearby, "id": device, "by": by})
    _tell(answer, f"{device} was added: it is connected when it is heard next", as_json=as_json)


def run_forget(path: Path | None, device: str, by: str, *, as_json: bool) -> None:
    """Make a device none of ours. Raises Refused."""
    answer = ask(loaded(path), "POST", f"devices/{_part(device)}/forget", {"by": by})
    _tell(answer, f"{device} was forgotten", as_json=as_json)


def _tell(answer: Any, sentence: str, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        out.print(plain(sentence), soft_wrap=True)


def _part(text: str) -> str:
    """An id as a part of a path; what is none is left for the service to refuse, in the place where it belongs."""
    return "".join(char if char.isalnum() or char in "._-" else f"%{ord(char):02X}" for char in text)


def ask(config: Config, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the service answers to a request of its API.

    Raises:
        NobodyAnswersError: none answers where the configuration has its page.
        Refused: it refuses, with its reason.
    """
    page = config.page
    if page.port == 0:
        raise Refused("the configuration lets the page take any free port: say which, with VIGIL_PAGE__PORT=…")
    host = f"[{page.host}]" if ":" in page.host else page.host
    url = f"http://{host}:{page.port}"
    try:
        with httpx2.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False) as client:
            answer = client.request(method, f"/api/v1/{path}", json=body)
        told = answer.json()
    except httpx2.TransportError as error:
        reason = (
            f"no service answers at {url} ({type(error).__name__}): start one (vigil run), or name its configuration"
        )
        raise NobodyAnswersError(reason) from None
    except ValueError:
        raise Refused(f"what answers at {url} is not Vigil") from None
    if answer.is_success:
        return told
    raise Refused(_reason(told), _EXITS.get(answer.status_code, Exit.FAILED))


def _reason(told: Any) -> str:
    """The sentence of a refusal; of a malformed request, each field that is wrong."""
    detail = told.get("detail") if isinstance(told, dict) else None
    if isinstance(detail, list):
        return "; ".join(f"{mistake['loc'][-1]}: {mistake['msg']}" for mistake in detail)
    return str(detail or "the service gives no reason")
