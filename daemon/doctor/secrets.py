"""Where secrets lie, and who may read them; their values are not looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from config.load import read
from daemon.doctor.finding import Check, Finding, fail, in_thread, ok, warn

_GROUP, _ANYBODY = 0o070, 0o007
_PUBLIC = {"ca_file"}
"""Files that hold nothing secret."""


def secrets(config: Path, environment: Mapping[str, str]) -> Iterator[Check]:
    """A check each file of a secret that comove.yaml names, and one for systemd's credentials."""
    named = list(_named(read(config).root))
    for key, value in named:
        if key.endswith("_file") and key not in _PUBLIC:
            yield Check("secret", value, in_thread(guarded, config.parent / value))
    wanted = {value for key, value in named if key.endswith("_credential")}
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if wanted or folder:
        yield Check("secret", "credentials", in_thread(credentials, wanted, folder))


def _named(value: Any) -> Iterator[tuple[str, str]]:
    """Keys with their text, at any depth."""
    if isinstance(value, list):
        for one in value:
            yield from _named(one)
    elif isinstance(value, dict):
        for key, below in value.items():
            if isinstance(below, str):
                yield key, below
            else:
                yield from _named(below)


def guarded(path: Path) -> Finding:
    """Whether others may read it."""
    mode = path.stat().st_mode & 0o777
    if mode & _ANYBODY:
        return fail(f"everybody on this machine may read it (mode {mode:04o})", f"chmod 600 {path}")
    if mode & _GROUP:
        return warn(f"its group may read it (mode {mode:04o})", f"chmod 600 {path}")
    return ok(f"its owner's alone (mode {mode:04o})")


def credentials(wanted: set[str], folder: str | None) -> Finding:
    """Those that systemd handed over, against those that comove.yaml names."""
    if folder is None:
        return fail("systemd gave none", "run with the service's LoadCredential= lines")
    given = {path.name for path in Path(folder).iterdir()}
    open_ = [name for name in given if (Path(folder) / name).stat().st_mode & (_GROUP | _ANYBODY)]
    said = f"{len(given)} from systemd, {len(wanted)} named in comove.yaml"
    if open_:
        return warn(f"{said}; open to others: {', '.join(sorted(open_))}", "see to the unit")
    if idle := given - wanted:
        remedy = "name it in comove.yaml, or drop its LoadCredential= line"
        return warn(f"{said}; not used: {', '.join(sorted(idle))}", remedy)
    return ok(said)
