"""The rule language: a closed, typed, unit-aware grammar compiled to closures."""

from alerts.language.compiler import compile_expression, compile_message, parse_quantity
from alerts.language.errors import LanguageError, TextFault, did_you_mean

__all__ = [
    "LanguageError",
    "TextFault",
    "compile_expression",
    "compile_message",
    "did_you_mean",
    "parse_quantity",
]
