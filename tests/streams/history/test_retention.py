from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.history import retention
from streams.history.retention import Kept, Retention, sweep
from streams.history.shelf import file_name
from streams.instrument import NS

DAY = 86_400 * NS
NOW = 1_773_756_000 * NS  # 14:00 of a day


def kept(*days: int, size: int = 100) -> list[Kept]:
    return [Kept(Path(f"{day}"), NOW - day * DAY, size) for day in days]


def paths(found: list[Kept]) -> list[str]:
    return [one.path.name for one in found]


def test_a_file_is_old_when_the_end_of_its_day_is() -> None:
    found = Retention(keep=2 * DAY, share=1.0).spent(kept(4, 3, 2, 1), NOW, 10**9)
    assert paths(found) == ["4", "3"]


def test_the_oldest_go_until_the_rest_fit() -> None:
    assert paths(Retention(share=0.1).spent(kept(4, 3, 2, 1), NOW, 2500)) == ["4", "3"]
    assert Retention(share=0.1).spent(kept(4, 3, 2, 1), NOW, 4000) == []


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 10**6))), st.integers(0, 10**7))
def test_what_stays_is_young_and_fits(files: list[tuple[int, int]], disk: int) -> None:
    one = Retention()
    given = [Kept(Path(), NOW - day * DAY, size) for day, size in sorted(files, reverse=True)]
    stays = given[len(one.spent(given, NOW, disk)) :]
    assert all(NOW - each.began <= one.keep + DAY for each in stays)
    assert sum(each.size for each in stays) <= one.share * disk


def test_nothing_is_deleted_that_is_being_written_or_is_no_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "disk_usage", lambda _: SimpleNamespace(total=100))
    made = []
    for venue, age in (("kraken", 3), ("coinbase", 2), ("coinbase", 1)):
        path = tmp_path / venue / file_name(NOW - age * 3600 * NS)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 100)
        made.append(path)
    notes = tmp_path / "kraken" / "notes.jsonl.zst"
    notes.write_bytes(b"x" * 1000)
    assert sweep(tmp_path, Retention(), NOW, {made[0], made[2]}) == [made[1]]
    assert [path.exists() for path in (*made, notes)] == [True, False, True, True]
