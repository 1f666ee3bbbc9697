"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigPath = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", help="comove.yaml to use; without it ./comove.yaml, else the shipped one."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="For machines: one JSON object a line.")]
Zone = Annotated[str, typer.Option("--tz", help="The clock of times without a zone.")]
FromArchive = Annotated[
    Path | None,
    typer.Option(
        "--archive",
        metavar="FOLDER",
        help="Take SYMBOL, SYMBOL@VENUE or SYMBOL:1m from an archive in place of a file.",
    ),
]
BarStamp = Annotated[
    str, typer.Option("--bar-stamp", help="Whether bars are stamped at their 'start' or 'end'.")
]
