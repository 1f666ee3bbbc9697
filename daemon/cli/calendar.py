"""`comove events`, and `comove events import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from daemon.cli.options import ConfigPath, Json

_IMPORT = """
The dates go into the calendar that comove.yaml names, which keeps its comments; what stands there
already is left as it is. An entry that is tentative in the file is so in the calendar. 'comove
reload' takes them over.

Example: comove events import bls.ics --as cpi --match "Consumer Price Index"
"""

events = typer.Typer(
    help="What is known beforehand: FOMC, CPI, jobs …, and when.",
    epilog="Rules name these: until(fomc), since(cpi), within(jobs, 2h).",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@events.callback()
def _events(
    context: typer.Context,
    *,
    config: ConfigPath = None,
    count: Annotated[int, typer.Option("--next", "-n", min=1, help="How many to show.")] = 12,
    as_json: Json = False,
) -> None:
    if context.invoked_subcommand is None:
        from daemon.cli.events import events as show_events  # noqa: PLC0415  # when it runs

        raise typer.Exit(show_events(config, count=count, as_json=as_json))


@events.command("import", epilog=_IMPORT)
def import_command(
    file: Annotated[Path, typer.Argument(help="An iCalendar file (.ics).", readable=False)],
    *,
    name: Annotated[str, typer.Option("--as", help="The event's name in rules.")],
    match: Annotated[
        str, typer.Option(help="Only entries whose summary contains this; without it, all.")
    ] = "",
    title: Annotated[
        str, typer.Option(help="What alerts call it, if it is new; without it, as the file does.")
    ] = "",
    config: ConfigPath = None,
) -> None:
    """Take the dates of an event from a calendar file."""
    from config.event_import import Wanted  # noqa: PLC0415  # when it runs
    from daemon.cli.events import take  # noqa: PLC0415  # when it runs

    raise typer.Exit(take(file, config, Wanted(name, match, title)))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(events, name="events")
