"""Self-contained pages of tables and charts: no scripts, nothing to load."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from daemon.study.sheets import Sheet

Cell = Callable[[int, str], str]
"""From a cell's place (from 1, the row's name being 0) and text to its markup."""

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff;
       max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1.5rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: bold; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem 1rem .25rem 0;
         border-bottom: 1px solid #e4e4e4; }
th[scope=col] { color: #666; font-weight: normal; }
th[scope=row] { font-weight: normal; }
svg { max-width: 100%; height: auto; }
"""


def document(title: str, body: str, style: str = "") -> str:
    """A whole page around `body` (markup); `title` is plain text, `style` further CSS."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}{style}</style></head><body>\n"
        f"{body}\n</body></html>\n"
    )


def inline(svg: bytes) -> str:
    """A drawing without the XML prolog, which HTML does not know."""
    text = svg.decode()
    return text[text.index("<svg") :].strip()


def plain(_: int, text: str) -> str:
    """A cell as it is."""
    return f"<td>{escape(text)}</td>"


def table(sheet: Sheet, cell: Cell = plain) -> str:
    """A table whose rows begin with their name."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in sheet.head)
    rows = "\n".join(_row(row, cell) for row in sheet.rows)
    return (
        f"<table><caption>{escape(sheet.title)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody></table>"
    )


def _row(row: tuple[str, ...], cell: Cell) -> str:
    first, *rest = row
    cells = "".join(cell(place, text) for place, text in enumerate(rest, start=1))
    return f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'
