"""The status page: its files, its charts and its events, for `make_site`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import BrokenExecutor
from hashlib import sha256
from importlib.resources import files

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from daemon.web.answer import fault
from daemon.web.events import Events
from daemon.web.pictures import PICTURES, draw, edition
from daemon.web.sources import Sources
from streams.instrument import Pair

_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}


class Asset(msgspec.Struct, frozen=True):
    """Something that a browser keeps, and asks whether it is still the same."""

    content: bytes
    kind: str
    tag: str


def routes(sources: Sources) -> list[Route]:
    """To stand beside the API's."""
    assets = {path: _asset(_read(name), kind) for path, (name, kind) in _FILES.items()}
    tag = _tag(b"".join(asset.tag.encode() for asset in assets.values()))
    events = Events(sources, tag)
    drawings = _Drawings(sources)
    pairs = {pair.name: pair for pair in sources.config.pairs}
    return [
        *(_file(path, asset) for path, asset in assets.items()),
        Route("/events", events.listen, methods=["GET"]),
        *(_picture(name, drawings, pairs) for name in PICTURES),
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
    """Pictures, each drawn when somebody asks for it and it has something new to show."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._turn = asyncio.Lock()
        self._drawn: dict[tuple[str, str, bool, bool], tuple[int, Asset]] = {}

    async def get(self, name: str, pair: Pair, *, dark: bool, narrow: bool) -> Asset | None:
        """None where there is nothing to draw."""
        async with self._turn:
            newest = edition(self._sources, name, pair)
            if newest is None:
                return None
            key = name, pair.name, dark, narrow
            at, asset = self._drawn.get(key, (None, None))
            if asset is None or at != newest:
                svg = await draw(self._sources, name, pair, dark=dark, narrow=narrow)
                if svg is None:
                    return None
                asset = _asset(svg, "image/svg+xml")
                self._drawn[key] = newest, asset
            return asset


def _picture(name: str, drawings: _Drawings, pairs: Mapping[str, Pair]) -> Route:
    async def endpoint(request: Request) -> Response:
        dark, narrow = (request.query_params.get(each) == "1" for each in ("dark", "narrow"))
        pair = pairs.get(request.path_params["pair"])
        try:
            asset = None
            if pair is not None:
                asset = await drawings.get(name, pair, dark=dark, narrow=narrow)
        except (BrokenExecutor, TimeoutError):
            return fault(503, "the chart could not be drawn")
        if asset is None:
            return fault(404, "there is nothing to draw yet")
        return _given(request, asset)

    return Route(f"/{name}/{{pair}}.svg", endpoint, methods=["GET"])
