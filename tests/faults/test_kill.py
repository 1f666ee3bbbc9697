from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.kill import failed, torture


@pytest.mark.real_time
async def test_kills_at_random_points_lose_nothing_and_repeat_only_what_was_being_sent(
    tmp_path: Path,
) -> None:
    result = await torture(points=15, seed=2, folder=tmp_path)
    assert not failed(result), result
    assert result.decided >= 6
    assert result.mqtt.told >= result.decided
    assert result.telegram.told >= result.decided
    assert result.pending_at_a_kill > 0
    assert result.telegram_edits > 0
    assert result.noted > 0
