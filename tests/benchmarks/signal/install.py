"""The peers, in a virtual environment of their own, where pip can have them."""

from __future__ import annotations

import subprocess
import sys
import venv
from importlib import invalidate_caches, util
from pathlib import Path

PEERS = {"river": "river", "pandas": "pandas", "wickra": "wickra", "lead_lag": "lead-lag"}
"""What is imported, and what pip calls it."""
_BUILDS = ("numpy", "Cython", "setuptools", "wheel")
"""What lead-lag's source needs to be built and does not ask for."""
_HOME = Path(__file__).parents[3] / ".venv" / ".peers"
_PATIENCE = 180.0
"""Seconds."""


def install_peers() -> str:
    """Make them importable, after everything of ours; tells why not where that fails."""
    site = _HOME / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = site / "site-packages"
    if not all((packages / name).is_dir() for name in PEERS):
        try:
            _install()
        except (subprocess.SubprocessError, OSError) as failure:
            return f"Not every peer could be installed: {type(failure).__name__}."
    if str(packages) not in sys.path:
        sys.path.append(str(packages))
    invalidate_caches()
    absent = [name for name in PEERS if util.find_spec(name) is None]
    return f"{' and '.join(absent)} cannot be imported." if absent else ""


def _install() -> None:
    venv.create(_HOME, with_pip=True)
    _pip(*_BUILDS)
    others = [name for module, name in PEERS.items() if module != "lead_lag"]
    _pip(*others)
    _pip("--no-build-isolation", PEERS["lead_lag"])


def _pip(*what: str) -> None:
    subprocess.run(
        [_HOME / "bin" / "python", "-m", "pip", "install", "-q", *what],
        check=True,
        timeout=_PATIENCE,
        capture_output=True,
    )
