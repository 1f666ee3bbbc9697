"""What goes wrong with a venue's history.

HistoryError
├── BusyError     it may answer later: too many questions, a fault of its own, no answer
└── RefusedError  the same question will be refused again, or answered with what nobody can read
"""

from __future__ import annotations


class HistoryError(Exception):
    """A question that was not answered; the text is the reason, without the venue and secrets."""


class BusyError(HistoryError):
    """It may be asked again, `after` so many seconds where it said so."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class RefusedError(HistoryError):
    """Asking again is of no use; `status` is HTTP's, 0 where the answer itself says it."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status
