from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stand_ins.broker import Broker


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A running mosquitto; tests with it are marked real_time."""
    broker = Broker(tmp_path)
    await broker.start()
    yield broker
    broker.close()
