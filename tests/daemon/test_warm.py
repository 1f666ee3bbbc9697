from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from daemon.warm import LEARNED, Keeper, Saved, UnusableError, read, warm_up, write
from streams.instrument import NS
from streams.market import Market
from streams.resumption import remember
from streams.snapshot import Snapshot
from streams.tick import Item
from tests.streams.test_market import CORR, linked, market

MINUTE = 60 * NS
RECENT = 20 * MINUTE


def run(m: Market, items: list[Item]) -> list[Snapshot]:
    ordered = sorted(items, key=lambda item: item.ts_recv)
    return [snapshot for item in ordered for snapshot in m.accept(item)]


@pytest.fixture(scope="module")
def learned() -> Market:
    m = market()
    run(m, linked(1800))
    return m


@pytest.fixture
def path(tmp_path: Path, learned: Market) -> Path:
    """What was saved of it."""
    found = tmp_path / "state" / "comove.warm"
    write(found, Saved(learned.core, remember(learned)))
    return found


def corr(m: Market) -> object:
    return run(m, linked(20, start=1860))[-1].readings[CORR.key].value


def betas(m: Market) -> list[float]:
    return m.link("ETH", "IWM")._gap._beta.state


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def warmed(path: Path, now: int) -> Market:
    m = market()
    warm_up(m, path, now, RECENT)
    return m


def test_after_a_short_while_it_goes_on(
    path: Path, learned: Market, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert corr(warmed(path, learned.core + 61 * NS)) is not None
    assert caplog.messages == ["going on with the statistics of 61 s ago"]


def test_after_a_longer_one_only_with_what_was_learned(
    path: Path, learned: Market, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    m = warmed(path, learned.core + 21 * MINUTE)
    assert corr(m) is None
    assert betas(m) == betas(learned)
    assert caplog.messages == [
        "going on with what was learned until 21 min ago; statistics of the day begin anew"
    ]


@pytest.mark.parametrize(
    ("gap", "when"), [(LEARNED + 1, "saved too long ago"), (-1, "saved in the future")]
)
def test_what_is_too_old_or_of_the_future_is_not_used(
    path: Path, learned: Market, caplog: pytest.LogCaptureFixture, gap: int, when: str
) -> None:
    m = warmed(path, learned.core + gap)
    assert betas(m) == betas(market()) != betas(learned)
    assert when in caplog.text
    assert path.exists()


def test_without_a_file_it_starts_cold_and_says_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert corr(warmed(tmp_path / "none", 0)) is None
    assert caplog.messages == []


@pytest.mark.parametrize("place", [3, 25, 60, 500, -1])
def test_a_file_with_one_wrong_byte_is_set_aside(
    path: Path, learned: Market, caplog: pytest.LogCaptureFixture, place: int
) -> None:
    text = bytearray(path.read_bytes())
    text[place] ^= 1
    path.write_bytes(text)
    assert corr(warmed(path, learned.core)) is None
    aside = path.with_name("comove.warm.bad")
    assert aside.read_bytes() == text
    assert not path.exists()
    assert f"see {aside}; starting cold" in caplog.text


@pytest.mark.parametrize("length", [0, 5, 20, 40, 1000])
def test_a_file_that_is_cut_short_cannot_be_used(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(UnusableError):
        read(path)


def test_what_cannot_be_set_aside_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "comove.warm"
    folder.mkdir()
    (tmp_path / "comove.warm.bad").write_text("a file")
    warm_up(market(), folder, 0, RECENT)
    assert "cannot be used, Is a directory: starting cold" in caplog.text


async def test_it_is_saved_every_minute_and_when_asked(tmp_path: Path, learned: Market) -> None:
    path = tmp_path / "comove.warm"
    keeper = Keeper(learned, path, every=60)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(59):
            await keeper.run()
    assert not path.exists()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(61):
            await keeper.run()
    assert path.exists()
    path.unlink()
    await keeper.save()
    saved = read(path)
    assert saved is not None
    assert saved.at == learned.core
    assert names(tmp_path) == ["comove.warm"]


async def test_what_was_noted_for_reports_is_saved_beside(tmp_path: Path, learned: Market) -> None:
    path = tmp_path / "comove.warm"
    await Keeper(learned, path, reports=lambda: b"noted").save()
    for gap in (MINUTE, 10 * 1440 * MINUTE):
        assert warm_up(market(), path, learned.core + gap, RECENT) == b"noted"
    assert warm_up(market(), path, learned.core + LEARNED + NS, RECENT) == b""
    assert warm_up(market(), tmp_path / "none", 0, RECENT) == b""


async def test_nothing_is_saved_before_anything_came(tmp_path: Path) -> None:
    await Keeper(market(), tmp_path / "comove.warm").save()
    assert names(tmp_path) == []


async def test_a_disk_that_refuses_is_told_once_and_its_return_once(
    tmp_path: Path, learned: Market, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = tmp_path / "state" / "comove.warm"
    (tmp_path / "state").write_text("in the way")
    keeper = Keeper(learned, path)
    await keeper.save()
    await keeper.save()
    (tmp_path / "state").unlink()
    await keeper.save()
    first, second = caplog.messages
    assert first.startswith(f"statistics cannot be saved in {path}: ")
    assert second == "statistics are saved again"
