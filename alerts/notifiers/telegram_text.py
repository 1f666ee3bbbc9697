"""Telegram's HTML, inside its limit of 4096 characters: alerts, and answers of any lines.

Telegram counts UTF-16 units without the tags, so the parts are cut before they are marked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape, unescape

from alerts.moment import elapsed
from alerts.notifiers.wording import instant, sign, standing
from alerts.transition import State, Transition

LIMIT = 4096

_TITLE = 200
_LINE = 400
_LONG = 800
"""A line of a report."""
_MESSAGE = 1500
"""Twice (as it fired, as it resolved), with title and footer, well inside the limit."""


def alert_html(transition: Transition, fired_as: str = "") -> str:
    """The text of an alert; `fired_as` is the message that an edit would hide."""
    head = [_heading(transition)]
    if transition.message:
        head.append(_marked(transition.message, _MESSAGE))
    if fired_as and fired_as != transition.message:
        head.append(f"It fired as: {_marked(fired_as, _MESSAGE)}")
    foot = f"<i>{_marked(transition.pair, _TITLE)} · {instant(transition.ts)}</i>"
    if transition.acknowledged and transition.state is State.RESOLVED:
        foot += f"\n<i>acknowledged by {_marked(transition.acknowledged, _TITLE)}</i>"
    context = _context(transition.context, LIMIT - units("\n".join([*head, foot])) - 40)
    return "\n".join([*head, *context, foot])


def reminder_html(transition: Transition) -> str:
    """A repeat is a short reply to the alert it repeats."""
    return "\n".join([_heading(transition), _marked(transition.message, _MESSAGE)]).rstrip()


def report_html(report: Transition) -> str:
    """A report: its lines, each with what it is about marked, and what delivery has to say."""
    head = f"{sign(report)} <b>{_marked(report.title, _TITLE)}</b>"
    foot = f"<i>{_marked(report.pair, _TITLE)} · {instant(report.ts)}</i>"
    remarks = [_marked(line, _LINE) for line in report.context]
    frame = [head, *remarks, foot]
    room = LIMIT - units(plain("\n".join(frame))) - 1
    lines = (_about(_marked(line, _LONG)) for line in report.message.splitlines())
    return "\n".join([head, *_fitted(tuple(lines), room), *remarks, foot])


def _about(line: str) -> str:
    about, colon, text = line.partition(": ")
    return f"<b>{about}</b>{colon}{text}" if colon else line


def text_html(lines: Iterable[str]) -> str:
    """Lines of plain text, and how many do not fit."""
    return fitted(_marked(line, _LINE) for line in lines)


def fitted(lines: Iterable[str]) -> str:
    """Lines of HTML, none of which spans another, and how many do not fit."""
    return "\n".join(_fitted(tuple(lines), LIMIT))


def plain(html: str) -> str:
    """What is left of our own HTML without its tags."""
    return unescape(re.sub(r"<[^<>]*>", "", html))


def marked(text: str) -> str:
    """A line of plain text as HTML."""
    return _marked(text, _LINE)


def _heading(transition: Transition) -> str:
    title = _marked(transition.title, _TITLE)
    if transition.state is State.FIRING and transition.acknowledged and not transition.repeat:
        who = _marked(transition.acknowledged, _TITLE)
        return f"{sign(transition)} <b>Acknowledged by {who}{_after(transition)}: {title}</b>"
    if transition.state is State.FIRING and not transition.repeat:
        return f"{sign(transition)} <b>{title}</b>"
    return f"{sign(transition)} <b>{standing(transition).capitalize()}: {title}</b>"


def _after(transition: Transition) -> str:
    since = transition.since
    return "" if since is None else f" after {elapsed(transition.ts - since)}"


def _context(lines: tuple[str, ...], room: int) -> list[str]:
    """The lines that fit, as a quotation."""
    kept = _fitted(tuple(_marked(line, _LINE) for line in lines), room)
    quotation = "\n".join(kept)
    return [f"<blockquote>{quotation}</blockquote>"] if kept else []


def _fitted(lines: tuple[str, ...], room: int) -> list[str]:
    """The lines that fit with room for one more, which says how many do not."""
    kept: list[str] = []
    room -= 20
    for line in lines:
        room -= units(plain(line)) + 1
        if room < 0:
            break
        kept.append(line)
    left = len(lines) - len(kept)
    return [*kept, f"… {left} more lines"] if left else kept


def _marked(text: str, limit: int) -> str:
    return escape(_cut(text, limit), quote=False)


def _cut(text: str, limit: int) -> str:
    """At most `limit` units, saying how many characters were left out."""
    if units(text) <= limit:
        return text
    kept = text.encode("utf-16-le")[: 2 * (limit - 30)].decode("utf-16-le", "ignore")
    return f"{kept}… ({len(text) - len(kept)} characters cut)"


def units(text: str) -> int:
    """UTF-16 units, as Telegram counts."""
    return len(text.encode("utf-16-le")) // 2
