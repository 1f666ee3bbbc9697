"""What comove stands on: versions, room on the disk, the calendar, its own state file."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from config.settings import Config
from daemon.doctor.finding import Finding, fail, ok, warn
from daemon.horizon import SOON, horizon
from daemon.room import room

_OURS = ("streams", "alerts", "config", "daemon")
_SHOWN = ("websockets", "aiomqtt", "python-telegram-bot", "polars", "uvloop")
_OTHERS = 0o077


def versions() -> Finding:
    """Of Python and what comove uses of others."""
    absent = [name for name in _required() if _version(name) is None]
    said = f"comove {_version('comove') or '?'}, Python {platform.python_version()}, "
    said += ", ".join(f"{name} {_version(name)}" for name in _SHOWN if _version(name))
    if absent:
        return fail(f"{said}; missing: {', '.join(absent)}", "install comove's wheel again")
    return ok(said)


def _required() -> Iterator[str]:
    try:
        lines = requires("comove") or []
    except PackageNotFoundError:
        return
    for line in lines:
        if "extra ==" not in line:
            yield re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def packages() -> Finding:
    """Other distributions own the same import names, and overwrite ours without a word."""
    found = [importlib.util.find_spec(name) for name in _OURS]
    folders = {str(Path(spec.origin).parents[1]) for spec in found if spec and spec.origin}
    if len(folders) != 1:
        remedy = "install comove into a virtual environment of its own (python-daemon and the like)"
        return fail(f"its packages lie in several places: {', '.join(sorted(folders))}", remedy)
    return ok(f"{folders.pop()} ({sys.prefix})")


def disk(path: Path) -> Finding:
    """Room beside a file."""
    try:
        found = room(path)
    except OSError as error:
        return fail(f"{path}: {error.strerror}", "see to the disk")
    if found.short():
        return fail(f"{found} at {path.parent}", "make room; alerts are kept there until told")
    return ok(f"{found} at {path.parent}")


def calendars(config: Config, now: int) -> Finding:
    """Until when holidays are known."""
    found = horizon(config.instruments, now)
    if found is None:
        return ok("no market here has holidays")
    name, last, days = found
    if days < 0:
        remedy = "install a newer comove: holidays count as trading days from now on"
        return fail(f"holidays of {name} are known until {last}, which is over", remedy)
    if days < SOON:
        return warn(f"holidays of {name} are known until {last}", "install a newer comove by then")
    return ok(f"holidays of {name} are known until {last}")


def state(path: Path) -> Finding:
    """Whether the state file can be written, and by nobody else be read."""
    where = path if path.exists() else _nearest(path.parent)
    remedy = "run as the service's user (see systemd/README.md), or name another 'state:'"
    if not os.access(where, os.W_OK) or not os.access(where.parent, os.X_OK):
        return fail(f"{where} cannot be written", remedy)
    if where != path:
        return ok(f"{path} is made at the first start")
    mode = path.stat().st_mode & 0o777
    if mode & _OTHERS:
        return warn(f"{path} is open to others (mode {mode:04o})", f"chmod 600 {path}")
    return ok(f"{path} (mode {mode:04o})")


def _nearest(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
