from __future__ import annotations

from pathlib import Path

import pytest

from streams.history.recording import RecordingError
from streams.history.shelf import begins, file_name, of_venue, recordings
from streams.instrument import NS

NAMES = [
    "coinbase/2026-03-17T140000Z.jsonl.zst",
    "coinbase/2026-03-18T000000Z.jsonl.zst",
    "kraken/2026-03-17T140000Z.jsonl.zst",
    "other/one.jsonl",
    "other/two.jsonl",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in [*NAMES, "kraken/readme.txt"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_a_name_says_when_the_file_begins() -> None:
    assert file_name(1_773_756_000 * NS + 5) == "2026-03-17T140000Z.jsonl.zst"
    assert begins(Path("x/2026-03-17T140000Z.jsonl.zst")) == 1_773_756_000 * NS
    assert begins(Path("one.jsonl.zst")) is None
    assert begins(Path("2026-03-17T140000Z.txt")) is None


def test_a_folder_is_one_recording_a_venue_and_one_for_each_other_file(folder: Path) -> None:
    found = [[str(p.relative_to(folder)) for p in several] for several in recordings([folder])]
    assert sorted(found) == [NAMES[:2], [NAMES[2]], [NAMES[3]], [NAMES[4]]]


def test_a_file_is_itself(folder: Path) -> None:
    assert list(recordings([folder / NAMES[0]])) == [(folder / NAMES[0],)]


def test_the_files_of_a_venue_are_found_in_its_folder_and_in_the_one_above(folder: Path) -> None:
    expected = [folder / name for name in NAMES[:2]]
    assert of_venue(folder, "coinbase") == expected
    assert of_venue(folder / "coinbase", "coinbase") == expected


def test_a_folder_without_any_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no recordings of yahoo in it"):
        of_venue(folder, "yahoo")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RecordingError, match="no recordings in it"):
        list(recordings([tmp_path / "empty"]))
