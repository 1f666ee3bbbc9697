from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest

from streams.history.recorder import Recorder
from streams.history.reel import Reel, Said
from streams.history.retention import Retention
from streams.history.shelf import files
from streams.instrument import NS
from streams.redaction import Redaction
from tests.streams.history.lines import texts

START = 1_773_756_000 * NS
FOREVER = Retention(share=1.0)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., Recorder]]:
    running = []

    def make(**options: float) -> Recorder:
        settings: dict[str, float] = {"flush_every": 60.0} | options
        running.append(Recorder(tmp_path, FOREVER, **settings))  # type: ignore[arg-type]  # ints are floats
        return running[-1]

    yield make
    for recorder in running:
        recorder.close()


def until(condition: Callable[[], bool]) -> None:
    end = monotonic() + 10
    while not condition():
        assert monotonic() < end
        sleep(0.005)


def test_all_that_passes_is_there_after_the_end(
    made: Callable[..., Recorder], tmp_path: Path
) -> None:
    recorder = made()
    record = recorder.track("kraken", "wss://ws.kraken.com", ())
    record("connect", START)
    record("send", START + 1, '{"a": "ü"}')
    record("recv", START + 2, b"\xff\n")
    recorder.close()
    assert [(line.t, line.ts_ns, line.data) for line in texts(files(tmp_path))] == [
        ("connect", START, None),
        ("send", START + 1, '{"a": "ü"}'),
        ("recv", START + 2, "�\n"),
    ]
    assert {(line.conn, line.addr) for line in texts(files(tmp_path))} == {
        ("kraken", "wss://ws.kraken.com")
    }


def test_lines_are_on_the_disk_before_the_end(
    made: Callable[..., Recorder], tmp_path: Path
) -> None:
    recorder = made(flush_every=0.01)
    record = recorder.track("kraken", "wss://ws.kraken.com", ())
    for number in range(3):
        record("recv", START + number, b"{}")
        until(lambda number=number: len(texts(files(tmp_path))) == number + 1)  # type: ignore[misc]  # mypy knows no lambda's defaults
    assert len(files(tmp_path)) == 1


def test_much_is_written_without_waiting(made: Callable[..., Recorder], tmp_path: Path) -> None:
    recorder = made(bound=160_000)
    record = recorder.track("kraken", "wss://ws.kraken.com", ())
    for number in range(20):
        record("recv", START + number, b"x" * 1000)
    until(lambda: len(texts(files(tmp_path))) >= 10)


def test_what_does_not_fit_is_dropped_counted_and_told_as_a_break(
    made: Callable[..., Recorder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, free = Event(), Event()
    write = Reel.write

    def slow(self: Reel, said: list[Said]) -> bool:
        busy.set()
        free.wait(10)
        return write(self, said)

    monkeypatch.setattr(Reel, "write", slow)
    recorder = made(bound=10_000)
    record = recorder.track("kraken", "wss://ws.kraken.com", ())
    record("recv", START, b"x" * 1000)
    busy.wait(10)
    for number in range(1, 13):
        record("recv", START + number, b"x" * 1000)
    assert recorder.dropped == 3
    free.set()
    until(lambda: len(texts(files(tmp_path))) == 10)
    record("recv", START + 20, b"{}")
    recorder.close()
    tail = [(line.t, line.ts_ns, line.data) for line in texts(files(tmp_path))][10:]
    assert tail == [
        ("close", START + 20, "3 lines were not recorded"),
        ("connect", START + 20, None),
        ("recv", START + 20, "{}"),
    ]


def test_a_disk_that_refuses_is_told_once_and_its_return_once(
    made: Callable[..., Recorder],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    (tmp_path / "kraken").write_text("in the way")
    recorder = made(bound=16_000)
    record = recorder.track("kraken", "wss://ws.kraken.com", ())
    for number in range(3):
        record("recv", START + number, b"x" * 1000)
        until(lambda number=number: recorder.dropped == number + 1)  # type: ignore[misc]  # as above
    (tmp_path / "kraken").unlink()
    record("recv", START + 9, b"{}")
    recorder.close()
    said = [record.message for record in caplog.records]
    assert len(said) == 2
    assert said[0].startswith(f"recordings cannot be written in {tmp_path}: ")
    assert said[1] == "recordings are written again; 3 lines are missing in all"
    assert [line.t for line in texts(files(tmp_path))] == ["close", "connect", "recv"]


def test_a_frame_that_a_full_disk_cut_short_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reel = Reel(tmp_path, "kraken", "wss://ws.kraken.com", Redaction([]), 1000)
    reel.write([Said("recv", START, "1")])
    path = reel.path
    assert path is not None
    size = path.stat().st_size

    class Full:
        def __init__(self, file: object) -> None:
            self.file = file

        def write(self, data: bytes) -> int:
            if len(data) < 50:
                raise OSError(28, os.strerror(28))
            os.write(self.fileno(), data[:20])
            return len(data) - 49

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

        def fileno(self) -> int:
            return int(self.file.fileno())  # type: ignore[attr-defined]  # it is a file

    monkeypatch.setattr(reel, "_file", Full(reel._file))
    with pytest.raises(OSError, match="No space"):
        reel.write([Said("recv", START + 1, "2" * 100)])
    assert path.stat().st_size == size
    reel.write([Said("recv", START + 2, "3")])
    reel.close()
    assert [line.data for line in texts(sorted(tmp_path.iterdir()))] == ["1", "3"]


def test_after_the_end_nothing_is_taken(made: Callable[..., Recorder], tmp_path: Path) -> None:
    recorder = made()
    record = recorder.track("kraken", "wss://ws.kraken.com", ())
    recorder.close()
    record("recv", START, b"{}")
    recorder.close()
    assert files(tmp_path) == []
    assert recorder.dropped == 1
