"""`comove archive list`, `check` and `export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from daemon.cli.options import ConfigPath, Json

_EXPORT = """
Of several venues the one with the most days is taken, and ticks before bars; SYMBOL@VENUE and
SYMBOL:1m choose. Prices of two venues are never joined. Bars are stamped at their start, daily ones
with their date, as study, calibrate, replay and claims take them.

Example: comove archive export ETH@coinbase:1m --from 2026-11-02 --out eth.csv
"""

archive = typer.Typer(
    help="The prices on the disk: what there is, whether it is sound, one file of it.",
    epilog="Without --folder: what the configuration keeps, its history and its recordings.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Folder = Annotated[
    Path | None, typer.Option("--folder", "-f", help="The archive; without it, the configured one.")
]


@archive.command("list")
def list_command(
    *, folder: Folder = None, config: ConfigPath = None, as_json: Json = False
) -> None:
    """Symbols, venues, days, rows, sizes and gaps."""
    from daemon.cli.archive import listing  # noqa: PLC0415  # when it runs

    raise typer.Exit(listing(folder, config, as_json=as_json))


@archive.command("check")
def check_command(
    *,
    folder: Folder = None,
    config: ConfigPath = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Set damaged files aside, as .bad.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Every file read: order, duplicates, prices, missing days; exits with 65 for a fault."""
    from daemon.cli.archive import check  # noqa: PLC0415  # when it runs

    raise typer.Exit(check(folder, config, repair=repair, as_json=as_json))


@archive.command("export", epilog=_EXPORT)
def export_command(
    symbol: Annotated[str, typer.Argument(help="ETH, ETH@coinbase, ETH:1m or ETH@coinbase:1d.")],
    *,
    folder: Folder = None,
    config: ConfigPath = None,
    since: Annotated[str, typer.Option("--from", help="The first day, as 2026-11-02.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last day.")] = "",
    venue: Annotated[str, typer.Option(help="The same as SYMBOL@VENUE.")] = "",
    out: Annotated[
        Path | None, typer.Option(help="FILE.csv or FILE.parquet; without it, SYMBOL-VENUE.csv.")
    ] = None,
) -> None:
    """One price file, which study, calibrate, replay and claims read."""
    from daemon.cli.archive import export  # noqa: PLC0415  # when it runs

    raise typer.Exit(export(symbol, folder, config, venue=venue, days=(since, until), out=out))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(archive, name="archive")
