"""What a feed makes of its frames: ticks in sequence, and the state of each symbol. No I/O.

`ts` is the wall clock's (ns UTC) and goes into what is emitted; `at` is a monotonic clock's
(seconds) and measures ages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from streams.feeds.venue import Control, FrameError, Venue
from streams.tick import FeedEvent, FeedState, Item, Tick

log = logging.getLogger(__name__)

_RESTARTED = 60_000_000_000
"""Trade ids that fall back while the venue's time goes on by this much have begun anew."""
_LATE_PRINTS = 10.0
"""Seconds after a halt in which trades made before it are still reported."""
_COMPLAIN_EVERY = 60.0
NO_LAG = 2**63 - 1
"""No tick had a stamp."""


class Counts(msgspec.Struct):
    """What a feed has seen since it began."""

    frames: int = 0
    ticks: int = 0
    ignored: int = 0
    """Frames of no interest, and ticks of symbols that nobody asked for."""
    errors: int = 0
    """Frames that could not be read."""
    duplicates: int = 0
    gaps: int = 0
    connects: int = 0
    ahead: int = 0
    """Ticks that the venue stamped later than we received them."""
    disordered: int = 0
    """Trades stamped earlier than the one before, at venues whose trades have no sequence."""


class Followed(msgspec.Struct):
    """One symbol, as far as it is known."""

    name: str
    state: FeedState | None = None
    reason: str = ""
    heard: float = 0.0
    """When data last came, or could first have come."""
    last_id: int | str | None = None
    last_event: int | None = None
    halted: float | None = None
    refused: bool = False


class Intake:
    """Takes a venue's frames; emits ticks and every change of a symbol's state, once."""

    def __init__(
        self,
        venue: Venue[float],
        *,
        emit: Callable[[Item], None],
        due: Callable[[str, int], bool],
        stale_after: float,
    ) -> None:
        self.counts = Counts()
        self._venue = venue
        self._parse = venue.parse
        self._sequential = venue.sequential
        self._emit = emit
        self._due = due
        self._stale_after = stale_after
        self._symbols = {name: Followed(name) for name in venue.symbols}
        self.shortest_lag = NO_LAG
        """From a tick's stamp to its receipt (ns); whoever reads it may begin anew."""
        self._complained = float("-inf")
        self._ticks_before = 0
        self._away = False

    def take(self, frame: bytes, ts: int, at: float) -> list[Control]:
        """Emit what the frame holds; the rest of it is for the connection to heed."""
        self.counts.frames += 1
        try:
            messages = self._parse(frame, ts)
        except FrameError as fault:
            self.counts.errors += 1
            self.complain(f"a frame cannot be read: {fault}", at)
            return []
        if not messages:
            self.counts.ignored += 1
            return []
        controls: list[Control] = []
        for message in messages:
            if isinstance(message, Tick):
                self._take_tick(message, at)
            else:
                controls.append(message)
        return controls

    def _take_tick(self, tick: Tick[float], at: float) -> None:
        symbol = self._symbols.get(tick.symbol)
        if symbol is None:
            self.counts.ignored += 1
            return
        if tick.kind == "trade":
            new = self._follows(symbol, tick) if self._sequential else self._differs(symbol, tick)
            if not new:
                return
        symbol.heard = at
        if symbol.state is not FeedState.LIVE:
            self._revive(symbol, tick, at)
        self.counts.ticks += 1
        if tick.ts_event is not None:
            lag = tick.ts_recv - tick.ts_event
            self.shortest_lag = min(self.shortest_lag, lag)
            if lag < 0:
                self.counts.ahead += 1
        self._emit(tick)

    def _follows(self, symbol: Followed, tick: Tick[float]) -> bool:
        """Whether the trade is new; tells of a hole before it."""
        number, last = tick.id, symbol.last_id
        if not isinstance(number, int):
            return True
        if isinstance(last, int) and number != last + 1:
            if number <= last and not _restarted(symbol, tick):
                self.counts.duplicates += 1
                return False
            self.counts.gaps += 1
            self._event(symbol.name, FeedState.GAP, _hole(last, number), tick.ts_recv)
        symbol.last_id = number
        symbol.last_event = tick.ts_event
        return True

    def _differs(self, symbol: Followed, tick: Tick[float]) -> bool:
        """Whether a trade of a venue that does not count them is another than the last."""
        stamp, last = tick.ts_event, symbol.last_event
        if tick.id is not None and (tick.id, stamp) == (symbol.last_id, last):
            self.counts.duplicates += 1
            return False
        if stamp is not None and last is not None and stamp < last:
            self.counts.disordered += 1
        symbol.last_id, symbol.last_event = tick.id, stamp
        return True

    def _revive(self, symbol: Followed, tick: Tick[float], at: float) -> None:
        symbol.refused = False
        if symbol.halted is not None and tick.kind == "trade":
            # The news of a resumption can be lost; a trade proves it.
            symbol.halted = None if at - symbol.halted > _LATE_PRINTS else symbol.halted
        if self._expected(symbol, tick.ts_recv):
            self._tell(symbol, FeedState.LIVE, "", tick.ts_recv)

    def opened(self, at: float) -> None:
        """A connection is made: nothing is held against its symbols yet."""
        self._ticks_before = self.counts.ticks
        for symbol in self._symbols.values():
            symbol.heard = at
            symbol.halted = None
            symbol.refused = False

    @property
    def heard(self) -> bool:
        """Whether the connection has given a good tick."""
        return self.counts.ticks > self._ticks_before

    def check(self, ts: int, at: float) -> bool:
        """Tell of what has gone quiet or closed; whether all that is expected is stale."""
        stale = [self._check(symbol, ts, at) for symbol in self._symbols.values()]
        expected = [one for one in stale if one is not None]
        return bool(expected) and all(expected)

    def _check(self, symbol: Followed, ts: int, at: float) -> bool | None:
        """Whether the symbol is stale; None where nothing is expected of it."""
        if symbol.refused:
            return None
        if not self._expected(symbol, ts):
            symbol.heard = at
            self._tell(symbol, FeedState.CLOSED, "closed", ts)
            return None
        if at - symbol.heard < self._stale_after:
            return False
        self._tell(symbol, FeedState.STALE, f"no data for {self._stale_after:g} s", ts)
        return True

    def _expected(self, symbol: Followed, ts: int) -> bool:
        return symbol.halted is None and self._due(symbol.name, ts) and self._venue.publishes(ts)

    def halt(self, control: Control, ts: int, at: float) -> None:
        """Trading is halted; `symbol` None halts all."""
        for symbol in self._chosen(control):
            symbol.halted = at
            self._tell(symbol, FeedState.CLOSED, f"halted: {control.text}", ts, halted=True)

    def resume(self, control: Control, at: float) -> None:
        """Trading goes on; the first tick says so."""
        for symbol in self._chosen(control):
            symbol.halted = None
            symbol.heard = at

    def refuse(self, control: Control, ts: int) -> bool:
        """The venue does not give this symbol; whether it gives none at all."""
        for symbol in self._chosen(control):
            symbol.refused = True
            self._tell(symbol, FeedState.DOWN, control.text, ts)
        return all(symbol.refused for symbol in self._symbols.values())

    def tell_all(self, state: FeedState, reason: str, ts: int) -> None:
        """A state of the connection, and so of all its symbols."""
        followed = self._symbols.values()
        if all((symbol.state, symbol.reason) == (state, reason) for symbol in followed):
            return
        for symbol in followed:
            symbol.state, symbol.reason = state, reason
        self._event(None, state, reason, ts)

    def complain(self, text: str, at: float) -> None:
        """Log it, unless something was within the minute."""
        if at - self._complained >= _COMPLAIN_EVERY:
            self._complained = at
            log.warning("%s: %s", self._venue.name, text)

    def _chosen(self, control: Control) -> list[Followed]:
        if control.symbol is None:
            return list(self._symbols.values())
        symbol = self._symbols.get(control.symbol)
        return [symbol] if symbol else []

    def _tell(
        self, symbol: Followed, state: FeedState, reason: str, ts: int, *, halted: bool = False
    ) -> None:
        if symbol.state is state and (state is not FeedState.DOWN or symbol.reason == reason):
            return
        symbol.state, symbol.reason = state, reason
        self._event(symbol.name, state, reason, ts, halted=halted)

    def _event(
        self, symbol: str | None, state: FeedState, reason: str, ts: int, *, halted: bool = False
    ) -> None:
        self._log(symbol, state, reason)
        self._emit(FeedEvent(self._venue.name, symbol, state, ts, reason, halted))

    def _log(self, symbol: str | None, state: FeedState, reason: str) -> None:
        """A loss is a warning once, until data or a close ends it."""
        lost = state in {FeedState.DOWN, FeedState.STALE}
        level = logging.WARNING if lost and not self._away else logging.INFO
        who = f"{self._venue.name} {symbol}" if symbol else self._venue.name
        log.log(level, "%s: %s", who, f"{state}: {reason}" if reason else state)
        self._away = lost or (self._away and state not in {FeedState.LIVE, FeedState.CLOSED})


def _restarted(symbol: Followed, tick: Tick[float]) -> bool:
    """Whether an id that falls back is the venue's new beginning rather than an old trade."""
    if tick.ts_event is None or symbol.last_event is None:
        return False
    return tick.ts_event > symbol.last_event + _RESTARTED


def _hole(last: int, number: int) -> str:
    missing = number - last - 1
    if missing < 0:
        return f"trade ids began anew at {number}, after {last}"
    return f"{missing} trade{'s' if missing > 1 else ''} missing after {last}"
