"""What the commands do that talk to the running daemon; each answers an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rich.console import RenderableType

from config.errors import ConfigError
from daemon.cli.board import alerts_board, silences_board, status_board
from daemon.cli.caller import Caller, CallError, decoded, find_caller
from daemon.cli.check import EX_CONFIG, show
from daemon.view import terminal
from daemon.web.document import Alerts, Said, Silences, Status, Why

_REFUSED = 422


def with_caller(socket: Path | None, config: Path | None, work: Callable[[Caller], int]) -> int:
    """Do it with the daemon; where none answers, or it refuses, say so and answer 1."""
    try:
        return work(find_caller(socket, config))
    except CallError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except ConfigError as error:
        show(error.faults, sys.stderr)
        return EX_CONFIG


def status(caller: Caller, *, as_json: bool) -> int:
    """Show how all stands."""
    text = caller.ask("/api/status")
    return _print(text, None if as_json else status_board(decoded(text, Status)))


def alerts(caller: Caller, *, as_json: bool) -> int:
    """Show what fires."""
    text = caller.ask("/api/alerts")
    if as_json:
        return _print(text)
    found = decoded(text, Alerts)
    return _print(text, alerts_board(found.alerts, found.now))


def silences(caller: Caller, *, as_json: bool) -> int:
    """Show what is silenced."""
    text = caller.ask("/api/silences")
    if as_json:
        return _print(text)
    found = decoded(text, Silences)
    return _print(text, silences_board(found.silences, found.now))


def why(caller: Caller, incident: str, *, as_json: bool) -> int:
    """Show all about an incident."""
    text = caller.ask(f"/api/why/{quote(incident)}")
    return _print(text, None if as_json else "\n".join(decoded(text, Why).lines))


def command(caller: Caller, name: str, **arguments: Any) -> int:
    """Have it done; 78 where files have faults."""
    code, text = caller.tell(f"/api/{name}", **arguments)
    answer = decoded(text, Said)
    refused = code == _REFUSED
    out = sys.stderr if refused else sys.stdout
    out.writelines(f"{line}\n" for line in (*(answer.lines if refused else ()), answer.said))
    return EX_CONFIG if refused else 0


def _print(text: bytes, shown: RenderableType | None = None) -> int:
    if shown is None:
        sys.stdout.write(text.decode() + "\n")
    else:
        terminal().print(shown, markup=False, soft_wrap=isinstance(shown, str))
    return 0
