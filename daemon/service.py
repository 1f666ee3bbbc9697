"""`comove run`: the daemon on what is configured, until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from random import SystemRandom
from typing import Any

from rich.console import Console
from rich.live import Live

from alerts.store import Store
from config.settings import Config
from daemon.app import App
from daemon.archivist import archived
from daemon.backfill import make_past
from daemon.clock import Clock
from daemon.heartbeat import heartbeat
from daemon.pulse import pulse
from daemon.reload import Reloader
from daemon.reports import recall
from daemon.sdnotify import ServiceManager, inherited_sockets
from daemon.selfwatch import SelfWatch
from daemon.view import View, view_calls
from daemon.warm import Keeper, warm_up
from daemon.web.link_panel import panel_calls
from daemon.web.page import routes as page_routes
from daemon.web.server import make_site
from daemon.web.sources import Sources
from daemon.wiring import make_app
from streams.context.poll import follow
from streams.instrument import Pair
from streams.metric import Call

_log = logging.getLogger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]

_AGAIN, _AT_MOST = 5.0, 600.0
"""Seconds until what failed beside the core is tried again, at first and at most."""
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
        extra=[call for pair in config.pairs for call in _shown(config, pair)],
        on_snapshot=view.on_snapshot,
    )
    view.follow(app.watch.engine)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.stop)
    reloader = Reloader(config, app.watch, now=app.clock.now, tell=app.outbox.submit)
    hung_up = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, hung_up.set)
    sources = Sources(app, reloader, started=app.clock.now(), store=store)
    site = make_site(sources, inherited_sockets(os.environ), page_routes(sources))
    keeper = _warmed(config, app)
    past = make_past(config, app.watch.market, now=app.clock.now, rng=SystemRandom())
    # What stands now stays: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    _tell_ready(config, app)
    manager = ServiceManager.from_environment(os.environ)
    async with asyncio.TaskGroup() as tasks:
        work: dict[str, Work] = {
            "pulse": partial(pulse, app.watch, config.pairs, manager),
            "reload": partial(_reload_on, hung_up, reloader, manager),
            "site": site.run,
            "self-watch": SelfWatch(sources).run,
        }
        if past is not None:
            work["history"] = past.run
            app.prepare = partial(past.learn, app.stopping, partial(_tell_progress, manager))
        if config.heartbeat is not None:
            work["heartbeat"] = partial(heartbeat, config.heartbeat, lambda: sources.alive)
        if app.polls:
            work["context"] = partial(follow, app.polls)
        if keeper is not None:
            work["warm"] = keeper.run
        if config.record is not None:
            folder = config.record.folder
            work["archive"] = partial(archived, folder, config.instruments, app.clock.now)
        if console is not None:
            work["view"] = partial(_draw, view, console)
        beside = [tasks.create_task(keep_up(name, run), name=name) for name, run in work.items()]
        await app.run()
        _log.info("stopping: feeds are left, deliveries had their moment")
        manager.stopping()
        if keeper is not None:
            await keeper.save()
        for task in beside:
            task.cancel()


def _tell_progress(manager: ServiceManager, line: str) -> None:
    """Who waits for history is alive."""
    manager.status(line)
    manager.alive()


async def keep_up(name: str, run: Work) -> None:
    """Run what stands beside the core; where it fails, say so and try again."""
    wait = _AGAIN
    while True:
        try:
            await run()
        except Exception:  # noqa: BLE001  # whatever it is, alerts go on
            _log.exception("%s failed; it is tried again in %g s", name, wait)
        else:
            return
        await asyncio.sleep(wait)
        wait = min(2 * wait, _AT_MOST)


def _warmed(config: Config, app: App) -> Keeper | None:
    """Go on with the statistics of the run before, and keep them for the next."""
    if not config.warm:
        return None
    path = config.state.with_suffix(".warm")
    reports = warm_up(app.watch.market, path, app.clock.now(), config.warm)
    if app.reporter is None:
        return Keeper(app.watch.market, path)
    recall(app.reporter, reports)
    return Keeper(app.watch.market, path, reports=app.reporter.memory)


def _shown(config: Config, pair: Pair) -> Iterator[Call]:
    yield from view_calls(pair)
    if config.page is not None:
        yield from panel_calls(pair)


async def _reload_on(hung_up: asyncio.Event, reloader: Reloader, manager: ServiceManager) -> None:
    """Reload each time it is asked for."""
    while True:
        await hung_up.wait()
        hung_up.clear()
        manager.reloading(time.monotonic_ns())
        await reloader.reload()
        manager.ready()


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
