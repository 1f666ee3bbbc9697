from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from streams.redaction import Redaction

SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=20)


@settings(deadline=None, max_examples=200)
@given(SECRETS)
def test_a_secret_is_found_in_every_writing_of_it(secret: str) -> None:
    assume("*" not in secret)
    redact = Redaction([secret])
    for written in (
        secret,
        json.dumps({"key": secret}),
        json.dumps({"key": secret}, ensure_ascii=False),
        json.dumps({"refused": json.dumps({"key": secret})}),
        f"wss://host/?token={quote(secret, safe='')}",
        f"wss://host/?token={quote_plus(secret)}",
    ):
        assert "***" in redact(written)
        assert secret not in redact(written)


def test_letters_that_were_made_large_or_small_hide_nothing() -> None:
    redact = Redaction(["42:Abc/D"])
    assert redact("no /bot42:abc/d, 42%3aABC%2fd") == "no /bot***, ***"


def test_a_secret_within_another_leaves_nothing_of_it() -> None:
    assert Redaction(["abc", "xabcy", ""])("xabcy abc") == "*** ***"


def test_without_secrets_a_text_stays() -> None:
    assert Redaction([])("text") == "text"
