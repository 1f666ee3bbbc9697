"""The site: what is offered at each door, and the doors that are opened for it."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from daemon.web.answer import fault
from daemon.web.api import routes
from daemon.web.auth import CONTROL, Door, Guard, page_door
from daemon.web.connection import serve
from daemon.web.sockets import control_path, listen_at, listen_on
from daemon.web.sources import Sources

_log = logging.getLogger(__name__)

_SENTENCES = {404: "there is nothing here", 405: "this is not asked like that"}

Opened = tuple[socket.socket, Door]


def make_app(sources: Sources, door: Door, more: Iterable[BaseRoute] = ()) -> ASGIApp:
    """All that is offered at a door; `more` routes stand after the API's."""
    app = Starlette(
        routes=[*routes(sources), *more],
        exception_handlers={HTTPException: _refused, Exception: _broken},
    )
    app.router.redirect_slashes = False
    return Guard(app, door)


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return fault(error.status_code, _SENTENCES.get(error.status_code, error.detail), error.headers)


async def _broken(_: Request, __: Exception) -> Response:
    return fault(500, "comove has a fault here: its log says which")


class Site:
    """What is served at doors that are open."""

    def __init__(self, doors: Sequence[tuple[socket.socket, ASGIApp]]) -> None:
        self._doors = doors

    async def run(self) -> None:
        """Serve until cancelled; the doors are closed then."""
        # Of clients' broken requests nobody need be told.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        async with asyncio.TaskGroup() as tasks:
            for number, (at, app) in enumerate(self._doors):
                tasks.create_task(serve(at, app), name=f"door {number}")


def make_site(
    sources: Sources, inherited: Sequence[socket.socket] = (), more: Iterable[BaseRoute] = ()
) -> Site:
    """Open the doors that are configured; `inherited` sockets stand for the control socket.

    One that cannot be opened is told in the log, and the daemon goes on without: alerts matter
    more.
    """
    shown = tuple(more)
    opened = [*_control(sources, inherited), *_page(sources)]
    return Site([(at, make_app(sources, door, shown)) for at, door in opened])


def _control(sources: Sources, inherited: Sequence[socket.socket]) -> Iterator[Opened]:
    for at in inherited:
        # Only a Unix socket has permissions that say who may command.
        door = CONTROL if at.family == socket.AF_UNIX else Door(trusted=False)
        yield at, door
    if not inherited:
        path = control_path(sources.config.state, os.environ)
        yield from _opened(f"the control socket {path}", lambda: listen_on(path), CONTROL)


def _page(sources: Sources) -> Iterator[Opened]:
    page = sources.config.page
    if page is not None:
        host = f"[{page.host}]" if ":" in page.host else page.host
        where = f"http://{host}:{page.port}"
        yield from _opened(where, lambda: listen_at(page.host, page.port), page_door(page))


def _opened(where: str, listen: Callable[[], socket.socket], door: Door) -> Iterator[Opened]:
    try:
        at = listen()
    except OSError as error:
        _log.warning("%s cannot be opened, going on without it: %s", where, error.strerror or error)
        return
    _log.info("listening at %s", where)
    yield at, door
