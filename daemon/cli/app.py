"""The commands of `comove`, and their exit codes.

0; 64 usage; 65 unreadable data; 78 configuration; 1 anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

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

ConfigPath = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", help="comove.yaml to use; without it ./comove.yaml, else the shipped one."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="For machines: one JSON object a line.")]


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
    as_json: Json = False,
) -> None:
    """Every fault of configuration and rules in one pass; exits with 78 if there is one."""
    from daemon.cli.check import check

    raise typer.Exit(check(paths or (), as_json=as_json))


@app.command("replay")
def replay_command(
    sources: Annotated[
        list[str],
        typer.Argument(help="SYMBOL=FILE (CSV or Parquet, ticks or bars), or recordings."),
    ],
    *,
    config: ConfigPath = None,
    tz: Annotated[str, typer.Option(help="The clock of times without a zone.")] = "UTC",
    bar_stamp: Annotated[
        str, typer.Option(help="Whether bars are stamped at their 'start' or 'end'.")
    ] = "start",
    step: Annotated[
        str | None, typer.Option(help="How often rules are looked at; without it, once a bar.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What would have fired, and its messages: replay ETH=a.csv IWM=b.csv."""
    from daemon.cli.replay import replay

    raise typer.Exit(
        replay(sources, config=config, tz=tz, bar_stamp=bar_stamp, step=step, as_json=as_json)
    )


@app.command("study")
def study_command(
    x: Annotated[Path, typer.Argument(help="Prices of the first instrument (ETH).")],
    y: Annotated[Path, typer.Argument(help="Prices of the second (IWM).")],
    *,
    x_name: Annotated[str | None, typer.Option(help="What to call the first.")] = None,
    y_name: Annotated[str | None, typer.Option(help="What to call the second.")] = None,
    tz: Annotated[str, typer.Option(help="The clock of times without a zone.")] = "UTC",
    bar_stamp: Annotated[
        str, typer.Option(help="Whether bars are stamped at their 'start' or 'end'.")
    ] = "start",
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
            x_name=x_name,
            y_name=y_name,
            tz=tz,
            bar_stamp=bar_stamp,
            chart=chart,
            as_json=as_json,
        )
    )


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
    tz: Annotated[str, typer.Option(help="The clock of times without a zone.")] = "UTC",
    bar_stamp: Annotated[
        str, typer.Option(help="Whether bars are stamped at their 'start' or 'end'.")
    ] = "start",
    seed: Annotated[int, typer.Option(min=0, help="Of the simulated market.")] = 5,
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
            as_json=as_json,
        )
    )


@app.command("decode")
def decode_command(
    venue: Annotated[
        str, typer.Argument(help="coinbase, kraken, binance, alpaca, finnhub, yahoo.")
    ],
    file: Annotated[Path, typer.Argument(help="A frame a line, or a recording; '-' is stdin.")],
    *,
    symbol: Annotated[str | None, typer.Option(help="Only this one, in the venue's name.")] = None,
) -> None:
    """Recorded frames to ticks, one JSON object a line, in the venue's own digits."""
    from daemon.cli import decode

    decode.decode_command(venue, file, symbol)


@app.command("version")
def version_command() -> None:
    """Which comove this is."""
    from importlib.metadata import version

    typer.echo(version("comove"))


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit code."""
    try:
        app(args=list(arguments))
    except SystemExit as end:
        return USAGE if end.code == _TYPER_USAGE else int(end.code or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0
