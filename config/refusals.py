"""How validators refuse a value, and what context they see."""

from __future__ import annotations

from typing import cast

import msgspec
from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from alerts.language import LanguageError, TextFault
from config.names import Names


def refused(message: str, remedy: str) -> PydanticCustomError:
    """The error of a value that is not as it should be."""
    return PydanticCustomError("refused", "{message}", {"message": message, "remedy": remedy})


def refused_text(error: LanguageError, pair: str = "") -> PydanticCustomError:
    """The error of a text with faults of its own, of one pair alone if it is named."""
    faults = [_of_pair(fault, pair) for fault in error.faults] if pair else error.faults
    return PydanticCustomError("language", "{text}", {"text": str(error), "faults": faults})


def _of_pair(fault: TextFault, pair: str) -> TextFault:
    return msgspec.structs.replace(fault, message=f"{fault.message} (for the pair {pair})")


def names(info: ValidationInfo) -> Names:
    """The context."""
    return cast("Names", info.context)
