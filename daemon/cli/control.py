"""The commands that talk to the running daemon, from `comove status` to `comove reload`."""

# ruff: noqa: PLC0415  # each command imports what it needs, when it runs

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from daemon.cli.options import ConfigPath, Json

if TYPE_CHECKING:
    from daemon.cli.caller import Caller

_CONTROL = """
It is found through -c, else ./comove.yaml, else as the system's service; --socket names another.
"""
_INCIDENT = """
An incident goes by its rule, by rule/pair where the rule fires for several, or by its full name in
'comove alerts'.

Example: comove {} small-caps-breakdown
"""
_SNOOZE = """
Nothing is heard of it until then; if it still fires it is told again.

Example: comove snooze small-caps-breakdown --for 1h
"""
_SILENCE = """
All that is given must hold; without --rule, --pair, --severity and --label everything is silenced.
What still fires at the end is told then. 'comove silences' lists, 'comove unsilence ID' ends.

Example: comove silence --rule feed-stale --for 2h --why 'exchange maintenance'
"""
_RELOAD = """
Rules, thresholds and quiet times are taken over, or nothing if any file has a fault: then every
fault is shown, and the exit code is 78. Rules keep their state by id.
"""

SocketPath = Annotated[
    Path | None,
    typer.Option("--socket", readable=False, help="The daemon's control socket, if not the usual."),
]
Incident = Annotated[str, typer.Argument(help="Its rule, rule/pair, or full name.")]


def status_command(
    *, config: ConfigPath = None, socket: SocketPath = None, as_json: Json = False
) -> None:
    """How the running daemon stands: link, feeds, rules, sinks, the last reload."""
    from daemon.cli.operate import status

    _done(socket, config, lambda caller: status(caller, as_json=as_json))


def alerts_command(
    *, config: ConfigPath = None, socket: SocketPath = None, as_json: Json = False
) -> None:
    """What fires now."""
    from daemon.cli.operate import alerts

    _done(socket, config, lambda caller: alerts(caller, as_json=as_json))


def why_command(
    incident: Incident,
    *,
    config: ConfigPath = None,
    socket: SocketPath = None,
    as_json: Json = False,
) -> None:
    """All there is to know of what fires: thresholds, values, the link, sessions."""
    from daemon.cli.operate import why

    _done(socket, config, lambda caller: why(caller, incident, as_json=as_json))


def ack_command(
    incident: Incident, *, config: ConfigPath = None, socket: SocketPath = None
) -> None:
    """Take note of what fires: no more reminders of it."""
    from daemon.cli.operate import command

    _done(socket, config, lambda caller: command(caller, "ack", incident=incident))


def snooze_command(
    incident: Incident,
    *,
    duration: Annotated[
        str | None, typer.Option("--for", help="As 1h; without it, until the market closes.")
    ] = None,
    config: ConfigPath = None,
    socket: SocketPath = None,
) -> None:
    """Hear nothing of what fires for a while."""
    from daemon.cli.operate import command

    seconds = None if duration is None else _seconds(duration)
    _done(
        socket, config, lambda caller: command(caller, "snooze", incident=incident, seconds=seconds)
    )


def silence_command(
    *,
    duration: Annotated[str, typer.Option("--for", help="As 30m, 2h or 1d.")],
    rules: Annotated[list[str] | None, typer.Option("--rule", help="Repeatable: any of.")] = None,
    pairs: Annotated[
        list[str] | None, typer.Option("--pair", help="As ETH-IWM; repeatable.")
    ] = None,
    severities: Annotated[
        list[str] | None, typer.Option("--severity", help="info, warning or critical; repeatable.")
    ] = None,
    labels: Annotated[
        list[str] | None, typer.Option("--label", help="key=value; repeatable: all of.")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="Shown beside what is silenced.")] = "",
    config: ConfigPath = None,
    socket: SocketPath = None,
) -> None:
    """Tell nothing of some rules for a while."""
    from daemon.cli.operate import command

    asked = {
        "seconds": _seconds(duration),
        "rules": rules or (),
        "pairs": pairs or (),
        "severities": severities or (),
        "labels": _labels(labels or ()),
        "why": why,
    }
    _done(socket, config, lambda caller: command(caller, "silence", **asked))


def silences_command(
    *, config: ConfigPath = None, socket: SocketPath = None, as_json: Json = False
) -> None:
    """What is silenced now, by whom and until when."""
    from daemon.cli.operate import silences

    _done(socket, config, lambda caller: silences(caller, as_json=as_json))


def unsilence_command(
    silence: Annotated[str, typer.Argument(help="Its id, as s3; 'comove silences' lists them.")],
    *,
    config: ConfigPath = None,
    socket: SocketPath = None,
) -> None:
    """End a silence: what still fires is told now."""
    from daemon.cli.operate import command

    _done(socket, config, lambda caller: command(caller, "unsilence", id=silence))


def reload_command(*, config: ConfigPath = None, socket: SocketPath = None) -> None:
    """Take over changed rules without a restart; a fault in them changes nothing."""
    from daemon.cli.operate import command

    _done(socket, config, lambda caller: command(caller, "reload"))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status", epilog=_CONTROL)(status_command)
    app.command("alerts")(alerts_command)
    app.command("why", epilog=_INCIDENT.format("why"))(why_command)
    app.command("ack", epilog=_INCIDENT.format("ack"))(ack_command)
    app.command("snooze", epilog=_SNOOZE)(snooze_command)
    app.command("silence", epilog=_SILENCE)(silence_command)
    app.command("silences")(silences_command)
    app.command("unsilence")(unsilence_command)
    app.command("reload", epilog=_RELOAD)(reload_command)


def _done(socket: Path | None, config: Path | None, work: Callable[[Caller], int]) -> NoReturn:
    from daemon.cli.operate import with_caller

    raise typer.Exit(with_caller(socket, config, work))


def _seconds(duration: str) -> float:
    from alerts.language import LanguageError, parse_quantity
    from streams.metric import Unit

    try:
        return parse_quantity(duration, Unit.DURATION)
    except LanguageError as error:
        raise typer.BadParameter(str(error), param_hint="--for") from None


def _labels(given: Iterable[str]) -> dict[str, str]:
    labels = dict(each.partition("=")[::2] for each in given)
    if not all(key and value for key, value in labels.items()):
        raise typer.BadParameter("write it as key=value", param_hint="--label")
    return labels
