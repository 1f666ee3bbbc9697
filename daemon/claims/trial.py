"""Claims tried on data, each once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from daemon.claims.data import Data
from daemon.claims.finding import Finding
from daemon.claims.missing import MissingError
from daemon.claims.statement import Statement
from daemon.claims.verdict import Verdict, judge


class Tried(msgspec.Struct, frozen=True):
    """A claim, what was found, and what that says."""

    statement: Statement
    finding: Finding
    verdict: Verdict


class Trial(msgspec.Struct, frozen=True):
    """Every claim tried; `looks` is how many intervals were compared with their bounds."""

    claims: tuple[Tried, ...]
    looks: int

    @property
    def by_chance(self) -> float:
        """Of so many intervals of 95 %, those that would miss on the deciding side by chance."""
        return 0.025 * self.looks

    def count(self, word: str) -> int:
        """How many came out like that."""
        return sum(tried.verdict.word == word for tried in self.claims)


def run(
    statements: Sequence[Statement], data: Data, progress: Callable[[str], None] = lambda _: None
) -> Trial:
    """Try each; `progress` is told which is next."""
    findings: list[Finding] = []
    for statement in statements:
        progress(statement.id)
        findings.append(_measured(statement, data))
    looks = sum(f.estimate is not None and f.estimate.error is not None for f in findings)
    claims = (
        Tried(statement, finding, judge(statement, finding, looks))
        for statement, finding in zip(statements, findings, strict=True)
    )
    return Trial(tuple(claims), looks)


def _measured(statement: Statement, data: Data) -> Finding:
    try:
        return statement.test.measure(data)
    except MissingError as error:
        return Finding(None, "", lacking=str(error))
