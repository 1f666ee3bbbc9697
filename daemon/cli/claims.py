"""`comove claims`: what the project started from, tested on price files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from daemon.claims.data import Data
from daemon.claims.document import ClaimsError, read_claims, shipped
from daemon.claims.form import trial_json
from daemon.claims.page import page
from daemon.claims.sheets import details, looks_text, summary
from daemon.claims.statement import Statement
from daemon.claims.trial import Trial, run
from daemon.cli.price_files import UsageError, stamp_of, zone_of
from daemon.study.candles import flat_share
from daemon.study.quality import Source
from daemon.study.sheets import Sheet
from daemon.study.study import Clock
from daemon.view import terminal
from streams.context.series import Series, read_series
from streams.history.prices import PriceFileError, read_prices

FAILED, USAGE, UNREADABLE = 1, 64, 65

_FORMS = ("png", "svg", "html")
_STYLES = {"supported": "green", "refuted": "red", "undecided": "dim"}

_ON_NOTHING = (
    "No file was given to test them on; the reasons say which they need. "
    "For instance: comove claims ETH=eth.csv IWM=iwm.csv --macro VIX=vix.csv"
)

Named = list[tuple[str, Path]]


class Asked(msgspec.Struct, frozen=True):
    """What the command line said."""

    sources: Sequence[str]
    macro: Sequence[str] = ()
    claims: Path | None = None
    only: str = ""
    page: Path | None = None
    tz: str = "UTC"
    bar_stamp: str = "start"
    as_json: bool = False


def claims(asked: Asked) -> int:
    """Test each claim, print what came out, write the page if asked; the exit code."""
    try:
        form = _form(asked.page)
        trial = _trial(asked)
    except UsageError as error:
        return _refuse(str(error), USAGE)
    except (PriceFileError, ClaimsError) as error:
        return _refuse(str(error), UNREADABLE)
    if asked.page is not None:
        try:
            asked.page.write_bytes(_drawn(trial, form))
        except OSError as error:
            return _refuse(f"{asked.page}: {error.strerror}", FAILED)
    _print(trial, asked)
    return 0 if asked.sources or asked.macro else _refuse(_ON_NOTHING, USAGE)


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(f"{message}\n")
    return code


def _form(chart: Path | None) -> str:
    form = "" if chart is None else chart.suffix.lower().removeprefix(".")
    if chart is not None and form not in _FORMS:
        raise UsageError(f"--page {chart}: its name must end in .html, .png or .svg")
    return form


def _named(texts: Sequence[str], what: str) -> Named:
    found: Named = []
    for text in texts:
        name, equals, path = text.partition("=")
        if not (name and equals and path):
            raise UsageError(f"{text!r} is not {what}=FILE")
        found.append((name.upper(), Path(path)))
    return found


def _chosen(asked: Asked) -> list[Statement]:
    statements = read_claims(asked.claims or shipped())
    found = [statement for statement in statements if asked.only in statement.id]
    if not found:
        names = ", ".join(statement.id for statement in statements)
        raise UsageError(f"--only {asked.only}: no claim is called so; there are {names}")
    return found


def _trial(asked: Asked) -> Trial:
    files, macro = _named(asked.sources, "SYMBOL"), _named(asked.macro, "NAME")
    zone, stamp = zone_of(asked.tz), stamp_of(asked.bar_stamp)
    statements = _chosen(asked)
    _no_series(files, statements)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=len(files) + len(macro) + len(statements))

        def tell(step: str) -> None:
            bar.update(task, description=step, advance=1)

        def read(name: str, path: Path) -> Source:
            prices = read_prices(path, tz=zone, bar_stamp=stamp)
            return Source(name, path.name, prices, flat_share(path))

        series = _series(macro, tell)
        clock = Clock(zone, stamped_at_start=stamp == "start")
        return run(statements, Data(_sources(files, read, tell), series, clock), tell)


def _no_series(files: Named, statements: Sequence[Statement]) -> None:
    """UsageError where the file of a series is given as prices, of which no claim would know."""
    series = {statement.series for statement in statements}
    for name, path in files:
        if name in series:
            raise UsageError(f"{name} is a series, not a price: write --macro {name}={path}")


def _sources(
    files: Named, read: Callable[[str, Path], Source], tell: Callable[[str], None]
) -> dict[str, list[Source]]:
    found: dict[str, list[Source]] = {}
    for name, path in files:
        tell(f"reading {path.name}")
        found.setdefault(name, []).append(read(name, path))
    return found


def _series(macro: Named, tell: Callable[[str], None]) -> dict[str, Series]:
    found: dict[str, Series] = {}
    for name, path in macro:
        tell(f"reading {path.name}")
        if name in found:
            raise UsageError(f"--macro {name} is given twice")
        found[name] = read_series(path, name)
    return found


def _drawn(trial: Trial, form: str) -> bytes:
    from daemon.claims.chart import draw  # noqa: PLC0415  # half a second that only a chart is worth

    if form == "html":
        return page(trial, draw(trial, "svg")).encode()
    return draw(trial, "png" if form == "png" else "svg")


def _print(trial: Trial, asked: Asked) -> None:
    if asked.as_json:
        sys.stdout.write(f"{trial_json(trial)}\n")
        return
    console = terminal()
    console.print(_table(summary(trial), lines=True))
    console.print(looks_text(trial), soft_wrap=not console.is_terminal)
    for sheet in details(trial):
        console.print()
        console.print(_table(sheet))
    if asked.page is not None:
        console.print(f"\npage: {asked.page}", style="dim", soft_wrap=True)


def _table(sheet: Sheet, *, lines: bool = False) -> Table:
    table = Table(title=sheet.title, title_justify="left", show_lines=lines)
    for name in sheet.head:
        table.add_column(name, no_wrap=name in {"figure", "95 % interval", "verdict", "n"})
    for row in sheet.rows:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    return table
