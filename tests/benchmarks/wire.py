"""WebSocket by hand, for servers that cost next to nothing: the handshake, and frames."""

from __future__ import annotations

import socket
from base64 import b64encode
from hashlib import sha1
from struct import pack

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SMALL, _MEDIUM = 126, 1 << 16


def listen() -> socket.socket:
    """On a free port of the loopback interface."""
    return socket.create_server(("127.0.0.1", 0))


def port_of(listener: socket.socket) -> int:
    """Where it listens."""
    port: int = listener.getsockname()[1]
    return port


def welcome(listener: socket.socket) -> socket.socket:
    """Accept one client and shake hands."""
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    key = _header(_request(connection), b"sec-websocket-key")
    accept = b64encode(sha1(key + _GUID).digest())  # noqa: S324  # RFC 6455 has it so
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    return connection


def _request(connection: socket.socket) -> bytes:
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        received = connection.recv(4096)
        if not received:
            raise ConnectionError("no request")
        request += received
    return request


def _header(request: bytes, name: bytes) -> bytes:
    for line in request.split(b"\r\n"):
        if line.lower().startswith(name + b":"):
            return line.partition(b":")[2].strip()
    raise ConnectionError(f"no {name.decode()}")


def ask(port: int) -> socket.socket:
    """Connect and shake hands, as a client that checks nothing."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(b"GET / HTTP/1.1\r\nSec-WebSocket-Key: bm90IGNoZWNrZWQgYnkgdXM=\r\n\r\n")
    _request(connection)
    return connection


def text_frame(payload: bytes) -> bytes:
    """What a server sends: unmasked, in one piece."""
    size = len(payload)
    if size < _SMALL:
        return pack("!BB", 0x81, size) + payload
    if size < _MEDIUM:
        return pack("!BBH", 0x81, 126, size) + payload
    return pack("!BBQ", 0x81, 127, size) + payload
