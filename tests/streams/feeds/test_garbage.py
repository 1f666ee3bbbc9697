"""Whatever comes, parse answers with messages or FrameError."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.feeds.registry import VENUES
from streams.feeds.venue import Control, FrameError

_NAMES = """
type channel method data stream e s a b p q t T S i v bp ap sc msg code B price size time timestamp
qty symbol product_id trade_id bid ask best_bid best_ask message error
"""
_WORDS = """
match last_match ticker trade aggTrade t q s error status ping success heartbeat x@bookTicker
NaN Infinity -1 1e999 1e-999999999 0001-01-01T00:00:00Z 2021-02-22T15:51:44.208Z CgdCVEMtVVNE
"""
NAMES = st.sampled_from(_NAMES.split())
WORDS = st.sampled_from(["", "\ud800", *_WORDS.split()])
VALUES = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=9),
    max_leaves=25,
)


def both(name: str, frame: bytes) -> None:
    for number in (float, Decimal):
        venue: Any = VENUES[name](symbols=("X",), number=number)
        with contextlib.suppress(FrameError):
            for found in venue.parse(frame, 0):
                assert isinstance(found, Control) or 0 < found.price < 10**15


@pytest.mark.parametrize("name", VENUES)
@settings(max_examples=60, deadline=None)
@given(frame=st.binary(max_size=200))
def test_random_bytes(name: str, frame: bytes) -> None:
    both(name, frame)


@pytest.mark.parametrize("name", VENUES)
@settings(max_examples=120, deadline=None)
@given(frame=st.dictionaries(NAMES, VALUES, max_size=9) | st.lists(VALUES, max_size=3))
def test_json_of_the_venues_own_words(name: str, frame: object) -> None:
    both(name, json.dumps(frame).encode())


@pytest.mark.parametrize("name", VENUES)
@pytest.mark.parametrize(
    "frame",
    [b"", b"[" * 100_000, b'{"data":' * 100_000, b"\xff\xfe", b"{}" * 3, b"null", b'"\\ud800"'],
)
def test_hostile_frames(name: str, frame: bytes) -> None:
    both(name, frame)


@pytest.mark.parametrize("name", ["coinbase", "kraken", "binance", "alpaca", "finnhub"])
def test_json_that_is_cut_short_is_refused(name: str) -> None:
    venue: Any = VENUES[name](symbols=(), number=float)
    with pytest.raises(FrameError):
        venue.parse(b'{"type":"match","channel":"trade"', 0)
