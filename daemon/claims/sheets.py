"""Claims tried, as sheets of text: the same for the terminal and the page."""

from __future__ import annotations

from daemon.claims.finding import Row
from daemon.claims.texts import figure_text, interval_text
from daemon.claims.trial import Trial, Tried
from daemon.study.sheets import Sheet

HEAD = ("claim", "figure", "95 % interval", "verdict", "reason")


def summary(trial: Trial) -> Sheet:
    """A claim a row."""
    return Sheet("The claims", HEAD, tuple(_row(tried) for tried in trial.claims))


def details(trial: Trial) -> list[Sheet]:
    """What stands beside the figures, a sheet a claim; read and shown, not judged."""
    return [_details(tried) for tried in trial.claims if tried.finding.rows]


def looks_text(trial: Trial) -> str:
    """How many claims were tried, and what chance makes of so many."""
    counts = ", ".join(f"{trial.count(w)} {w}" for w in ("supported", "refuted", "undecided"))
    return (
        f"{len(trial.claims)} claims were tried: {counts}. {trial.looks} rest on an interval of "
        f"95 %: chance alone would put about {trial.by_chance:.1f} of them on a wrong side. "
        f"Intervals allow for days that resemble each other (Newey and West 1987); of fewer than "
        f"250 days they are a little narrow. "
        f"Figures of the tables below are shown, not judged."
    )


def _row(tried: Tried) -> tuple[str, ...]:
    estimate, verdict = tried.finding.estimate, tried.verdict
    figure = "" if estimate is None else figure_text(estimate.value, estimate.unit)
    interval = "" if estimate is None else interval_text(estimate)
    return tried.statement.words, figure, interval, verdict.word, why(tried)


def why(tried: Tried) -> str:
    """The reason, the basis it stands on, and what to know of it."""
    finding = tried.finding
    parts = (tried.verdict.reason, finding.basis, finding.note)
    text = "; ".join(dict.fromkeys(part for part in parts if part))
    known = tried.statement.note if finding.estimate else ""
    return f"{text}. {known}" if known else text


def _details(tried: Tried) -> Sheet:
    rows = tried.finding.rows
    noted = any(row.note for row in rows)
    head = ("", "figure", "95 % interval", "n", *(["what it says"] if noted else []))
    title = f"{tried.statement.words} ({tried.statement.test.measured})"
    cells = tuple((*_cells(row), *([row.note] if noted else [])) for row in rows)
    return Sheet(title, head, cells)


def _cells(row: Row) -> tuple[str, ...]:
    estimate = row.estimate
    if estimate is None:
        return row.label, "n/a", "", ""
    figure = figure_text(estimate.value, estimate.unit)
    return row.label, figure, interval_text(estimate), f"{estimate.n:,}"
