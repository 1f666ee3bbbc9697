"""What a check found, and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from typing import ParamSpec

import msgspec


class Verdict(StrEnum):
    """How bad it is; only `fail` means that comove cannot do its work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(msgspec.Struct, frozen=True):
    """What was found, and where it is not well, what to do in a sentence."""

    verdict: Verdict
    text: str
    remedy: str = ""


P = ParamSpec("P")

Look = Callable[[], Awaitable[Finding]]


class Check(msgspec.Struct, frozen=True):
    """One thing to try: of which area, under which name."""

    area: str
    name: str
    look: Look


def ok(text: str) -> Finding:
    """All is well."""
    return Finding(Verdict.OK, text)


def warn(text: str, remedy: str) -> Finding:
    """It works, and will not for long, or not as meant."""
    return Finding(Verdict.WARN, text, remedy)


def fail(text: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(Verdict.FAIL, text, remedy)


def in_thread(look: Callable[P, Finding], *args: P.args, **kwargs: P.kwargs) -> Look:
    """A look at files: a disk that stalls must hold up nothing else."""
    return partial(asyncio.to_thread, look, *args, **kwargs)
