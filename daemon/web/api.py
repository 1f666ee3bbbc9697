"""The API: what is asked and commanded, the same over the Unix socket and over HTTP.

Translates only: what a command does, and whether it can be done, the desk says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, TypeVar

import msgspec
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from alerts.desk import DeskError
from alerts.moment import clock
from alerts.silence import Matcher
from daemon.metrics import Metrics
from daemon.web.answer import answer, fault
from daemon.web.document import Alerts, Said, Silences, Why
from daemon.web.sources import Sources
from daemon.web.status import rule_entries, status

LARGEST_BODY = 16 * 1024
_BODY_WITHIN = 10.0
"""Seconds."""

B = TypeVar("B")


class Incident(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which one: its id, its rule's, or rule/pair."""

    incident: str


class Snooze(Incident, frozen=True, forbid_unknown_fields=True):
    """For so many seconds; until the pair's market closes where nothing is said."""

    seconds: float | None = None


class Silencing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to silence, all that is given must hold, and for how many seconds."""

    seconds: float
    rules: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    why: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Ending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which silence."""

    id: str


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No argument."""


Command = Callable[[B, str], Awaitable[Response]]
"""What was asked and who asks → the answer."""


def routes(sources: Sources) -> list[Route]:
    """Questions and commands, probes and metrics."""
    desk, now = sources.app.desk, sources.app.clock.now
    return [
        _question("/api/status", lambda _: answer(status(sources))),
        _question("/api/alerts", lambda _: answer(Alerts(now(), tuple(desk.incidents())))),
        _question("/api/rules", lambda _: answer(rule_entries(sources))),
        _question("/api/silences", lambda _: answer(Silences(now(), tuple(desk.silences())))),
        _question(
            "/api/why/{incident:path}",
            lambda request: answer(Why(desk.why(request.path_params["incident"]))),
        ),
        *_commands(sources),
        *_probes(sources),
        _question("/metrics", _metrics(sources)),
    ]


def _commands(sources: Sources) -> list[Route]:
    desk, now = sources.app.desk, sources.app.clock.now

    async def acknowledge(asked: Incident, who: str) -> Response:
        return answer(Said(desk.acknowledge(asked.incident, who)))

    async def snooze(asked: Snooze, who: str) -> Response:
        return answer(Said(desk.snooze(asked.incident, who, asked.seconds)))

    async def silence(asked: Silencing, who: str) -> Response:
        matcher = Matcher(asked.rules, asked.pairs, asked.severities, asked.labels)
        made = desk.silence(matcher, who, asked.seconds, asked.why)
        said = f"Silence {made.id} holds until {clock(made.until, now())}."
        return answer(Said(said, made.id))

    async def unsilence(asked: Ending, who: str) -> Response:
        return answer(Said(desk.unsilence(asked.id, who)))

    async def reload(_: Nothing, __: str) -> Response:
        done = await sources.reloader.reload()
        said = f"{done.sentence[0].upper()}{done.sentence[1:]}."
        return answer(Said(said, lines=done.lines), 200 if done.ok else 422)

    return [
        _command("/api/ack", Incident, acknowledge),
        _command("/api/snooze", Snooze, snooze),
        _command("/api/silence", Silencing, silence),
        _command("/api/unsilence", Ending, unsilence),
        _command("/api/reload", Nothing, reload),
    ]


def _probes(sources: Sources) -> list[Route]:
    def live(_: Request) -> Response:
        return answer({"ok": True}) if sources.alive else fault(503, "evaluation stands still")

    def ready(_: Request) -> Response:
        troubles = list(sources.troubles())
        if not sources.alive:
            troubles.insert(0, "evaluation stands still")
        return answer({"ok": not troubles, "troubles": troubles}, 503 if troubles else 200)

    return [_question("/livez", live), _question("/readyz", ready)]


def _metrics(sources: Sources) -> Callable[[Request], Response]:
    registry = CollectorRegistry()
    registry.register(Metrics(sources))
    ProcessCollector(registry=registry)

    def metrics(request: Request) -> Response:
        encode, kind = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": kind})

    return metrics


def _question(path: str, ask: Callable[[Request], Response]) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            return ask(request)
        except DeskError as error:
            return fault(404, _sentence(error))

    return Route(path, endpoint, methods=["GET"])


def _command(path: str, kind: type[B], obey: Command[B]) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            asked = msgspec.json.decode(await _body(request), type=kind)
            return await obey(asked, request.state.who)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return fault(400, f"this is not what {path} takes: {error}")
        except DeskError as error:
            return fault(409, _sentence(error))

    return Route(path, endpoint, methods=["POST"])


async def _body(request: Request) -> bytes:
    """What was sent, nothing standing for `{}`."""
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_WITHIN):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise HTTPException(413, "this is more than comove takes")
    except TimeoutError:
        raise HTTPException(408, "the request did not come in time") from None
    return bytes(body) or b"{}"


def _sentence(error: DeskError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}"
