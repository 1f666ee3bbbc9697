from __future__ import annotations

from pathlib import Path

from config.load import load
from daemon.doctor.context import context
from daemon.doctor.finding import Finding, Verdict
from daemon.doctor.rounds import examine
from tests.config.folder import write
from tests.daemon.asked import Publishers
from tests.streams.context.answers import NOW


async def found(folder: Path, publishers: Publishers) -> dict[str, Finding]:
    given = load(write(folder, publishers.config)).context
    checks = list(context(given, lambda: NOW))
    findings = await examine(checks, lambda *_: None)
    return {check.name: finding for check, finding in zip(checks, findings, strict=True)}


async def test_each_series_is_asked_once_and_shown_with_its_age(tmp_path: Path) -> None:
    async with Publishers() as publishers:
        findings = await found(tmp_path, publishers)
    assert len(findings) == 7
    assert {finding.verdict for finding in findings.values()} == {Verdict.OK}
    assert findings["vix"].text == "27.4 of FRED, 18 h old"
    assert findings["cut_odds"].text == "60% of Kalshi 26MAR, 0 s old"


async def test_what_does_not_come_is_a_warning_with_a_remedy(tmp_path: Path) -> None:
    async with Publishers() as publishers:
        publishers.down = {"kalshi"}
        findings = await found(tmp_path, publishers)
        await publishers.http.stop()
        gone = (await found(tmp_path, publishers))["vix"]
    assert findings["vix"].verdict is Verdict.OK
    assert findings["cut_odds"].verdict is Verdict.WARN
    assert findings["cut_odds"].text == "Kalshi: HTTP 503"
    assert findings["cut_odds"].remedy
    assert (gone.verdict, gone.remedy) == (Verdict.WARN, "see the host's own line")
