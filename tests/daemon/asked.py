"""A publisher of every series on loopback, and a configuration that asks it."""

from __future__ import annotations

from typing import Self
from urllib.parse import parse_qs, urlsplit

from config.shipped import CONFIG, shipped
from tests.stand_ins.http import HttpServer, Request, Response
from tests.streams.context.answers import (
    MARCH,
    MIDNIGHT,
    fear_and_greed,
    markets,
    table,
)

_FIGURES = {"VIXCLS": "27.4", "DFF": "3.63", "DFEDTARL": "3.50", "DFEDTARU": "3.75", "DGS2": "4.48"}


class Publishers:
    """FRED, alternative.me and Kalshi; `down` are paths that answer 503."""

    def __init__(self) -> None:
        self.http = HttpServer(self._serve)
        self.down: set[str] = set()

    async def __aenter__(self) -> Self:
        await self.http.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.stop()

    @property
    def config(self) -> str:
        """What is shipped, asking here."""
        base = f"http://127.0.0.1:{self.http.port}"
        head, _, rest = shipped(CONFIG).partition("\ncontext:\n")
        tail = rest.partition("\n# Who is told.")[2]
        context = "\n".join(
            f"  {name}: {{url: '{base}/{name}'}}" for name in ("fred", "fear_greed", "kalshi")
        )
        return f"{head}\ncontext:\n{context}\n# Who is told.{tail}"

    async def _serve(self, request: Request) -> Response:
        parts = urlsplit(request.path)
        if parts.path.strip("/") in self.down:
            return Response(503, b"")
        match parts.path:
            case "/fred":
                (series,) = parse_qs(parts.query)["id"]
                return Response(200, table(series, ("2026-03-16", _FIGURES[series])), "text/csv")
            case "/fear_greed":
                return Response(200, fear_and_greed((MIDNIGHT, "22")))
            case _:
                return Response(200, markets(MARCH))
