"""What keeps a claim from being tested."""

from __future__ import annotations


class MissingError(Exception):
    """The data do not suffice; the text says what is needed."""

    def __init__(self, needed: str, found: str = "") -> None:
        super().__init__(f"needs {needed}" + (f"; {found}" if found else ""))
        self.needed = needed
