"""`comove doctor`: tries everything that a configuration names, and says what to do."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom
from typing import TextIO

import msgspec
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from config.errors import ConfigError
from config.load import inspect
from daemon.cli.check import EX_CONFIG, show
from daemon.cli.source import find_config
from daemon.clock import Clock
from daemon.doctor.checks import checks
from daemon.doctor.finding import Check, Finding, Verdict
from daemon.doctor.rounds import examine

_COLOURS = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red"}
_WIDE = 200
_RESOLVER = "timeout:2 attempts:2"
"""A name server that is gone would hold a check's thread for half a minute."""


class Line(msgspec.Struct, frozen=True):
    """A finding for machines."""

    area: str
    name: str
    verdict: Verdict
    text: str
    remedy: str


def doctor(
    config_path: Path | None,
    *,
    as_json: bool = False,
    send: bool = False,
    proxy: bool = True,
    out: TextIO | None = None,
) -> int:
    """Print what was found; 0, 1 where something fails, 78 where the configuration is faulty."""
    out = out or sys.stdout
    os.environ.setdefault("RES_OPTIONS", _RESOLVER)
    # What feeds and libraries log is in the findings, and the table stands on the same terminal.
    logging.basicConfig(level=logging.CRITICAL)
    try:
        return asyncio.run(_doctor(config_path, as_json=as_json, send=send, proxy=proxy, out=out))
    except ConfigError as error:
        show(error.faults, sys.stderr)
        return EX_CONFIG


async def _doctor(
    config_path: Path | None, *, as_json: bool, send: bool, proxy: bool, out: TextIO
) -> int:
    config, warnings = inspect(find_config(config_path))
    made = list(
        checks(
            config,
            warnings,
            now=Clock(asyncio.get_running_loop()).now,
            rng=SystemRandom(),
            environment=os.environ,
            send=send,
            proxy=proxy,
        )
    )
    board = Board(made)
    if as_json:
        await examine(made, board.take)
        out.writelines(board.lines())
    elif out.isatty():
        with Live(board, console=Console(file=out, highlight=False), refresh_per_second=8):
            await examine(made, board.take)
    else:
        await examine(made, board.take)
        out.write(_plain(board))
    return 1 if board.count(Verdict.FAIL) else 0


def _plain(board: Board) -> str:
    """The table for files and pipes."""
    text = io.StringIO()
    Console(file=text, highlight=False, width=_WIDE).print(board)
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


class Board:
    """The checks, and what is known of each so far."""

    def __init__(self, made: Sequence[Check]) -> None:
        self._checks = made
        self._findings: dict[int, Finding] = {}

    def take(self, place: int, finding: Finding) -> None:
        """A check is done."""
        self._findings[place] = finding

    def count(self, verdict: Verdict) -> int:
        """How many came out so."""
        return sum(finding.verdict is verdict for finding in self._findings.values())

    def lines(self) -> list[str]:
        """One JSON object a line, in order."""
        encoder = msgspec.json.Encoder()
        return [
            encoder.encode(
                Line(check.area, check.name, finding.verdict, finding.text, finding.remedy)
            ).decode()
            + "\n"
            for check, finding in ((c, self._findings[n]) for n, c in enumerate(self._checks))
        ]

    def __rich__(self) -> Table:
        """Area, name, verdict, words; a remedy stands below what it is for."""
        table = Table(box=None, show_header=False, pad_edge=False)
        for column in ("area", "name", "verdict"):
            table.add_column(column, no_wrap=True)
        table.add_column("found", overflow="fold")
        area = ""
        for place, check in enumerate(self._checks):
            said = check.area if check.area != area else ""
            area = check.area
            table.add_row(Text(said, "bold"), check.name, *_cells(self._findings.get(place)))
        table.add_row("", "", "", Text(self._summary(), "bold"))
        return table

    def _summary(self) -> str:
        if waiting := len(self._checks) - len(self._findings):
            return f"{waiting} of {len(self._checks)} checks under way"
        failed, warned = self.count(Verdict.FAIL), self.count(Verdict.WARN)
        if not failed + warned:
            return f"all {len(self._checks)} checks are well"
        return f"{len(self._checks)} checks: {failed} failed, {warned} to look at"


def _cells(finding: Finding | None) -> tuple[Text, Text]:
    if finding is None:
        return Text("…", "dim"), Text("")
    text = Text(finding.text)
    if finding.remedy:
        text.append(f"\n→ {finding.remedy}", "cyan")
    return Text(finding.verdict.value, _COLOURS[finding.verdict]), text
