"""Expressions and messages, compiled with the names that a configuration gives them."""

from __future__ import annotations

from alerts.language import compile_expression, compile_message
from alerts.rule import Expression, Message
from config.names import Names
from streams.instrument import Pair


def condition(text: str, pair: Pair, names: Names) -> Expression:
    """A yes or no for one pair; raises LanguageError."""
    return compile_expression(
        text,
        pair,
        names.instruments,
        truth=True,
        events=names.events,
        lets=names.lets,
        budget=names.budget,
    )


def message(text: str, pair: Pair, names: Names) -> Message:
    """A message for one pair; raises LanguageError."""
    return compile_message(
        text, pair, names.instruments, events=names.events, lets=names.lets, budget=names.budget
    )
