"""How validators refuse a value, and what context they see."""

from __future__ import annotations

from typing import cast

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from alerts.language import LanguageError
from config.names import Names


def refused(message: str, remedy: str) -> PydanticCustomError:
    """The error of a value that is not as it should be."""
    return PydanticCustomError("refused", "{message}", {"message": message, "remedy": remedy})


def refused_text(error: LanguageError) -> PydanticCustomError:
    """The error of a text with faults of its own."""
    return PydanticCustomError("language", "{text}", {"text": str(error), "faults": error.faults})


def names(info: ValidationInfo) -> Names:
    """The context."""
    return cast("Names", info.context)
