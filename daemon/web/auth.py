"""Who may do what: the guard before everything that the doors offer.

A Unix socket's permissions say who may command there. Over TCP everybody who reaches it may read;
commands take the bearer token, and are not there at all where none is configured. A browser that
shows somebody else's page is kept out by its Host (a name rebound to us) and its Origin.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from hmac import compare_digest
from urllib.parse import urlsplit

import msgspec
from pydantic import SecretStr
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.settings import Page
from daemon.web.answer import fault

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ANY = {"0.0.0.0", "::"}  # noqa: S104  # not bound here, but left out of the allowed names
_READING = {"GET", "HEAD"}
_LONGEST_NAME = 64

_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
"""Of every answer, where it does not say otherwise itself."""


class Door(msgspec.Struct, frozen=True):
    """Where requests come in: `trusted` where whoever gets in may command.

    Else Host must be one of `hosts`, and commands take the `token`.
    """

    trusted: bool
    hosts: frozenset[str] = frozenset()
    token: SecretStr | None = None


CONTROL = Door(trusted=True)
"""The Unix socket."""


def page_door(page: Page) -> Door:
    """The one over TCP."""
    own = {page.host} - _ANY
    return Door(trusted=False, hosts=LOOPBACK | own | set(page.hosts), token=page.token)


class Guard:
    """Lets only what is allowed through to `app`; tells it in `state.who` who commands."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers)
        if refusal is None:
            state: MutableMapping[str, object] = scope.setdefault("state", {})
            state["who"] = str(state.get("peer") or "") or _name(headers)
        await (refusal or self._app)(scope, receive, dressed)

    def _refusal(self, method: str, headers: Headers) -> Response | None:
        if not self._door.trusted and host_name(headers.get("host", "")) not in self._door.hosts:
            return fault(421, "this is not a host name of comove's: name it under 'page: hosts:'")
        if method in _READING:
            return None
        if not self._own(headers):
            return fault(403, "another site may not command comove")
        return None if self._door.trusted else self._unauthorised(headers)

    def _own(self, headers: Headers) -> bool:
        """Whether no browser says that another site's page asks."""
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
        origins = headers.getlist("origin")
        return not origins or [urlsplit(each).netloc for each in origins] == [headers.get("host")]

    def _unauthorised(self, headers: Headers) -> Response | None:
        token = self._door.token
        if token is None:
            return fault(403, "this door only reads: set 'page: token_file:' to command here")
        scheme, _, given = headers.get("authorization", "").partition(" ")
        expected = token.get_secret_value().encode()
        if scheme.lower() == "bearer" and compare_digest(given.strip().encode(), expected):
            return None
        return fault(401, "a token is needed for this", {"www-authenticate": "Bearer"})


def host_name(host: str) -> str:
    """Host without its port, in lower case; an IPv6 address without brackets.

    >>> host_name("LOCALHOST:8080"), host_name("[::1]:8080")
    ('localhost', '::1')
    """
    name = host.lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].removesuffix(".")


def _name(headers: Headers) -> str:
    """Who they say they are."""
    given = headers.get("x-comove-who", "")
    return "".join(c for c in given if c.isprintable()).strip()[:_LONGEST_NAME] or "somebody"
