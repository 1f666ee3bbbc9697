"""What refers to something else: instruments, pairs, notifiers, and expressions over metrics."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from alerts.language import LanguageError, compile_expression, compile_message, did_you_mean
from config.refusals import names, refused, refused_text
from streams.instrument import Pair


def _known_instrument(value: str, info: ValidationInfo) -> str:
    known = names(info).instruments
    if value not in known:
        raise refused(f"unknown instrument '{value}'", did_you_mean(value, known))
    return value


KnownInstrument = Annotated[str, AfterValidator(_known_instrument)]

_ANY_PAIR = Pair("ETH", "IWM")


def _pair(info: ValidationInfo) -> Pair:
    """A pair to check against: what is a fault for one pair is so for all."""
    return next(iter(names(info).pairs), _ANY_PAIR)


def _truth(value: str, info: ValidationInfo) -> str:
    try:
        compile_expression(value, _pair(info), names(info).instruments, truth=True)
    except LanguageError as error:
        raise refused_text(error) from None
    return value


Truth = Annotated[str, AfterValidator(_truth)]
"""An expression that is a yes or no."""


def _message(value: str, info: ValidationInfo) -> str:
    try:
        compile_message(value, _pair(info), names(info).instruments)
    except LanguageError as error:
        raise refused_text(error) from None
    return value


MessageText = Annotated[str, AfterValidator(_message)]

ALL = "all"


def _listed(value: Any) -> Any:
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
    tuple[Annotated[str, AfterValidator(_known_notifier)], ...], BeforeValidator(_listed)
]
"""Names of notifiers, or `all`."""

PairNames = Annotated[
    tuple[Annotated[str, AfterValidator(_known_pair)], ...], BeforeValidator(_listed)
]
