"""What `comove check` says of a broken rule file, and what `comove sweep` draws."""

from __future__ import annotations

import io
import os
import re
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from rich.console import Console
from rich.text import Text

from daemon.cli.check import check
from daemon.cli.sweep import Asked, run_sweep

BROKEN = """\
rules:
  - id: eth-behind-small-caps
    title: ETH is behind what small caps imply
    when: divergense(60m) < -4 and corr(1h) < 20%
    for: 5minutes
    severity: fatal
    message: "{pair}: ETH {return(ETH, 1h)|percnt}, beta {beta()}."

  - id: small-caps-breakdown
    title: ETH and small caps have come apart
    when: corr(ETH, IWN, 1h) < 0.2
"""
SEEDS = 4


class _Terminal(io.StringIO):
    """Text that is taken for a terminal."""

    def isatty(self) -> bool:
        return True


def check_picture(folder: Path) -> None:
    """check.svg."""
    said = _Terminal()
    colours = {"TERM": "xterm-256color", "COLORTERM": "", "NO_COLOR": "", "COLUMNS": "84"}
    with TemporaryDirectory() as scratch, chdir(scratch), patch.dict(os.environ, colours):
        Path("rules.yaml").write_text(BROKEN, encoding="utf-8")
        check([Path("rules.yaml")], err=said)
    console = Console(record=True, width=84, file=io.StringIO(), force_terminal=True)
    console.print("[bold]$ comove check rules.yaml", highlight=False)
    console.print(Text.from_ansi(said.getvalue().rstrip()))
    picture = console.export_svg(title="comove check")
    # The font is the reader's own: nothing is fetched.
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    (folder / "check.svg").write_text(picture, encoding="utf-8")


def sweep_picture(folder: Path) -> None:
    """sweep.svg: half a minute of work."""
    run_sweep(
        Asked(
            sources=(),
            rule="eth-behind-small-caps",
            grid=("4=3,4,5,6,8,10", "for=0s,1m,2m,5m"),
            scenario="demo",
            seeds=SEEDS,
            chart=folder / "sweep.svg",
        )
    )
