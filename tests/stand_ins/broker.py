"""A real mosquitto on loopback that can be stopped, killed, frozen and restarted."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import subprocess
from getpass import getuser
from pathlib import Path

import pytest

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")

_CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous {anonymous}
persistence false
log_type error
user {user}
{extra}"""
"""As root it would go on as another user, who cannot read a test's files."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Broker:
    """mosquitto on 127.0.0.1:`port`, which stays the same through restarts; it keeps no data.

    `extra` are further lines of its configuration.
    """

    host = "127.0.0.1"

    def __init__(self, folder: Path, *, anonymous: bool = True, extra: str = "") -> None:
        if MOSQUITTO is None:
            pytest.skip("mosquitto is not installed")
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        text = _CONFIG.format(
            port=self.port, anonymous=str(anonymous).lower(), user=getuser(), extra=extra
        )
        self._config.write_text(text, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        assert MOSQUITTO is not None
        self._process = subprocess.Popen([MOSQUITTO, "-c", str(self._config)])  # noqa: ASYNC220  # returns at once, the test's own file
        while not await self._listens():
            assert self._process.poll() is None, "mosquitto ended"
            await asyncio.sleep(0.01)

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(self.host, self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    def stop(self) -> None:
        """End in good order: clients are told."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Accept connections and bytes, and answer nothing."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._running().send_signal(signal.SIGCONT)

    async def restart(self) -> None:
        self.close()
        await self.start()

    def close(self) -> None:
        """End it whatever its condition."""
        if self._process is not None:
            self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process = self._running()
        process.send_signal(how)
        process.wait(timeout=10)
        self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "mosquitto is not running"
        return self._process
