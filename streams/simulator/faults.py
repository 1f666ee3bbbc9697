"""What can go wrong with a venue: switches on a running server, and how frames are spoilt."""

from __future__ import annotations

import random
from typing import Any

import msgspec

Frame = str | bytes
"""A text frame, or a binary one."""


class Refusal(msgspec.Struct, frozen=True):
    """An HTTP answer in place of the opening handshake; `retry_after` in seconds."""

    status: int = 503
    retry_after: int | None = None


class Faults(msgspec.Struct):
    """What is wrong with a server now; may be changed while it runs.

    `close_on_open` closes each connection with that code as soon as it is open. `mute` withholds
    data while heartbeats, acknowledgements and pongs go on. `garbage`, `duplicate` and `swap`
    concern data frames: one that cannot be read after each, each twice, each pair in reverse
    order. `ahead` is by how many seconds the venue's clock is fast.
    """

    refuse: Refusal | None = None
    close_on_open: int | None = None
    mute: bool = False
    garbage: bool = False
    duplicate: bool = False
    swap: bool = False
    ahead: float = 0.0


class Spoiler:
    """Spoils the data frames of one connection."""

    def __init__(self, faults: Faults, rng: random.Random) -> None:
        self._faults = faults
        self._rng = rng
        self._held: Frame | None = None

    def spoil(self, frame: Frame) -> list[Frame]:
        """What is sent in place of a frame: nothing, while it waits to be swapped."""
        frames = self._in_order(frame)
        if self._faults.duplicate:
            frames = [one for one in frames for _ in range(2)]
        if self._faults.garbage:
            frames.append(garbage(frame, self._rng))
        return frames

    def _in_order(self, frame: Frame) -> list[Frame]:
        held, self._held = self._held, None
        if held is not None:
            return [frame, held]
        if self._faults.swap:
            self._held = frame
            return []
        return [frame]


def garbage(frame: Frame, rng: random.Random) -> Frame:
    """A frame that cannot be read: random bytes, one that is cut off, or one of wrong types."""
    kind = rng.randrange(3)
    if kind == 0:
        return rng.randbytes(64)
    if kind == 1:
        return frame[: len(frame) // 2]
    return msgspec.json.encode(_mistyped(msgspec.json.decode(frame))).decode()


_KEPT = {"type", "channel", "T", "product_id", "symbol", "S"}
"""Fields that say what the frame is, so that the reader believes it before it finds out."""


def _mistyped(value: Any) -> Any:
    if isinstance(value, list):
        return [_mistyped(one) for one in value]
    if isinstance(value, dict):
        return {k: v if k in _KEPT else _mistyped(v) for k, v in value.items()}
    return {"not": ["what", "you", "expect"]}
