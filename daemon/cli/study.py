"""`comove study`: what two price files say about each other."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from daemon.archive.source import prices as prices_of
from daemon.archive.store import ArchiveError, Shelf
from daemon.cli.archived import of_archive
from daemon.cli.price_files import UsageError, stamp_of, zone_of
from daemon.study.aligned import AlignmentError
from daemon.study.candles import flat_share
from daemon.study.claims import Claim, claims
from daemon.study.form import study_json
from daemon.study.page import page
from daemon.study.quality import Source
from daemon.study.sheets import Sheet, sheets
from daemon.study.study import STEPS, Clock, Study
from daemon.study.study import study as find
from daemon.view import terminal
from streams.history.prices import PriceFileError, read_prices

FAILED, USAGE, UNREADABLE = 1, 64, 65

_FORMS = ("png", "svg", "html")


def study(
    x: str,
    y: str,
    *,
    archive: Path | None = None,
    x_name: str | None = None,
    y_name: str | None = None,
    tz: str = "UTC",
    bar_stamp: str = "start",
    chart: Path | None = None,
    as_json: bool = False,
) -> int:
    """Study two price files, print what was found, draw it if asked; the exit code.

    With an `archive`, what is no file is a symbol of it.
    """
    try:
        stored = of_archive((x, y), archive)
        names = _names(x_name or _name(x, stored), y_name or _name(y, stored))
        stamp, form = stamp_of(bar_stamp), _form(chart)
        found = _study((x, y), stored, names, Clock(zone_of(tz), stamped_at_start=stamp == "start"))
    except UsageError as error:
        return _refuse(str(error), USAGE)
    except (PriceFileError, AlignmentError, ArchiveError) as error:
        return _refuse(str(error), UNREADABLE)
    if chart is not None:
        try:
            chart.write_bytes(_drawn(found, form))
        except OSError as error:
            return _refuse(f"{chart}: {error.strerror}", FAILED)
    _print(found, chart, as_json=as_json)
    return 0


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(f"{message}\n")
    return code


def _name(text: str, stored: Mapping[str, Shelf]) -> str:
    return stored[text].symbol if text in stored else Path(text).stem


def _names(x: str, y: str) -> tuple[str, str]:
    if x == y:
        raise UsageError(f"both files are called {x!r}: name them with --x-name and --y-name")
    return x, y


def _form(chart: Path | None) -> str:
    form = "" if chart is None else chart.suffix.lower().removeprefix(".")
    if chart is not None and form not in _FORMS:
        raise UsageError(f"--chart {chart}: its name must end in .png, .svg or .html")
    return form


def _study(
    texts: tuple[str, str], stored: Mapping[str, Shelf], names: tuple[str, str], clock: Clock
) -> Study:
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=len(texts) + STEPS)

        def tell(step: str) -> None:
            bar.update(task, description=step, advance=1)

        def read(place: int) -> Source:
            text = texts[place]
            tell(f"reading {text}")
            return _source(names[place], text, stored.get(text), clock)

        return find(read(0), read(1), clock, tell)


def _source(name: str, text: str, shelf: Shelf | None, clock: Clock) -> Source:
    if shelf is not None:
        return Source(name, shelf.name, prices_of(shelf), None)
    path, stamp = Path(text), stamp_of("start" if clock.stamped_at_start else "end")
    prices = read_prices(path, tz=clock.tz, bar_stamp=stamp)
    return Source(name, path.name, prices, flat_share(path))


def _drawn(found: Study, form: str) -> bytes:
    from daemon.charts import draw  # noqa: PLC0415  # half a second that only a chart is worth

    if form == "html":
        return page(found, draw(found, "svg")).encode()
    return draw(found, "png" if form == "png" else "svg")


def _print(found: Study, chart: Path | None, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(f"{study_json(found)}\n")
        return
    console = terminal()
    for claim in claims(found):
        _print_claim(console, claim)
    for sheet in sheets(found):
        console.print()
        console.print(_table(sheet))
    if chart is not None:
        console.print(f"\nchart: {chart}", style="dim", soft_wrap=True)


def _print_claim(console: Console, claim: Claim) -> None:
    text = Text.assemble(("• ", "dim"), claim.text, (f" ({claim.sure})", "dim"))
    console.print(text, soft_wrap=not console.is_terminal)


def _table(sheet: Sheet) -> Table:
    table = Table(*sheet.head, title=sheet.title, title_justify="left")
    for row in sheet.rows:
        table.add_row(*row)
    return table
