"""Messages cut into literal text and holes."""

from __future__ import annotations

import re

import msgspec

from alerts.language.errors import TextFault

_PIECES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


class Hole(msgspec.Struct, frozen=True):
    """`{text|format}`; offsets of its text and its format in the message."""

    text: str
    start: int
    format: str = ""
    format_start: int = 0


def split(message: str) -> tuple[list[str | Hole], list[TextFault]]:
    """The pieces in order, and the braces that do not pair."""
    pieces: list[str | Hole] = []
    faults: list[TextFault] = []
    for found in _PIECES.finditer(message):
        piece = found.group()
        if found.group(1) is not None:
            pieces.append(_hole(found.group(1), found.start(1)))
        elif piece in {"{", "}"}:
            faults.append(_lonely(piece, found.start()))
        else:
            pieces.append(piece[0] if piece in {"{{", "}}"} else piece)
    return pieces, faults


def _hole(inside: str, start: int) -> Hole:
    text, bar, style = inside.rpartition("|")
    if not bar:
        return Hole(text=inside, start=start)
    lead = len(style) - len(style.lstrip())
    return Hole(text, start, format=style.strip(), format_start=start + len(text) + 1 + lead)


def _lonely(brace: str, at: int) -> TextFault:
    other = "}" if brace == "{" else "{"
    remedy = f"a brace of the text itself is written '{brace * 2}'"
    return TextFault(at, at + 1, f"'{brace}' without its '{other}'", remedy)
