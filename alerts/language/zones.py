"""Time zones by the names people know them by: `Europe/Berlin`."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

NEW_YORK = "America/New_York"

_NAME = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}")


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo | None:
    """The zone, or None where there is none of that name."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def city(name: str) -> str:
    """`New York`: how a zone is called in a message."""
    return name.rpartition("/")[2].replace("_", " ")


def zone_remedy(name: str) -> str:
    """What to write instead: the zone of the nearest city."""
    cities = {city(known).lower(): known for known in sorted(available_timezones(), reverse=True)}
    near = get_close_matches(city(name).lower(), cities, n=1, cutoff=0.75)
    return f"did you mean '{cities[near[0]]}'?" if near else "write it as Europe/Berlin"
