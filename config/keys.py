"""What all groups of keys have in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo, field_validator

from config.refusals import refused


def nothing_is_empty(value: Any) -> Any:
    """`log:` alone is `log: {}`."""
    return {} if value is None else value


OrEmpty = BeforeValidator(nothing_is_empty)
"""A group of keys that may be left empty."""


class Keys(BaseModel):
    """A mapping whose keys are all known, each with a value."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _written(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and OrEmpty not in cls.model_fields[str(info.field_name)].metadata:
            raise refused("nothing is written here", "write a value, or remove it")
        return value
