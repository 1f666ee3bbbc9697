"""Moves by calendar year."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from daemon.claims.data import Moves
from daemon.study.hours import day_text


def years(moves: Moves) -> Iterator[tuple[str, Moves]]:
    """Each year that has some."""
    names = np.array([day_text(int(day))[:4] for day in moves.days])
    for year in np.unique(names):
        yield str(year), moves.where(np.flatnonzero(names == year))
