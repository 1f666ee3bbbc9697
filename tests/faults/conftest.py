from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Daemons started by a test keep their state with it, and find none of another's."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
