from __future__ import annotations

import json
import random

import pytest

from streams.simulator.faults import Faults, Spoiler, garbage

FRAME = '{"type":"match","price":"1.5","trade_id":7,"inner":[{"symbol":"ETH/USD","qty":2.0}]}'


def _spoilt(faults: Faults, count: int = 4) -> list[object]:
    spoiler = Spoiler(faults, random.Random(1))
    return [one for n in range(count) for one in spoiler.spoil(str(n))]


def test_without_faults_frames_pass_as_they_are() -> None:
    assert _spoilt(Faults()) == ["0", "1", "2", "3"]


def test_each_pair_is_swapped() -> None:
    assert _spoilt(Faults(swap=True)) == ["1", "0", "3", "2"]


def test_a_frame_held_for_swapping_is_sent_when_the_fault_ends() -> None:
    faults = Faults(swap=True)
    spoiler = Spoiler(faults, random.Random(1))
    assert spoiler.spoil("0") == []
    faults.swap = False
    assert spoiler.spoil("1") == ["1", "0"]
    assert spoiler.spoil("2") == ["2"]


def test_each_frame_is_doubled() -> None:
    assert _spoilt(Faults(duplicate=True), 2) == ["0", "0", "1", "1"]


def _kind(frame: str | bytes) -> str:
    if isinstance(frame, bytes):
        return "random"
    try:
        json.loads(frame)
    except json.JSONDecodeError:
        return "cut off"
    return "mistyped"


def test_garbage_is_of_three_kinds() -> None:
    rng = random.Random(1)
    frames = [garbage(FRAME, rng) for _ in range(30)]
    assert {_kind(frame) for frame in frames} == {"random", "cut off", "mistyped"}


def test_a_mistyped_frame_still_says_what_it_is() -> None:
    rng = random.Random(1)
    frame = next(f for f in (garbage(FRAME, rng) for _ in range(30)) if _kind(f) == "mistyped")
    read = json.loads(frame)
    assert read["type"] == "match"
    assert read["inner"][0]["symbol"] == "ETH/USD"
    assert isinstance(read["price"], dict)
    assert isinstance(read["inner"][0]["qty"], dict)


@pytest.mark.parametrize("frame", [FRAME, f"[{FRAME}]"])
def test_garbage_follows_a_good_frame(frame: str) -> None:
    first, second = Spoiler(Faults(garbage=True), random.Random(3)).spoil(frame)
    assert first == frame
    assert second != frame
