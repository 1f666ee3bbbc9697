"""A real Chromium without a window, driven by the DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

PROGRAM = shutil.which("chromium")
_PATIENCE = 20.0
"""Seconds; a browser starts slowly on a busy machine."""
_LOOK = 0.05


class Tab:
    """One page that is open: what it said, what it asked for, and hands to work it with."""

    def __init__(self, door: ClientConnection) -> None:
        self._door = door
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._session: str | None = None
        self.console: list[str] = []
        """What scripts said, and faults that nobody caught."""
        self.log: list[str] = []
        """What the browser itself said: refused, blocked, not found."""
        self.requests: list[str] = []

    async def open(self, url: str, *, width: int, height: int, dark: bool, phone: bool) -> None:
        target = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.call(f"{domain}.enable")
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        await self.size(width, height, phone=phone)
        await self.call("Page.navigate", url=url)
        await self.until("location.href !== 'about:blank' && document.readyState === 'complete'")

    async def size(self, width: int, height: int, *, phone: bool = False) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )

    async def call(self, method: str, **given: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": given}
        if self._session is not None:
            message["sessionId"] = self._session
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        await self._door.send(json.dumps(message))
        async with asyncio.timeout(_PATIENCE):
            return await answer

    async def evaluate(self, script: str) -> Any:
        found = await self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def until(self, script: str) -> Any:
        """What the script answers, once that is true."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while not (found := await self.evaluate(script)):  # noqa: ASYNC110  # a page's
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            shown = await self.evaluate("document.body.innerText")
            raise AssertionError(f"never came: {script}\n{self.console}\n{shown}") from None
        return found

    async def press(self, key: str) -> None:
        """`Tab`, `Enter`, `Space` or a letter."""
        text = {"Enter": "\r", "Space": " "}.get(key, key if len(key) == 1 else "")
        code = {"Enter": 13, "Tab": 9, "Space": 32}.get(key, ord(key[0]))
        name = " " if key == "Space" else key
        for kind in ("keyDown", "keyUp"):
            await self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=name,
                code=key,
                windowsVirtualKeyCode=code,
                **({"text": text} if text and kind == "keyDown" else {}),
            )

    async def type(self, text: str) -> None:
        await self.call("Input.insertText", text=text)

    async def picture(self) -> bytes:
        """PNG of what the window shows."""
        shot = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(shot["data"])

    async def listen(self) -> None:
        async for message in self._door:
            self._take(json.loads(message))

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            answer = self._waiting.pop(message["id"])
            if "error" in message:
                answer.set_exception(RuntimeError(str(message["error"])))
            elif not answer.done():
                answer.set_result(message["result"])
            return
        given = message["params"]
        match message["method"]:
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown":
                self.console.append(json.dumps(given))
            case "Log.entryAdded":
                self.log.append(f"{given['entry']['source']}: {given['entry']['text']}")
            case "Network.requestWillBeSent":
                self.requests.append(given["request"]["url"])


@asynccontextmanager
async def looking_at(
    url: str,
    profile: Path,
    *,
    width: int = 1280,
    height: int = 900,
    dark: bool = False,
    phone: bool = False,
) -> AsyncIterator[Tab]:
    """A browser of its own, with one tab at `url`; `profile` is an empty folder."""
    async with _started(profile) as door, asyncio.TaskGroup() as tasks:
        tab = Tab(door)
        listening = tasks.create_task(tab.listen(), name="chromium")
        await tab.open(url, width=width, height=height, dark=dark, phone=phone)
        try:
            yield tab
        finally:
            listening.cancel()


@asynccontextmanager
async def _started(profile: Path) -> AsyncIterator[ClientConnection]:
    assert PROGRAM is not None
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        "--headless",
        "--no-sandbox",  # what it opens is ours
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--no-proxy-server",
        "--hide-scrollbars",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(_PATIENCE):
            where = await _address(process.stderr)
        async with connect(where, max_size=None, proxy=None) as door:
            yield door
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        # What it still says is read, so that its pipe is closed.
        await process.communicate()


async def _address(said: asyncio.StreamReader) -> str:
    while line := (await said.readline()).decode():
        if found := re.search(r"ws://\S+", line):
            return found[0]
    raise AssertionError("Chromium ended before it listened")
