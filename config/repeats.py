"""What stands twice and may not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from config.document import Document
from config.errors import Fault


def twice(
    document: Document,
    places: Iterable[tuple[tuple[str | int, ...], str]],
    message: str,
    remedy: str,
) -> Iterator[Fault]:
    """A fault for each text that stood before, `message` naming it; empty ones do not count."""
    first: dict[str, tuple[str | int, ...]] = {}
    for path, text in places:
        if text and text in first:
            line = document.line(first[text])
            said = message.format(f"'{text}'")
            yield document.fault_at(path, said, f"the first is in line {line}: {remedy}")
        first.setdefault(text, path)
