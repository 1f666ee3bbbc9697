"""The status page: its files, its charts and its events, for `make_site`."""

from __future__ import annotations

import asyncio
from concurrent.futures import BrokenExecutor
from hashlib import sha256
from importlib.resources import files

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from daemon.illustrator import Charts
from daemon.web.answer import fault
from daemon.web.events import Events
from daemon.web.sources import Sources

_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
_SESSION = 6.5 * 3600
"""Seconds of trading that a chart shows: as long as New York's."""


class Asset(msgspec.Struct, frozen=True):
    """Something that a browser keeps, and asks whether it is still the same."""

    content: bytes
    kind: str
    tag: str


def routes(sources: Sources) -> list[Route]:
    """To stand beside the API's."""
    assets = {path: _asset(_read(name), kind) for path, (name, kind) in _FILES.items()}
    edition = _tag(b"".join(asset.tag.encode() for asset in assets.values()))
    events = Events(sources, edition)
    return [
        *(_file(path, asset) for path, asset in assets.items()),
        Route("/events", events.listen, methods=["GET"]),
        *([] if sources.app.charts is None else [_chart(sources.app.charts)]),
    ]


def _read(name: str) -> bytes:
    return files("daemon.web").joinpath("static", name).read_bytes()


def _asset(content: bytes, kind: str) -> Asset:
    return Asset(content, kind, _tag(content))


def _tag(content: bytes) -> str:
    return f'"{sha256(content).hexdigest()[:20]}"'


def _file(path: str, asset: Asset) -> Route:
    async def endpoint(request: Request) -> Response:
        return _given(request, asset)

    return Route(path, endpoint, methods=["GET"])


def _given(request: Request, asset: Asset) -> Response:
    headers = {"etag": asset.tag, "cache-control": "no-cache"}
    known = request.headers.get("if-none-match", "").split(",")
    if asset.tag in {tag.strip().removeprefix("W/") for tag in known}:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, headers=headers, media_type=asset.kind)


class _Drawings:
    """Charts, each drawn when somebody asks for it and it has something new to show."""

    def __init__(self, charts: Charts) -> None:
        self._charts = charts
        self._turn = asyncio.Lock()
        self._drawn: dict[tuple[str, bool, bool], tuple[int, Asset]] = {}

    async def get(self, pair: str, *, dark: bool, narrow: bool) -> Asset | None:
        """None where there is nothing to draw."""
        async with self._turn:
            latest = self._charts.latest(pair)
            if latest is None:
                return None
            at, asset = self._drawn.get((pair, dark, narrow), (None, None))
            if asset is None or at != latest:
                svg = await self._charts.svg(pair, _SESSION, dark=dark, narrow=narrow)
                if svg is None:
                    return None
                asset = _asset(svg, "image/svg+xml")
                self._drawn[pair, dark, narrow] = latest, asset
            return asset


def _chart(charts: Charts) -> Route:
    drawings = _Drawings(charts)

    async def endpoint(request: Request) -> Response:
        dark, narrow = (request.query_params.get(name) == "1" for name in ("dark", "narrow"))
        try:
            asset = await drawings.get(request.path_params["pair"], dark=dark, narrow=narrow)
        except (BrokenExecutor, TimeoutError):
            return fault(503, "the chart could not be drawn")
        if asset is None:
            return fault(404, "there is nothing to draw yet")
        return _given(request, asset)

    return Route("/chart/{pair}.svg", endpoint, methods=["GET"])
