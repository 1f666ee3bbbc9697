from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.journal import JournalHandler, datagram, is_journal


@pytest.fixture
def logger(tmp_path: Path) -> Iterator[tuple[logging.Logger, socket.socket]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        address = str(tmp_path / "journal")
        journal.bind(address)
        handler = JournalHandler(address)
        made = logging.getLogger("comove.test.journal")
        made.addHandler(handler)
        yield made, journal
        made.removeHandler(handler)
        handler.close()


def test_a_record_carries_the_fields_that_journalctl_is_asked_for(
    logger: tuple[logging.Logger, socket.socket],
) -> None:
    log, journal = logger
    log.warning("it fired", extra={"comove": {"rule": "risk-off", "pair": "ETH-IWM"}})
    lines = journal.recv(65536).decode().splitlines()
    assert {"MESSAGE=it fired", "PRIORITY=4", "COMOVE_RULE=risk-off"} <= set(lines)
    assert "COMOVE_PAIR=ETH-IWM" in lines
    assert "SYSLOG_IDENTIFIER=comove" in lines


def test_a_text_of_several_lines_is_framed_by_its_length() -> None:
    record = logging.LogRecord("x", logging.ERROR, "f.py", 3, "", None, None)
    data = datagram(record, "one\ntwo")
    assert data.startswith(b"MESSAGE\n" + (7).to_bytes(8, "little") + b"one\ntwo\n")
    assert b"PRIORITY=3\n" in data


def test_a_giant_text_is_cut_to_what_a_datagram_carries(
    logger: tuple[logging.Logger, socket.socket],
) -> None:
    log, journal = logger
    log.error("ü" * 100_000)
    assert len(journal.recv(200_000)) < 50_000


def test_where_no_journal_listens_the_text_goes_to_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = JournalHandler(str(tmp_path / "nobody"))
    log = logging.getLogger("comove.test.journal")
    log.addHandler(handler)
    log.error("lost?")
    log.removeHandler(handler)
    handler.close()
    assert capsys.readouterr().err == "lost?\n"


def test_the_journal_is_told_by_the_socket_that_systemd_names() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("w") as stream:
        status = os.fstat(stream.fileno())
        named = f"{status.st_dev}:{status.st_ino}"
        assert is_journal({"JOURNAL_STREAM": named}, stream)
        assert not is_journal({"JOURNAL_STREAM": "1:2"}, stream)
        assert not is_journal({}, stream)
    with Path(os.devnull).open("w") as nowhere:
        assert not is_journal({"JOURNAL_STREAM": named}, nowhere)


def test_a_stream_without_a_file_is_no_journal() -> None:
    class Bare:
        def fileno(self) -> int:
            raise ValueError

    assert not is_journal({"JOURNAL_STREAM": "1:2"}, Bare())  # type: ignore[arg-type]  # as said
