"""`comove run`: the daemon on what is configured, until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Callable, Coroutine
from random import SystemRandom
from typing import Any

from rich.console import Console
from rich.live import Live

from alerts.store import Store
from config.settings import Config
from daemon.app import App
from daemon.clock import Clock
from daemon.view import View, view_calls
from daemon.wiring import make_app

_log = logging.getLogger(__name__)

_REDRAW = 0.25
"""Seconds between two drawings of the view."""


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where it is installed, else on asyncio's own loop."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415  # optional
    except ImportError:
        return None
    return uvloop.new_event_loop


async def serve(config: Config, console: Console | None) -> None:
    """Run until a signal; on a console, with the live view.

    Raises StateError where the state file cannot be used.
    """
    store = Store(config.state)
    try:
        await _serve(config, console, store)
    finally:
        await store.close()


async def _serve(config: Config, console: Console | None, store: Store) -> None:
    loop = asyncio.get_running_loop()
    view = View(config.pairs[0], "comove")
    app = make_app(
        config,
        clock=Clock(loop),
        rng=SystemRandom(),
        store=store,
        extra=[call for pair in config.pairs for call in view_calls(pair)],
        on_snapshot=view.on_snapshot,
    )
    view.follow(app.watch.engine)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.stop)
    # What stands now stays: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    _tell_ready(config, app)
    if console is None:
        await app.run()
        return
    async with asyncio.TaskGroup() as tasks:
        drawing = tasks.create_task(_draw(view, console), name="view")
        await app.run()
        drawing.cancel()


def _tell_ready(config: Config, app: App) -> None:
    _log.info(
        "ready: %s, %d rules, feeds %s",
        ", ".join(pair.name for pair in config.pairs),
        len(config.rules),
        ", ".join(feed.name for feed in app.feeds),
    )


async def _draw(view: View, console: Console) -> None:
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            live.update(view.render(), refresh=True)
            await asyncio.sleep(_REDRAW)
