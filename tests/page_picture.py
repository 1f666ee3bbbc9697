"""The status page of a simulated day, as a browser shows it."""

from __future__ import annotations

import asyncio
import io
import tempfile
from importlib.resources import files
from math import inf
from pathlib import Path

import msgspec
from PIL import Image
from pydantic import SecretStr

from config.load import load
from config.settings import Page
from config.shipped import CONFIG
from daemon.app import App
from daemon.clock import run_paced
from daemon.demo import SEED, Demo
from daemon.reload import Reloader
from daemon.web.auth import page_door
from daemon.web.connection import serve
from daemon.web.link_panel import panel_calls
from daemon.web.page import routes
from daemon.web.server import make_app
from daemon.web.sockets import listen_at
from daemon.web.sources import Sources
from tests.stand_ins.chromium import looking_at

MINUTES = 158
"""Of the demo: the link is broken, and that was found."""
_COLOURS = 256
_DRAWN = "[...document.images].length && [...document.images].every((i) => i.naturalWidth)"


def page_pictures(folder: Path) -> None:
    """`page.png`, and `page-phone.png` with a dark screen."""
    sources = played(MINUTES * 60)
    for name, png in asyncio.run(_pictures(sources)).items():
        (folder / name).write_bytes(png)


def played(seconds: float) -> Sources:
    """The daemon as it stood after so much of the demo."""
    config = load(Path(str(files("config").joinpath(CONFIG))))
    apps: list[App] = []
    calls = tuple(call for pair in config.pairs for call in panel_calls(pair))
    run_paced(Demo(seed=SEED, extra=calls).run(seconds=seconds, ready=apps.append), inf)
    (app,) = apps
    # It has stopped, and shall be looked at as if it went on.
    app._stop = asyncio.Event()
    page = Page("127.0.0.1", 0, token=SecretStr("only-for-the-picture"))
    config = msgspec.structs.replace(config, page=page)
    reloader = Reloader(config, app.watch, now=app.clock.now, tell=app.outbox.submit)
    return Sources(app, reloader, started=app.clock.now() - round(seconds * 1e9))


async def _pictures(sources: Sources) -> dict[str, bytes]:
    at = listen_at("127.0.0.1", 0)
    url = f"http://127.0.0.1:{at.getsockname()[1]}/"
    page = sources.config.page
    assert page is not None
    app = make_app(sources, page_door(page), routes(sources))
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(serve(at, app), name="site")
        wide = await _picture(url, 1280, 1490, dark=False)
        phone = await _picture(url, 360, 780, dark=True)
        sources.app.stop()
        serving.cancel()
    if sources.app.charts is not None:
        sources.app.charts.close()
    return {"page.png": wide, "page-phone.png": phone}


async def _picture(url: str, width: int, height: int, *, dark: bool) -> bytes:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        async with looking_at(
            url, Path(profile), width=width, height=height, dark=dark, phone=width < 600
        ) as tab:
            await tab.until(_DRAWN)
            return _small(await tab.picture())


def _small(png: bytes) -> bytes:
    """With a palette: a third of the bytes."""
    out = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE).save(out, "png", optimize=True)
    return out.getvalue()
