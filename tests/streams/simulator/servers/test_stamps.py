from __future__ import annotations

import pytest

from streams.simulator.servers.stamps import NS, rfc3339

TWO = 1_773_756_000 * NS


@pytest.mark.parametrize(
    ("ns", "digits", "text"),
    [
        (TWO, 6, "2026-03-17T14:00:00.000000Z"),
        (TWO + 1_999, 6, "2026-03-17T14:00:00.000001Z"),
        (TWO + 1_999, 9, "2026-03-17T14:00:00.000001999Z"),
        (TWO + NS - 1, 9, "2026-03-17T14:00:00.999999999Z"),
        (TWO - 1, 6, "2026-03-17T13:59:59.999999Z"),
    ],
)
def test_instants_are_cut_to_the_digits_asked_for(ns: int, digits: int, text: str) -> None:
    assert rfc3339(ns, digits) == text
