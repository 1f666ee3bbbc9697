"""A study as one self-contained page: claims, charts, tables. No scripts, nothing to load."""

from __future__ import annotations

from html import escape

from daemon.study.claims import claims
from daemon.study.sheets import Sheet, sheets
from daemon.study.study import Study

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff;
       max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1.5rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: bold; padding-bottom: .3rem; }
th, td { text-align: left; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid #e4e4e4; }
th[scope=col] { color: #666; font-weight: normal; }
th[scope=row] { font-weight: normal; }
svg { max-width: 100%; height: auto; }
.sure { color: #666; }
"""


def page(study: Study, svg: bytes) -> str:
    """The page around a chart (SVG)."""
    title = escape(f"{study.x.name} and {study.y.name}")
    told = "\n".join(
        f'<li>{escape(claim.text)} <span class="sure">({claim.sure})</span></li>'
        for claim in claims(study)
    )
    tables = "\n".join(_table(sheet) for sheet in sheets(study))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f"<style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n<ul>\n{told}\n</ul>\n"
        f"{_inline(svg)}\n{tables}\n</body></html>\n"
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
    cells = "".join(f"<td>{escape(cell)}</td>" for cell in rest)
    return f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'
