"""How the disk, the files on it and the system's clock go wrong."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from random import Random

from streams.instrument import NS
from tests.faults.storms.days import RULES
from tests.faults.storms.kind import Sight, kind
from tests.faults.storms.scene import Scene
from tests.faults.storms.seams import no_room

DISK = ("disk",)
"""One thing befalls it at a time: a file cannot be spoilt where none can be written."""
CLOCK = ("clock",)
_LONG = (35.0, 60.0)
"""Every half minute something is decided, and must be written."""
_STORE = (Sight("store_faulty"),)

_BAD: tuple[tuple[str, str | bytes], ...] = (
    ("rules.yaml", RULES.replace("return(ETH, 2m) < -1%", "retrun(ETH, 2m) < -1%")),
    ("rules.yaml", RULES[: len(RULES) // 2 + 7]),
    ("rules.yaml", RULES + "  - id: fall\n    title: twice\n    when: price(ETH) > 1\n"),
    ("rules.yaml", "rules: [\n"),
    ("rules.yaml", b"\x00\xff\xfe\x80 rules"),
    ("rules.yaml", ""),
    ("rules.yaml", RULES.replace("severity: critical", "severity: dire")),
    ("storm.yaml", "instruments: 7\n"),
    ("storm.yaml", b"\x1f\x8b\x08\x00\x00"),
    ("storm.yaml", ""),
    ("events.yaml", "events: {minute: {title: Minute, source: x, confirmed: ['2026-02-31']}}\n"),
)


@kind("disk full", on=DISK, shows=_STORE, lasts=_LONG, room=15.0)
async def disk_full(scene: Scene, _: str, __: Random) -> AsyncIterator[None]:
    """SQLite finds no room for a commit."""
    scene.disk.fails["COMMIT"] = "database or disk is full"
    yield
    scene.disk.fails.clear()


@kind("no room for files", on=DISK, shows=_STORE, lasts=_LONG, room=15.0)
async def files_full(scene: Scene, _: str, __: Random) -> AsyncIterator[None]:
    """The kernel refuses every byte that is written, to the state file and to the statistics."""
    with no_room():
        await scene.keeper.save()
        yield


@kind("SQLite locked", on=DISK, shows=_STORE, lasts=_LONG, room=15.0)
async def locked(scene: Scene, _: str, __: Random) -> AsyncIterator[None]:
    """No transaction can begin."""
    scene.disk.fails["BEGIN"] = "database is locked"
    yield
    scene.disk.fails.clear()


@kind(
    "SIGHUP with bad files",
    on=DISK,
    shows=(Sight("config_last_reload_successful"),),
    lasts=(0.5, 5.0),
    room=3.0,
    weight=3.0,
)
async def bad_files(scene: Scene, _: str, rng: Random) -> AsyncIterator[None]:
    """One of the files is broken and a reload asked for; then it is mended and asked for again."""
    name, spoilt = rng.choice(_BAD)
    whole = (scene.folder / name).read_bytes()
    scene.write(name, spoilt)
    await scene.reloader.reload()
    yield
    scene.write(name, whole)
    await scene.reloader.reload()


@kind(
    "clock jump",
    on=CLOCK,
    shows=(Sight("clock_steps_total"),),
    disturbs=True,
    weight=2.0,
)
async def clock_jump(scene: Scene, _: str, rng: Random) -> AsyncIterator[None]:
    """The system's clock is stepped, or stepped back to where it was."""
    off = scene.clock.now() - scene.venues_clock.now()
    if abs(off) < NS // 100:
        seconds = math.exp(rng.uniform(math.log(0.06), math.log(30.0)))
        off = round(rng.choice([-seconds, seconds]) * NS)
        scene.clock.ahead += off
    else:
        scene.clock.ahead -= off
    yield
