"""What objects of the core remember, as plain values that can be written down, and back again.

A thing is saved attribute by attribute, and restored in place into one that was built alike: what
it is wired to (closures, calendars, other things) stays. Of each thing all is restored or nothing:
where its attributes or the length of a state are others than those saved, it stays as it is. What
is kept under a key that nobody asks for any more is left out, what is asked for anew begins cold.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Collection, Iterator
from enum import Enum
from typing import Any, Protocol, runtime_checkable

import msgspec
import numpy as np

from streams.bar_size import SIZES
from streams.book import Book
from streams.estimators.minutes import Minutes
from streams.instrument import Instrument
from streams.link import Link
from streams.ring import RingBuffer
from streams.sessions import AlwaysOpen, NewYorkStockExchange

Node = Any
"""None, a truth, a number, a text, or a list that begins with one of the marks below."""

_ATOMS = frozenset({type(None), bool, int, float, str})
_SAME = (Link, Book)
"""Parts of their own: not of what refers to them."""
_BUILT = (Instrument, AlwaysOpen, NewYorkStockExchange, Minutes, Enum)
"""Told by the configuration or worked out again, to the last bit."""
_CONSTANTS = SIZES

_FLAT, _LIST, _TUPLE, _DEQUE, _MAP, _STRUCT, _CONSTANT, _THING, _RING, _PASSED = range(10)


class _StrangeError(Exception):
    """What was saved does not fit what there is."""


@runtime_checkable
class Growing(Protocol):
    """Has a map that fills as it learns: it makes what a saved key stands for."""

    def grow(self, key: Any) -> None:
        """Have something under the key."""


# -- away


class Remembering:
    """Takes things down, each once, wherever it is met; `strange` are types it cannot."""

    def __init__(self) -> None:
        self.strange: set[str] = set()
        self._met: set[int] = set()

    def node(self, value: object, *, root: bool = False) -> Node:
        """The value, copied: what becomes of it later is not in it."""
        if type(value) in _ATOMS:
            return value
        if isinstance(value, list | tuple | deque):
            return self._several(value)
        if isinstance(value, dict):
            return [_MAP, [[self.node(key), self.node(each)] for key, each in value.items()]]
        if root or not (isinstance(value, (*_BUILT, *_SAME)) or callable(value)):
            return self._struct(value) if isinstance(value, msgspec.Struct) else self._thing(value)
        return [_PASSED]

    def _several(self, value: list[Any] | tuple[Any, ...] | deque[Any]) -> Node:
        if isinstance(value, list) and _ATOMS.issuperset(map(type, value)):
            return [_FLAT, value.copy()]
        mark = _LIST if isinstance(value, list) else _TUPLE if isinstance(value, tuple) else _DEQUE
        return [mark, [self.node(each) for each in value]]

    def _struct(self, value: msgspec.Struct) -> Node:
        for n, constant in enumerate(_CONSTANTS):
            if value is constant:
                return [_CONSTANT, n]
        fields = [self.node(getattr(value, name)) for name in value.__struct_fields__]
        return [_STRUCT, _name(type(value)), fields]

    def _thing(self, value: object) -> Node:
        if not type(value).__module__.startswith("streams."):
            self.strange.add(type(value).__qualname__)
            return [_PASSED]
        if id(value) in self._met:
            return [_PASSED]
        self._met.add(id(value))
        if isinstance(value, RingBuffer):
            ts, price = value.last(len(value))
            return [_RING, ts.tobytes(), price.tobytes()]
        forgets = getattr(value, "FORGETS", ())
        # What stands under a key is told from its neighbours even if these are others by then.
        keyed_first = sorted(_attributes(value), key=lambda one: not isinstance(one[1], dict))
        return [
            _THING,
            {name: [_PASSED] if name in forgets else self.node(each) for name, each in keyed_first},
        ]


def _attributes(thing: object) -> Iterator[tuple[str, Any]]:
    for kind in type(thing).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name != "__dict__" and hasattr(thing, name):
                yield name, getattr(thing, name)
    yield from getattr(thing, "__dict__", {}).items()


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


# -- back


class Recalling:
    """Puts back what was taken down, but for things of the kinds `without`."""

    def __init__(self, without: Collection[type] = ()) -> None:
        self.cold: list[str] = []
        """Things left as they are, since they are no longer what was saved."""
        self._without = tuple(without)

    def restore(self, thing: object, node: Node) -> None:
        """Put it back into the thing."""
        if isinstance(thing, self._without) or node[0] != _THING:
            return
        saved: dict[str, Node] = node[1]
        have = dict(_attributes(thing))
        try:
            values = _values(have, saved)
        except (_StrangeError, TypeError, ValueError, LookupError, AttributeError):
            self.cold.append(_name(type(thing)))
            return
        for name, value in values.items():
            _put(thing, name, have[name], value)
        for name in have.keys() - values.keys():
            self._inside(have[name], saved[name], thing)

    def _inside(self, value: Any, node: Node, owner: object) -> None:
        """Go on to the things within an attribute."""
        mark = node[0] if isinstance(node, list) else _PASSED
        if mark == _THING and _is_thing(value):
            self.restore(value, node)
        elif mark == _MAP and isinstance(value, dict):
            self._map(value, node[1], owner)
        elif mark in {_LIST, _TUPLE, _DEQUE} and isinstance(value, list | tuple | deque):
            for each, inner in zip(value, node[1], strict=False):
                self._inside(each, inner, owner)
        elif mark == _RING and isinstance(value, RingBuffer):
            _refill(value, *node[1:])

    def _map(self, value: dict[Any, Any], pairs: list[list[Node]], owner: object) -> None:
        saved = {_value(key): node for key, node in pairs}
        if isinstance(owner, Growing):
            for key in value.keys() - saved.keys():
                del value[key]
            for key in saved.keys() - value.keys():
                owner.grow(key)
        for key in value.keys() & saved.keys():
            self._inside(value[key], saved[key], owner)


def _values(have: dict[str, Any], saved: dict[str, Node]) -> dict[str, Any]:
    """The attributes to be put back that are values: then and now."""
    if have.keys() != saved.keys():
        raise _StrangeError
    return {
        name: _value(saved[name], now)
        for name, now in have.items()
        if _plain(saved[name]) and not _holds_things(now)
    }


def _is_thing(value: object) -> bool:
    values = (*_ATOMS, msgspec.Struct, list, tuple, deque, dict)
    return not isinstance(value, values) or callable(value)


def _holds_things(value: object) -> bool:
    if isinstance(value, list | tuple | deque):
        return any(map(_holds_things, value))
    if isinstance(value, dict):
        return any(map(_holds_things, value.values()))
    return _is_thing(value)


def _plain(node: Node) -> bool:
    """Whether it is a value through and through."""
    if not isinstance(node, list):
        return True
    match node[0]:
        case mark if mark in {_FLAT, _STRUCT, _CONSTANT}:
            return True
        case mark if mark in {_LIST, _TUPLE, _DEQUE}:
            return all(map(_plain, node[1]))
        case mark if mark == _MAP:
            return all(_plain(each) for _, each in node[1])
    return False


def _value(node: Node, instead_of: Any = None) -> Any:
    """The value; `instead_of` is what stands there now."""
    if not isinstance(node, list):
        return node
    mark, *rest = node
    if mark == _FLAT:
        if isinstance(instead_of, list) and len(instead_of) != len(rest[0]):
            raise _StrangeError
        return rest[0]
    if mark == _CONSTANT:
        return _CONSTANTS[rest[0]]
    if mark == _STRUCT:
        return _kind(rest[0])(*map(_value, rest[1]))
    if mark == _MAP:
        return {_value(key): _value(each) for key, each in rest[0]}
    several = [_value(each) for each in rest[0]]
    return tuple(several) if mark == _TUPLE else several


def _kind(name: str) -> type[msgspec.Struct]:
    """A kind of value of the core's, and nothing else."""
    module, _, own = name.rpartition(".")
    kind = getattr(sys.modules[module], own) if module.startswith("streams.") else None
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        raise _StrangeError
    return kind


def _put(thing: object, name: str, old: Any, value: Any) -> None:
    """What others may hold too is refilled; the rest is replaced."""
    match old:
        case list():
            old[:] = value
        case deque():
            old.clear()
            old.extend(value)
        case dict():
            old.clear()
            old.update(value)
        case _:
            setattr(thing, name, value)


def _refill(ring: RingBuffer, ts: bytes, price: bytes) -> None:
    held = ring.last(1).ts
    newest = int(held[0]) if len(held) else 0
    stamps = np.frombuffer(ts, np.int64).tolist()
    for at, each in zip(stamps, np.frombuffer(price, np.float64).tolist(), strict=True):
        if at > newest:
            ring.append(at, each)
