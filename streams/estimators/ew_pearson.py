"""Pearson correlation of bar returns, exponentially weighted, O(1) a bar.

The partial correlation without any control: both legs about their weighted means.
"""

from __future__ import annotations

from streams.estimators.partial import Partial


class EwPearson(Partial):
    """Correlation of bar returns with weights that halve every `halflife` bars.

    >>> pearson = EwPearson(halflife=21.0)
    >>> for bar in range(60):
    ...     pearson.update(0.001 * (bar % 3), 0.002 * (bar % 3))
    >>> f"{pearson.value().value:.2f}"
    '1.00'
    """

    __slots__ = ()

    def __init__(self, halflife: float, state: list[float] | None = None) -> None:
        super().__init__(halflife, 0, state)
