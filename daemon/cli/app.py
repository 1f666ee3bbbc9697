"""The commands of `comove`, and their exit codes.

0; 64 usage; 65 unreadable data; 78 configuration; 1 anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from daemon.cli import archive_commands, calendar, control, trials
from daemon.cli.options import BarStamp, ConfigPath, FromArchive, Json, Zone

USAGE, INTERRUPTED = 64, 130
_TYPER_USAGE = 2

app = typer.Typer(
    name="comove",
    help="Watches how ETH and US small caps move together, and alerts when they stop.",
    epilog="Start with 'comove demo'; then 'comove init DIR' writes files to start from.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001  # typer's callback
    if wanted:
        from importlib.metadata import version

        typer.echo(f"comove {version('comove')}")
        raise typer.Exit


@app.callback()
def _of_every_command(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which it is."),
    ] = False,
) -> None:
    del version


@app.command("demo")
def demo_command(
    *,
    speed: Annotated[
        float, typer.Option(min=0.1, help="Simulated seconds a real one; inf: as fast as it goes.")
    ] = 75.0,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Simulated seconds to play; without it, all.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the simulated market.")] = 5,
    as_json: Json = False,
) -> None:
    """The daemon on a simulated market served over real WebSockets: no key, no network."""
    from daemon.cli.demo import demo

    raise typer.Exit(demo(speed=speed, seconds=seconds, seed=seed, as_json=as_json))


@app.command("run")
def run_command(
    *,
    config: ConfigPath = None,
    plain: Annotated[bool, typer.Option("--plain", help="Log lines only, no live view.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log details too.")] = False,
) -> None:
    """The daemon on live feeds, until Ctrl-C or SIGTERM. Needs no key to start."""
    from daemon.cli.run import run as run_daemon

    raise typer.Exit(run_daemon(config, plain=plain, verbose=verbose))


@app.command("init")
def init_command(
    directory: Annotated[Path, typer.Argument(help="Where to write them.")] = Path(),
) -> None:
    """Write commented configuration and rules to start from."""
    from daemon.cli.init import init

    raise typer.Exit(init(directory))


@app.command("check")
def check_command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="comove.yaml, rule files or folders; without any, ./comove.yaml."),
    ] = None,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Take warnings for faults.")] = False,
    form: Annotated[
        Literal["text", "gcc", "json"],
        typer.Option("--format", help="text, json, or gcc: FILE:LINE:COLUMN, as editors read it."),
    ] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Every fault of configuration and rules in one pass; exits with 78 if there is one."""
    from daemon.cli.check import check

    raise typer.Exit(check(paths or (), form="json" if as_json else form, strict=strict))


@app.command("doctor")
def doctor_command(
    *,
    config: ConfigPath = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send a test message through every sink.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Try every feed, sink, host, clock and file of a configuration; exits with 1 if one fails."""
    from daemon.cli.doctor import doctor

    raise typer.Exit(doctor(config, as_json=as_json, send=send))


@app.command("schema")
def schema_command(
    name: Annotated[
        Literal["config", "rules", "events"],
        typer.Argument(help="Of comove.yaml, of a rule file, or of a calendar."),
    ] = "rules",
) -> None:
    """JSON Schema (draft-07) of the files, by which editors complete and check them."""
    from daemon.cli.schema import schema

    raise typer.Exit(schema(name))


trials.register(app)
control.register(app)
calendar.register(app)
archive_commands.register(app)


@app.command("study")
def study_command(
    x: Annotated[str, typer.Argument(help="Prices of the first instrument (ETH).")],
    y: Annotated[str, typer.Argument(help="Prices of the second (IWM).")],
    *,
    archive: FromArchive = None,
    x_name: Annotated[str | None, typer.Option(help="What to call the first.")] = None,
    y_name: Annotated[str | None, typer.Option(help="What to call the second.")] = None,
    tz: Zone = "UTC",
    bar_stamp: BarStamp = "start",
    chart: Annotated[
        Path | None, typer.Option(help="Draw a page too: FILE.png, FILE.svg or FILE.html.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Two price files: correlation, lead-lag, divergences, breaks, and what the data are worth."""
    from daemon.cli.study import study

    raise typer.Exit(
        study(
            x,
            y,
            archive=archive,
            x_name=x_name,
            y_name=y_name,
            tz=tz,
            bar_stamp=bar_stamp,
            chart=chart,
            as_json=as_json,
        )
    )


@app.command("claims")
def claims_command(
    sources: Annotated[
        list[str] | None,
        typer.Argument(help="SYMBOL=FILE, daily closes or bars; a symbol may have several."),
    ] = None,
    *,
    macro: Annotated[
        list[str] | None,
        typer.Option(help="NAME=FILE: DFF, DGS2, VIX, FEAR_GREED as date,value; repeatable."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--claims", help="Your own claims, in place of the article's.")
    ] = None,
    only: Annotated[
        str, typer.Option("--only", "-k", help="Only claims whose id contains this.")
    ] = "",
    page: Annotated[
        Path | None, typer.Option(help="Write it as a page too: FILE.html, FILE.png or FILE.svg.")
    ] = None,
    tz: Zone = "UTC",
    bar_stamp: BarStamp = "start",
    as_json: Json = False,
) -> None:
    """What is said of ETH and small caps, tested: supported, refuted or undecided, and why."""
    from daemon.cli.claims import Asked, claims

    asked = Asked(
        sources=sources or (),
        macro=macro or (),
        claims=file,
        only=only,
        page=page,
        tz=tz,
        bar_stamp=bar_stamp,
        as_json=as_json,
    )
    raise typer.Exit(claims(asked))


@app.command("calibrate")
def calibrate_command(
    sources: Annotated[
        list[str] | None,
        typer.Argument(help="SYMBOL=FILE twice; without any, the simulated market."),
    ] = None,
    *,
    budgets: Annotated[
        list[str] | None, typer.Option("--budget", help="False alarms, as 1/month; repeatable.")
    ] = None,
    tz: Zone = "UTC",
    bar_stamp: BarStamp = "start",
    seed: Annotated[int, typer.Option(min=0, help="Of the simulated market.")] = 5,
    archive: FromArchive = None,
    as_json: Json = False,
) -> None:
    """Thresholds of the breakdown detectors for a false-alarm budget, and the delay they cost."""
    from daemon.cli.calibrate import calibrate

    raise typer.Exit(
        calibrate(
            sources or (),
            budgets=tuple(budgets or ("1/month", "1/year")),
            tz=tz,
            bar_stamp=bar_stamp,
            seed=seed,
            archive=archive,
            as_json=as_json,
        )
    )


@app.command("decode")
def decode_command(
    venue: Annotated[
        str, typer.Argument(help="coinbase, kraken, binance, alpaca, finnhub, yahoo.")
    ],
    file: Annotated[
        Path, typer.Argument(help="A frame a line, a recording or a folder of them; '-' is stdin.")
    ],
    *,
    symbol: Annotated[str | None, typer.Option(help="Only this one, in the venue's name.")] = None,
) -> None:
    """Recorded frames to ticks, one JSON object a line, in the venue's own digits."""
    from daemon.cli import decode

    decode.decode_command(venue, file, symbol)


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit code."""
    try:
        app(args=list(arguments))
    except SystemExit as end:
        return USAGE if end.code == _TYPER_USAGE else int(end.code or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0
