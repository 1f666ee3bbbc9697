"""What refers to something else: instruments, pairs, notifiers, and expressions over metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from alerts.ailment import RULES
from alerts.language import LanguageError, did_you_mean
from config import forms
from config.expressions import condition, message
from config.names import NOTIFIERS, Names
from config.refusals import names, refused, refused_text
from streams.instrument import Pair


def _known_instrument(value: str, info: ValidationInfo) -> str:
    known = names(info).instruments
    if value not in known:
        raise refused(f"unknown instrument '{value}'", did_you_mean(value, known))
    return value


KnownInstrument = Annotated[str, AfterValidator(_known_instrument)]

ANY_PAIR = Pair("ETH", "IWM")


def _pairs(info: ValidationInfo) -> Sequence[Pair]:
    """Those that the rule is for; `pairs` stands before what is checked against them."""
    known = names(info).pairs or (ANY_PAIR,)
    meant = info.data.get("pairs")
    return [pair for pair in known if not meant or pair.name in meant]


def _check(value: str, info: ValidationInfo, compiled: Callable[[str, Pair, Names], object]) -> str:
    """The text, sound for each pair; what is a fault of the first is mostly one of all."""
    first, *others = _pairs(info)
    for pair in (first, *others):
        try:
            compiled(value, pair, names(info))
        except LanguageError as error:
            raise refused_text(error, "" if pair is first else pair.name) from None
    return value


def _truth(value: str, info: ValidationInfo) -> str:
    return _check(value, info, condition)


Truth = Annotated[str, AfterValidator(_truth), forms.EXPRESSION]
"""An expression that is a yes or no."""


def _message(value: str, info: ValidationInfo) -> str:
    return _check(value, info, message)


MessageText = Annotated[str, AfterValidator(_message), forms.MESSAGE]

ALL = "all"


def listed(value: Any) -> Any:
    """One name may stand without brackets."""
    return [value] if isinstance(value, str) else value


def _known_notifier(value: str, info: ValidationInfo) -> str:
    known = names(info).notifiers
    if value not in {*known, ALL}:
        raise refused(f"notifier '{value}' is not configured", did_you_mean(value, [*known, ALL]))
    return value


def _known_pair(value: str, info: ValidationInfo) -> str:
    known = [pair.name for pair in names(info).pairs]
    if value not in known:
        raise refused(f"unknown pair '{value}'", did_you_mean(value, known))
    return value


Notify = Annotated[
    tuple[Annotated[str, AfterValidator(_known_notifier)], ...],
    BeforeValidator(listed),
    forms.one_or_more({"enum": [ALL, *NOTIFIERS]}, 1),
]
"""Names of notifiers, or `all`."""

PairNames = Annotated[
    tuple[Annotated[str, AfterValidator(_known_pair)], ...],
    BeforeValidator(listed),
    forms.one_or_more(forms.WORD),
]


def _silenceable(value: str, info: ValidationInfo) -> str:
    return value if value in RULES else _known_rule(value, info)


def _known_rule(value: str, info: ValidationInfo) -> str:
    known = names(info).rules
    if value not in known:
        raise refused(f"unknown rule '{value}'", did_you_mean(value, known))
    return value


RuleIds = Annotated[
    tuple[Annotated[str, AfterValidator(_known_rule)], ...],
    BeforeValidator(listed),
    forms.one_or_more(forms.WORD),
]

SilencedIds = Annotated[
    tuple[Annotated[str, AfterValidator(_silenceable)], ...],
    BeforeValidator(listed),
    forms.one_or_more(forms.WORD),
]
"""Of rules, comove's own included: `comove/feed`."""
