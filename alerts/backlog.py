"""The alerts that one channel still has to be told: bounded, most severe first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from alerts.digest import Part, digests
from alerts.row import Status
from alerts.rule import Severity
from alerts.transition import Transition

_RANK = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


class Parcel:
    """One alert on its way to one channel."""

    __slots__ = (
        "again",
        "count",
        "folded",
        "order",
        "rank",
        "rows",
        "sending",
        "status",
        "transition",
    )

    def __init__(
        self,
        transition: Transition,
        order: int,
        rows: tuple[int, ...] = (),
        *,
        again: bool = False,
        folded: int = 0,
    ) -> None:
        self.transition = transition
        self.order = order
        self.rank = _RANK[transition.severity]
        self.rows = rows
        """What the store knows it by."""
        self.sending = False
        self.again = again
        """Whether an earlier attempt may have arrived."""
        self.folded = folded > 0
        """Whether it stands for several alerts, of which some may have arrived."""
        self.count = max(folded, 1)
        """How many alerts it stands for."""
        self.status = self.resting
        """What the store knows of it."""

    @property
    def resting(self) -> Status:
        """Its status while it waits."""
        return Status.SENDING if self.again or self.folded else Status.QUEUED

    @property
    def spare(self) -> bool:
        """Whether it may be left out where there is no room: all but criticals' news."""
        return self.rank > 0 or self.transition.repeat

    @property
    def slight(self) -> bool:
        """Whether it may be told together with others."""
        return self.rank == _RANK[Severity.INFO] and not (
            self.sending or self.folded or self.transition.is_report
        )


class Backlog:
    """Parcels by severity, then age; those of one incident never overtake each other.

    An incident is as urgent as the most severe of its parcels. Past `capacity` the oldest of the
    least severe goes. A critical never does, except reminders of it, so criticals alone may exceed
    the capacity.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._parcels: dict[int, Parcel] = {}
        self._orders = 0

    def __len__(self) -> int:
        """How many alerts wait, those being sent included."""
        return sum(parcel.count for parcel in self)

    def __iter__(self) -> Iterator[Parcel]:
        """Oldest first."""
        return iter(self._parcels.values())

    def put(
        self,
        transition: Transition,
        rows: tuple[int, ...] = (),
        *,
        again: bool = False,
        folded: int = 0,
    ) -> Parcel | None:
        """Take an alert; answers the one (it, or a lesser) that had to be left out for it."""
        parcel = Parcel(transition, self._orders, rows, again=again, folded=folded)
        self._parcels[parcel.order] = parcel
        self._orders += 1
        if len(self._parcels) <= self._capacity:
            return None
        spare = [parcel for parcel in self if parcel.spare and not parcel.sending]
        if not spare:
            return None
        left_out = min(spare, key=lambda parcel: (-parcel.rank, parcel.order))
        self.remove(left_out)
        return left_out

    def fold(self, now: int, many: int, spare: Callable[[Transition], bool]) -> None:
        """Where `many` infos wait, let digests stand for them, but for those to be `spare`d."""
        slight = [parcel for parcel in self if parcel.slight and not spare(parcel.transition)]
        if len(slight) < many:
            return
        for parcel in slight:
            self.remove(parcel)
        parts = [Part(parcel.transition, parcel.rows) for parcel in slight]
        for digest in digests(parts, now, "told together"):
            self.put(digest.transition, digest.rows, folded=digest.count)
            self._parcels[self._orders - 1].status = Status.QUEUED

    def remove(self, parcel: Parcel) -> None:
        """Forget a parcel: delivered, refused or left out."""
        del self._parcels[parcel.order]

    def best(self, avoid: Parcel | None = None) -> Parcel | None:
        """The parcel to send next; `avoid` only where there is no other."""
        heads: dict[str, Parcel] = {}
        urgency: dict[str, int] = {}
        for parcel in self:
            incident = parcel.transition.incident
            heads.setdefault(incident, parcel)
            urgency[incident] = min(parcel.rank, urgency.get(incident, parcel.rank))
        return min(
            heads.values(),
            key=lambda head: (head is avoid, urgency[head.transition.incident], head.order),
            default=None,
        )
