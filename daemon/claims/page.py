"""Claims tried, as one self-contained page: verdicts, charts, tables."""

from __future__ import annotations

from html import escape

from daemon.claims.sheets import HEAD, details, looks_text, summary
from daemon.claims.trial import Trial
from daemon.html import document, inline, table

_STYLE = """td.figure { white-space: nowrap; }
td.supported { color: #17692f; font-weight: bold; }
td.refuted { color: #a3261c; font-weight: bold; }
td.undecided { color: #666; }
"""
_WORDS = {"supported", "refuted", "undecided"}


def page(trial: Trial, svg: bytes) -> str:
    """The page around a chart (SVG)."""
    tables = "\n".join(table(sheet, _cell) for sheet in details(trial))
    body = (
        f"<h1>ETH and small caps: the claims tested</h1>\n<p>{escape(looks_text(trial))}</p>\n"
        f"{table(summary(trial), _cell)}\n{inline(svg)}\n{tables}"
    )
    return document("Claims tested", body, _STYLE)


def _cell(place: int, cell: str) -> str:
    kind = cell if cell in _WORDS else "figure" if place < HEAD.index("verdict") else ""
    return f'<td class="{kind}">{escape(cell)}</td>' if kind else f"<td>{escape(cell)}</td>"
