from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.sdnotify import ServiceManager, inherited_sockets


@pytest.fixture
def manager_socket(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(0)
        yield listening


def told(listening: socket.socket) -> list[str]:
    lines = []
    while True:
        try:
            lines.append(listening.recv(4096).decode())
        except BlockingIOError:
            return lines


def test_each_turn_of_a_service_is_told_in_the_words_of_the_protocol(
    manager_socket: socket.socket,
) -> None:
    manager = ServiceManager(manager_socket.getsockname())
    manager.ready()
    manager.alive()
    manager.reloading(1_234_567)
    manager.stopping()
    assert told(manager_socket) == [
        "READY=1",
        "WATCHDOG=1",
        "RELOADING=1\nMONOTONIC_USEC=1234",
        "STOPPING=1",
    ]


def test_a_status_is_one_line_and_told_once(manager_socket: socket.socket) -> None:
    manager = ServiceManager(manager_socket.getsockname())
    manager.status("two\nlines")
    manager.status("two lines")
    manager.status("x" * 500)
    assert told(manager_socket) == ["STATUS=two lines", f"STATUS={'x' * 200}"]


def test_an_abstract_address_is_spoken_to() -> None:
    name = f"comove-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.settimeout(0)
        ServiceManager(f"@{name}").ready()
        assert told(listening) == ["READY=1"]


def test_without_a_manager_nothing_is_sent_and_nothing_fails(tmp_path: Path) -> None:
    ServiceManager.from_environment({}).ready()
    ServiceManager(str(tmp_path / "nobody")).ready()


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
    ],
)
def test_the_watchdog_is_that_of_this_process(
    environment: dict[str, str], seconds: float | None
) -> None:
    assert ServiceManager.from_environment(environment).watchdog == seconds


@pytest.mark.parametrize("pid", ["", "1"])
def test_sockets_meant_for_another_process_are_left_alone(pid: str) -> None:
    assert inherited_sockets({"LISTEN_FDS": "1", "LISTEN_PID": pid}) == []
