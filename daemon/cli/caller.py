"""Talks to the running daemon through its control socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from getpass import getuser
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from config.load import read
from config.state import state_path
from daemon.cli.source import find_config
from daemon.web.sockets import control_path

SYSTEM = Path("/run/comove/control.sock")
"""Where systemd/comove.socket listens."""
_PATIENCE = 15.0

T = TypeVar("T")


class CallError(Exception):
    """Why there is no answer, or what the daemon refuses: a sentence."""


class Caller:
    """Asks and commands the daemon behind a socket; one connection a request."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, what: str) -> bytes:
        """The answer to `GET what`. Raises CallError."""
        return self._call("GET", what)[1]

    def tell(self, what: str, **arguments: Any) -> tuple[int, bytes]:
        """Status and answer of `POST what`; of 422, too, there is more to say than a sentence."""
        return self._call("POST", what, msgspec.json.encode(arguments))

    def _call(self, method: str, what: str, body: bytes | None = None) -> tuple[int, bytes]:
        line = _UnixConnection(self._path)
        try:
            line.request(method, what, body, {"x-comove-who": _me()})
            answer = line.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise CallError(f"comove does not answer at {self._path}: {reason}") from None
        finally:
            line.close()
        if status >= 400 and status != 422:
            raise CallError(_sentence(text))
        return status, text


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = _connected(self._path)


def decoded(answer: bytes, kind: type[T]) -> T:
    """The answer as a value; raises CallError where the daemon is another version's."""
    try:
        return msgspec.json.decode(answer, type=kind)
    except msgspec.DecodeError as error:
        raise CallError(f"the running comove is another version than this one: {error}") from None


def find_caller(given: Path | None, config: Path | None) -> Caller:
    """The daemon at a socket, else that of a configuration, else the system's.

    Raises CallError where none answers, ConfigError where the configuration is no YAML.
    """
    places = [given] if given is not None else list(dict.fromkeys(_places(config)))
    for place in places:
        try:
            _connected(place).close()
        except PermissionError:
            raise CallError(
                f"permission denied: {place} is for its owner and group alone "
                "(of a service: usermod -aG comove YOU, then log in anew)"
            ) from None
        except OSError:
            continue
        return Caller(place)
    raise CallError(_nobody(places))


def _places(config: Path | None) -> Iterator[Path]:
    path = find_config(config)
    document = read(path)
    state, instance = document.get("state"), document.get("instance")
    kept = state_path(
        state if isinstance(state, str) else None,
        path.parent,
        instance if isinstance(instance, str) else "comove",
    )
    yield control_path(kept, os.environ)
    if config is None:
        yield SYSTEM


def _nobody(places: Sequence[Path]) -> str:
    where = " nor ".join(str(place) for place in places)
    return f"no comove is running here: nobody listens at {where} (-c or --socket says where)"


def _connected(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.settimeout(_PATIENCE)
        made.connect(str(path))
    except OSError:
        made.close()
        raise
    return made


def _me() -> str:
    try:
        return getuser()
    except (KeyError, OSError):
        return ""


def _sentence(answer: bytes) -> str:
    try:
        return str(msgspec.json.decode(answer, type=dict[str, str])["error"])
    except (msgspec.DecodeError, KeyError):
        return "the answer is not comove's"
