"""The keys of `heartbeat:` in comove.yaml."""

from __future__ import annotations

from config.endpoints import HeartbeatUrl
from config.fields import Patience
from config.keys import Keys
from streams.instrument import NS


class HeartbeatKeys(Keys):
    """Another service that raises the alarm when comove falls silent (a dead-man's switch)."""

    url: HeartbeatUrl
    """What is fetched as long as rules are evaluated."""
    every: Patience = 60 * NS
    """How often."""
