"""The values that a rule file names (`let:`), and their faults."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from alerts.language import Lets, Vocabulary, define
from config.document import Document
from config.errors import Fault
from config.names import Names
from config.references import ANY_PAIR


def with_lets(document: Document, names: Names) -> tuple[Names, list[Fault]]:
    """The names with those of the file, faulty ones among them, and every fault of these."""
    given = document.get("let")
    written = given if isinstance(given, dict) else {}
    texts = {name: text if isinstance(text, str) else None for name, text in written.items()}
    pair = next(iter(names.pairs), ANY_PAIR)
    found = define(texts, Vocabulary(pair, names.instruments, names.events))
    return replace(names, lets=found.definitions), [*_faults(found, document)]


def _faults(found: Lets, document: Document) -> Iterator[Fault]:
    for name, fault in found.name_faults.items():
        yield document.fault_at(("let", name), fault.message, fault.remedy, key=True)
    for name, faults in found.text_faults.items():
        for fault in faults:
            span = (fault.start, fault.end)
            yield document.fault_within(("let", name), span, fault.message, fault.remedy)
