"""Where the state file is."""

from __future__ import annotations

import os
from pathlib import Path


def state_path(given: str | None, folder: Path, instance: str) -> Path:
    """`given` relative to the configuration's folder; else what systemd set, else the user's own.

    `instance` keeps the files of several daemons apart.
    """
    if given is not None:
        return folder / given
    directory = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if directory:
        return Path(directory) / "comove.db"
    home = os.environ.get("XDG_STATE_HOME")
    try:
        base = Path(home) if home else Path.home() / ".local" / "state"
    except RuntimeError:  # a user without a home
        return folder / f"{instance}.db"
    return base / "comove" / f"{instance}.db"
