"""A study as one self-contained page: claims, charts, tables."""

from __future__ import annotations

from html import escape

from daemon.html import document, inline, table
from daemon.study.claims import claims
from daemon.study.sheets import sheets
from daemon.study.study import Study

_STYLE = ".sure { color: #666; }\n"


def page(study: Study, svg: bytes) -> str:
    """The page around a chart (SVG)."""
    title = f"{study.x.name} and {study.y.name}"
    told = "\n".join(
        f'<li>{escape(claim.text)} <span class="sure">({claim.sure})</span></li>'
        for claim in claims(study)
    )
    tables = "\n".join(table(sheet) for sheet in sheets(study))
    body = f"<h1>{escape(title)}</h1>\n<ul>\n{told}\n</ul>\n{inline(svg)}\n{tables}"
    return document(title, body, _STYLE)
