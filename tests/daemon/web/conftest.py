from __future__ import annotations

from pathlib import Path

import pytest

from tests.daemon.web.running import Running


@pytest.fixture
async def running(tmp_path: Path) -> Running:
    """A daemon of which the rule `blind` fires."""
    made = Running(tmp_path)
    made.fire()
    return made
