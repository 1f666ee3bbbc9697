"""Which rules silence which: none itself, nor each other in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.document import Document
from config.errors import Fault

_REMEDY = "the weightier one silences the other: remove one of the two directions"


def inherited(rule: str, default: Sequence[str]) -> tuple[str, ...]:
    """What the defaults mean for a rule: nothing, where it is one that they name."""
    return () if rule in default else tuple(default)


def circles(document: Document) -> Iterator[Fault]:
    """A fault for each 'inhibited_by' that comes round to its own rule; once a circle."""
    own = _own(document)
    default = _listed(document.get("defaults", "inhibited_by"))
    edges = {
        id_: inherited(id_, default) if given is None else tuple(given)
        for id_, (_, given) in own.items()
    }
    told: set[str] = set()
    for id_, (index, given) in own.items():
        if id_ in (given or ()):
            place = ("rules", index, "inhibited_by")
            yield document.fault_at(place, f"'{id_}' would silence itself", "leave it out")
        elif id_ not in told and (circle := _circle(id_, edges)):
            told |= {*circle}
            place = ("rules", index, "inhibited_by")
            words = " → ".join(f"'{each}'" for each in (*circle, id_))
            yield document.fault_at(place, f"these silence each other: {words}", _REMEDY)


def _own(document: Document) -> dict[str, tuple[int, list[str] | None]]:
    """Rules by id: their place, and what each says itself."""
    return {
        rule["id"]: (index, _said(rule))
        for index, rule in enumerate(document.groups("rules"))
        if isinstance(rule.get("id"), str)
    }


def _said(rule: Mapping[str, Any]) -> list[str] | None:
    given = rule.get("inhibited_by")
    return None if given is None else _listed(given)


def _listed(value: Any) -> list[str]:
    each = value if isinstance(value, list) else [value]
    return [name for name in each if isinstance(name, str)]


def _circle(start: str, edges: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The shortest way from a rule back to it; empty where there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:  # grows while it is gone through
        for rule in edges.get(way[-1], ()):
            if rule == start and len(way) > 1:
                return way
            if rule not in seen and rule in edges:
                seen.add(rule)
                ways.append((*way, rule))
    return ()
