"""The rule language: a closed, typed, unit-aware grammar compiled to closures."""

from alerts.language.compiler import compile_expression, compile_message, parse_quantity
from alerts.language.definitions import Definition
from alerts.language.errors import LanguageError, TextFault, did_you_mean
from alerts.language.lets import Lets, define, unused
from alerts.language.vocabulary import Vocabulary
from alerts.language.words import RESERVED

__all__ = [
    "RESERVED",
    "Definition",
    "LanguageError",
    "Lets",
    "TextFault",
    "Vocabulary",
    "compile_expression",
    "compile_message",
    "define",
    "did_you_mean",
    "parse_quantity",
    "unused",
]
