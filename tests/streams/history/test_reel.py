from __future__ import annotations

from pathlib import Path

import pytest

from streams.history.recording import Playback
from streams.history.reel import Reel, Said
from streams.instrument import NS
from streams.redaction import Redaction
from tests.streams.history.lines import texts

START = 1_773_756_000 * NS  # 2026-03-17 14:00:00
DAY = 86_400 * NS


def reel(folder: Path, largest: int = 10**9) -> Reel:
    return Reel(folder, "kraken", "wss://k/?token=abc", Redaction(["abc"]), largest)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_named_after_its_beginning_and_goes_on_from_write_to_write(
    tmp_path: Path,
) -> None:
    one = reel(tmp_path)
    assert one.write([Said("connect", START)])
    assert not one.write([Said("recv", START + 5 * NS, "{}")])
    one.close()
    assert names(tmp_path) == ["2026-03-17T140000Z.jsonl.zst"]


def test_each_day_has_its_own(tmp_path: Path) -> None:
    one = reel(tmp_path)
    stamps = [START, START + 9 * 3600 * NS, START + 10 * 3600 * NS, START + DAY]
    assert one.write([Said("recv", ts, str(ts)) for ts in stamps])
    one.close()
    assert names(tmp_path) == [
        "2026-03-17T140000Z.jsonl.zst",
        "2026-03-18T000000Z.jsonl.zst",
    ]
    assert [line.ts_ns for line in texts([tmp_path / names(tmp_path)[1]])] == stamps[2:]


def test_a_clock_that_fell_back_over_midnight_begins_no_file_of_the_day_before(
    tmp_path: Path,
) -> None:
    one = reel(tmp_path)
    midnight = START + 10 * 3600 * NS
    one.write([Said("recv", midnight, "1"), Said("recv", midnight - 1, "2")])
    one.close()
    assert names(tmp_path) == ["2026-03-18T000000Z.jsonl.zst"]


def test_a_large_file_is_followed_by_another_and_none_is_written_over(tmp_path: Path) -> None:
    one = reel(tmp_path, largest=1)
    for _ in range(3):
        one.write([Said("recv", START, "{}")])
    one.close()
    again = reel(tmp_path)
    again.write([Said("recv", START, "{}")])
    again.close()
    assert names(tmp_path) == [f"2026-03-17T14000{n}Z.jsonl.zst" for n in range(4)]


def test_secrets_are_in_neither_address_nor_data(tmp_path: Path) -> None:
    one = reel(tmp_path)
    one.write([Said("recv", START, 'you said "abc"'), Said("recv", START, b"abcabc")])
    one.close()
    path = tmp_path / names(tmp_path)[0]
    assert [(line.addr, line.data) for line in texts([path])] == [
        ("wss://k/?token=***", 'you said "***"'),
        ("wss://k/?token=***", "******"),
    ]


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_what_a_kill_left_can_be_read_up_to_the_last_whole_write(tmp_path: Path, cut: int) -> None:
    one = reel(tmp_path)
    one.write([Said("connect", START), Said("recv", START + NS, "first")])
    whole = (tmp_path / names(tmp_path)[0]).stat().st_size
    one.write([Said("recv", START + 2 * NS, f"{n} of many") for n in range(20_000)])
    one.close()
    path = tmp_path / names(tmp_path)[0]
    torn = path.read_bytes()
    path.write_bytes(torn[: whole + (len(torn) - whole) * cut // 40])
    seen: list[str] = []

    def make(name: str) -> None:
        seen.append(name)

    assert list(Playback([path], make).items()) == []
    assert seen == ["kraken"]
