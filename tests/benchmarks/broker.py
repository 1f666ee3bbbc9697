"""mosquitto, and MQTT 3.1.1 by hand on raw sockets: the floor, and an independent subscriber."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import pack
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic, monotonic_ns, sleep

import msgspec

from tests.stand_ins.broker import MOSQUITTO, free_port

ABSENT = "mosquitto is not installed"

_CONFIG = "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type error\n"
_PATIENCE = 5.0
_CONNECT, _PUBLISH, _SUBSCRIBE = 0x10, 0x30, 0x82


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """A message, and the monotonic instant (ns) of its reading."""

    topic: str
    payload: bytes
    at: int


@contextmanager
def mosquitto() -> Iterator[int | None]:
    """A broker of our own on loopback; yields its port, None where it is not installed."""
    program = MOSQUITTO or shutil.which("mosquitto")
    if program is None:
        yield None
        return
    port = free_port()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "mosquitto.conf"
        file.write_text(_CONFIG.format(port=port), encoding="ascii")
        process = subprocess.Popen([program, "-c", str(file)])
        try:
            _await(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def _await(port: int) -> None:
    end = monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if monotonic() > end:
                raise
            sleep(0.01)
        else:
            return


def connect(port: int, name: str) -> socket.socket:
    """A clean session."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(_packet(_CONNECT, _text("MQTT") + b"\x04\x02\x00\x00" + _text(name)))
    connection.recv(4)
    return connection


def publish(connection: socket.socket, topic: str, payload: bytes) -> None:
    """At QoS 0."""
    connection.sendall(_packet(_PUBLISH, _text(topic) + payload))


class Subscriber:
    """Reads all below a topic in a thread of its own, until closed."""

    def __init__(self, port: int, topic: str) -> None:
        self.arrivals: list[Arrival] = []
        self._connection = connect(port, "subscriber")
        self._connection.sendall(_packet(_SUBSCRIBE, b"\x00\x01" + _text(topic) + b"\x00"))
        self._thread = Thread(target=self._read, name="subscriber")
        self._thread.start()

    def _read(self) -> None:
        held = b""
        while received := self._connection.recv(65536):
            at = monotonic_ns()
            held += received
            while (end := _end(held)) is not None:
                packet, held = held[:end], held[end:]
                if packet[0] & 0xF0 == _PUBLISH:
                    self.arrivals.append(_arrival(packet, at))

    def close(self) -> None:
        """End the thread."""
        self._connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._connection.close()


def _packet(kind: int, body: bytes) -> bytes:
    digits, size = bytearray(), len(body)
    while True:
        size, digit = size >> 7, size & 0x7F
        digits.append(digit | (0x80 if size else 0))
        if not size:
            return bytes([kind]) + digits + body


def _text(text: str) -> bytes:
    return pack("!H", len(text.encode())) + text.encode()


def _length(packet: bytes) -> tuple[int, int] | None:
    """A packet's body: where it begins, and its size; None while that is not yet known."""
    size = 0
    for place, digit in enumerate(packet[1:5]):
        size |= (digit & 0x7F) << (7 * place)
        if digit < 0x80:
            return place + 2, size
    return None


def _end(held: bytes) -> int | None:
    """Where the first packet ends, None while it is not whole."""
    length = _length(held)
    return length and sum(length) if length and len(held) >= sum(length) else None


def _arrival(packet: bytes, at: int) -> Arrival:
    begin, _ = _length(packet) or (0, 0)
    size = int.from_bytes(packet[begin : begin + 2])
    return Arrival(packet[begin + 2 : begin + 2 + size].decode(), packet[begin + 2 + size :], at)
