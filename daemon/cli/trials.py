"""Rules tried on what has been or might be: `replay`, `test`, `sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from daemon.cli.options import BarStamp, ConfigPath, FromArchive, Json, Zone

_REPLAY = """
Rules are looked at as live, 'for' included, and each alert is shown with its message; below stands
what followed the alerts of each rule, with how many there were. Nothing is asked of anybody: slow
series come from files of a figure a day (date, value), each figure from when it was published.

Example: comove replay ETH=eth.csv IWM=iwm.csv --tz America/New_York --messages
"""

_TEST = """
A test gives values minute by minute, and says where rules stand then:

\b
  tests:
    - name: ETH falls behind and comes back
      series:
        divergence(60m): -1 -3 -4.5x5 -1
      expect:
        - at: 2m
          eth-behind-small-caps: pending
        - at: 4m
          eth-behind-small-caps: firing

'comove init' writes rules.test.yaml to start from: it explains the rest. Exits with 1 where a test
fails, with 78 where a file has a fault.

Example: comove test rules.test.yaml -k behind -v
"""


def rule_test_command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files of tests, or their folders; without any, ./rules.test.yaml."),
    ] = None,
    *,
    only: Annotated[
        str, typer.Option("--only", "-k", help="Only tests whose name contains this.")
    ] = "",
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show what happened in each test.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Unit tests of rules: what they read, in YAML, and what they ought to do."""
    from daemon.cli.test import run_tests

    raise typer.Exit(run_tests(paths or (), only=only, verbose=verbose, as_json=as_json))


def replay_command(
    sources: Annotated[
        list[str],
        typer.Argument(help="SYMBOL=FILE (CSV or Parquet, ticks or bars), or recordings."),
    ],
    *,
    config: ConfigPath = None,
    archive: FromArchive = None,
    tz: Zone = "UTC",
    bar_stamp: BarStamp = "start",
    step: Annotated[
        str | None, typer.Option(help="How often rules are looked at; without it, once a bar.")
    ] = None,
    context: Annotated[
        list[str] | None,
        typer.Option(
            "--context", metavar="NAME=FILE", help="A slow series, as vix=VIXCLS.csv; repeatable."
        ),
    ] = None,
    messages: Annotated[
        bool, typer.Option("--messages", help="Each message in full, as channels get it.")
    ] = False,
    scorecard: Annotated[
        bool, typer.Option("--scorecard", help="With --json: the scorecard as a last object.")
    ] = False,
    reports: Annotated[
        bool, typer.Option("--reports", help="The daily and weekly reports, as at each close.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What would have fired, its messages, and what followed."""
    from daemon.cli.replay import Shown, replay

    shown = Shown(as_json=as_json, messages=messages, scorecard=scorecard, reports=reports)
    raise typer.Exit(
        replay(
            sources,
            config=config,
            tz=tz,
            bar_stamp=bar_stamp,
            step=step,
            shown=shown,
            context=context or (),
            archive=archive,
        )
    )


_SWEEP = """
A grid varies what stands in braces in --when and --clear, 'for', a name under 'let:' in the rule
file, or a figure as the rule has it:

\b
  comove sweep eth-behind-small-caps --scenario demo --seeds 8 \\
      --grid 4=3,3.5,4,5 --grid for=0s,2m,5m --grid 60m=30m,60m,2h
  comove sweep behind ETH=eth.csv IWM=iwm.csv --chart behind.svg \\
      --when "divergence({window}) < -{far}" --clear "divergence({window}) > -1" \\
      --grid far=3,4,5 --grid window=30m,60m

A scenario knows what it did: 'right' is the share of alerts that had a cause, 'delay' the time from
the cause. Of price files it is told what followed, as in the scorecard of 'comove replay'.
"""


def sweep_command(
    rule: Annotated[str, typer.Argument(help="The rule's id; a new one together with --when.")],
    sources: Annotated[
        list[str] | None, typer.Argument(help="SYMBOL=FILE twice, or none with --scenario.")
    ] = None,
    *,
    grid: Annotated[
        list[str] | None, typer.Option("--grid", "-g", help="name=value,value,…; repeatable.")
    ] = None,
    config: ConfigPath = None,
    when: Annotated[str | None, typer.Option(help="In place of the rule's own.")] = None,
    clear: Annotated[str | None, typer.Option(help="In place of the rule's own.")] = None,
    scenario: Annotated[
        str | None, typer.Option(help="A simulated market: demo (with causes) or calm.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many simulated markets.")] = 8,
    tz: Zone = "UTC",
    bar_stamp: BarStamp = "start",
    step: Annotated[
        str | None, typer.Option(help="How often rules are looked at; without it, once a bar.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; without it, one a core.")
    ] = None,
    chart: Annotated[
        Path | None, typer.Option(help="Draw a heat map too: FILE.svg or FILE.png.")
    ] = None,
    as_json: Json = False,
) -> None:
    """One rule over a grid of figures: alerts a day, delay, and how many were right."""
    from daemon.cli.sweep import Asked, run_sweep

    asked = Asked(
        sources=sources or (),
        rule=rule,
        grid=grid or (),
        config=config,
        when=when,
        clear=clear,
        scenario=scenario,
        seeds=seeds,
        tz=tz,
        bar_stamp=bar_stamp,
        step=step,
        jobs=jobs,
        chart=chart,
        as_json=as_json,
    )
    raise typer.Exit(run_sweep(asked))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("replay", epilog=_REPLAY)(replay_command)
    app.command("test", epilog=_TEST)(rule_test_command)
    app.command("sweep", epilog=_SWEEP)(sweep_command)
