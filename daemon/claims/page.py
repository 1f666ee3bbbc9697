"""Claims tried, as one self-contained page: verdicts, charts, tables. Nothing to load."""

from __future__ import annotations

from html import escape

from daemon.claims.sheets import HEAD, details, looks_text, summary
from daemon.claims.trial import Trial
from daemon.study.sheets import Sheet

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff;
       max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1.5rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: bold; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem 1rem .25rem 0;
         border-bottom: 1px solid #e4e4e4; }
th[scope=col] { color: #666; font-weight: normal; }
th[scope=row] { font-weight: normal; }
td.figure { white-space: nowrap; }
td.supported { color: #17692f; font-weight: bold; }
td.refuted { color: #a3261c; font-weight: bold; }
td.undecided { color: #666; }
svg { max-width: 100%; height: auto; }
"""
_WORDS = {"supported", "refuted", "undecided"}


def page(trial: Trial, svg: bytes) -> str:
    """The page around a chart (SVG)."""
    tables = "\n".join(_table(sheet) for sheet in details(trial))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>Claims tested</title>\n<style>{_STYLE}</style></head><body>\n"
        f"<h1>ETH and small caps: the claims tested</h1>\n<p>{escape(looks_text(trial))}</p>\n"
        f"{_table(summary(trial))}\n{_inline(svg)}\n{tables}\n</body></html>\n"
    )


def _inline(svg: bytes) -> str:
    """Without the XML prolog, which HTML does not know."""
    text = svg.decode()
    return text[text.index("<svg") :].strip()


def _table(sheet: Sheet) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in sheet.head)
    rows = "\n".join(_row(row) for row in sheet.rows)
    return (
        f"<table><caption>{escape(sheet.title)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody></table>"
    )


def _row(row: tuple[str, ...]) -> str:
    first, *rest = row
    cells = "".join(_cell(place, cell) for place, cell in enumerate(rest, start=1))
    return f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'


def _cell(place: int, cell: str) -> str:
    kind = cell if cell in _WORDS else "figure" if place < HEAD.index("verdict") else ""
    return f'<td class="{kind}">{escape(cell)}</td>' if kind else f"<td>{escape(cell)}</td>"
