"""What must reach no disk and no eye, taken out of texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

INSTEAD = "***"


class Redaction:
    """Replaces secrets, as they stand and as a URL or JSON writes them, JSON in JSON included.

    In large and small letters alike: there are programs that change them.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        self._folded = tuple({form.casefold() for form in forms})
        # One secret may be a part of another.
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._written = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """The text without them."""
        folded = text.casefold()
        if not any(form in folded for form in self._folded):
            return text  # nearly always
        return self._written.sub(INSTEAD, text)


def _forms(secret: str) -> Iterable[str]:
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    for ascii_only in (True, False):
        written = _in_json(secret, ascii_only=ascii_only)
        yield written
        yield written.replace("/", "\\/")
        yield _in_json(written, ascii_only=ascii_only)


def _in_json(text: str, *, ascii_only: bool) -> str:
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]
