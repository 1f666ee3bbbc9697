from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from daemon.clock import PacedLoop

RECORDED = Path(__file__).parents[2] / "shared" / "data"
"""Frames and prices recorded by others; not part of the project."""


def pytest_asyncio_loop_factories(
    config: pytest.Config,  # noqa: ARG001  # the hook's signature
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests run in simulated time unless marked `real_time` (peers outside the process)."""
    if item.get_closest_marker("real_time"):
        return {"real": asyncio.SelectorEventLoop}
    return {"paced": PacedLoop}


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of recorded data; the test is skipped where it is absent."""
    if not RECORDED.is_dir():
        pytest.skip(f"recorded market data not found at {RECORDED}")
    return RECORDED
