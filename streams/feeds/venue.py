"""What a venue is: where it is, what is said to it, and how its frames are read. No I/O."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

import msgspec

from streams.tick import Tick

Number = TypeVar("Number", bound=float | Decimal)
"""What prices are read as: float in the daemon, Decimal where the venue's own digits matter."""


class FrameError(Exception):
    """A frame that cannot be read, and why."""


class Secret(Protocol):
    """A value that shows itself only when asked (pydantic's SecretStr is one)."""

    def get_secret_value(self) -> str:
        """The value itself: for the wire only, never for a log, an error or a repr."""


class Control(msgspec.Struct, frozen=True, gc=False):
    """What a venue says that is not a price; `symbol` None where it concerns all.

    `error` may pass; `refusal` passes only when a person does something, which `text` names;
    `halt` and `resume` are of trading; `reconnect` asks us to.
    """

    kind: Literal["ack", "heartbeat", "error", "refusal", "halt", "resume", "reconnect"]
    text: str = ""
    code: int | None = None
    symbol: str | None = None


Message = Tick[Number] | Control

_UNREADABLE = (msgspec.MsgspecError, ValueError, ArithmeticError, RecursionError)
_MOST = 10**15
"""A price or size beyond it, NaN and infinity among them, is no price."""


class Venue(ABC, Generic[Number]):
    """A venue, for the symbols wanted from it, in its own names."""

    name: ClassVar[str]
    base: ClassVar[str]
    resolution: ClassVar[int]
    """The finest step of `ts_event`, ns."""
    polled: ClassVar[bool] = False
    """Whether `ts_event` is of somebody's poll rather than of the trade."""
    sequential: ClassVar[bool] = False
    """Whether a symbol's trade ids rise by one."""
    resend_every: ClassVar[float | None] = None
    """Seconds after which `hello` has to be said again."""

    def __init__(self, symbols: Sequence[str], number: type[Number]) -> None:
        self.symbols = tuple(symbols)
        self._number = number

    def url(self, base: str | None = None) -> str:
        """Where to connect; `base` replaces scheme, host and port. May hold a secret."""
        return base or self.base

    def hello(self) -> tuple[str, ...]:
        """What to send once connected."""
        return ()

    def answer(self, control: Control) -> tuple[str, ...]:  # noqa: ARG002  # most venues need none
        """What to send in reply."""
        return ()

    def publishes(self, ts: int) -> bool:  # noqa: ARG002  # most venues never sleep
        """Whether the venue publishes at `ts` at all."""
        return True

    def secrets(self) -> tuple[str, ...]:
        """What must not appear in any text."""
        return ()

    def parse(self, frame: bytes | msgspec.Raw, ts_recv: int) -> list[Message[Number]]:
        """What a frame holds, in its order; empty where it is none of our business.

        Raises:
            FrameError: it cannot be read.
        """
        try:
            return self._read(frame, ts_recv)
        except _UNREADABLE as fault:
            raise FrameError(str(fault)[:200] or type(fault).__name__) from fault

    @abstractmethod
    def _read(self, frame: bytes | msgspec.Raw, ts_recv: int) -> list[Message[Number]]:
        """As parse; may raise what decoding and arithmetic raise."""

    def _trade(
        self,
        symbol: str,
        price: Number,
        size: Number | None,
        ts_event: int | None,
        ts_recv: int,
        *,
        number: int | str | None = None,
    ) -> Tick[Number]:
        if not 0 < price < _MOST or not (size is None or 0 <= size < _MOST):
            raise FrameError(f"not a trade: price {price}, size {size}")
        return Tick("trade", self.name, symbol, price, size, None, None, ts_event, ts_recv, number)

    def _quote(
        self, symbol: str, bid: Number, ask: Number, ts_event: int | None, ts_recv: int
    ) -> list[Message[Number]]:
        """The quote, or nothing where a side is empty (0): it has no mid."""
        if not 0 <= bid < _MOST or not 0 <= ask < _MOST:
            raise FrameError(f"not a quote: bid {bid}, ask {ask}")
        if not bid or not ask:
            return []
        mid: Number = _mid(bid, ask)
        return [Tick("quote", self.name, symbol, mid, None, bid, ask, ts_event, ts_recv)]


def _mid(bid: Any, ask: Any) -> Any:
    """Of two of the same kind of number: of that kind, so that decimals stay exact."""
    return (bid + ask) / 2


def decoder(shape: Any, number: type) -> msgspec.json.Decoder[Any]:
    """A decoder of a generic shape for one kind of number, whether the venue quotes it or not."""
    return msgspec.json.Decoder(shape[number], strict=False)


def encode(message: object) -> str:
    """A message to a venue."""
    return msgspec.json.encode(message).decode()
