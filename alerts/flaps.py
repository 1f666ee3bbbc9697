"""A rule that fires too often: it says so once, and what follows is folded until it is quiet."""

from __future__ import annotations

import msgspec

from alerts.rule import Flapping


class Flaps(msgspec.Struct, frozen=True):
    """A rule's newest firings. Instants are ns of core time."""

    fired: tuple[int, ...] = ()
    on: bool = False
    said: bool = False
    """Whether someone was told that it flaps."""
    folded: int = 0
    """Firings that were not told for it, of which nobody has heard yet."""

    @property
    def folding(self) -> bool:
        """Whether the next firing is not told."""
        return self.on and self.said

    def ends(self, limit: Flapping) -> int:
        """When it has been quiet for long enough, if nothing fires until then."""
        return self.fired[-1] + limit.within

    def calm(self, limit: Flapping | None, now: int) -> Flaps:
        """The same as it stands at `now`."""
        if limit is None:
            return _NONE
        if self.fired and now >= self.ends(limit):
            return Flaps(folded=self.folded) if self.folded else _NONE
        return self

    def fire(self, limit: Flapping, now: int) -> Flaps:
        """One more firing."""
        calm = self.calm(limit, now)
        fired = (*calm.fired, now)[-limit.times :]
        return Flaps(
            fired=fired,
            on=calm.on or (len(fired) == limit.times and now - fired[0] <= limit.within),
            said=calm.said,
            folded=calm.folded + calm.folding,
        )


_NONE = Flaps()
