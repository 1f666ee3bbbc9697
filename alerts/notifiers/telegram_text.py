"""An alert as Telegram's HTML, inside its limit of 4096 characters.

Telegram counts UTF-16 units without the tags, so the parts are cut before they are marked up.
"""

from __future__ import annotations

from html import escape

from alerts.notifiers.wording import instant, sign, standing
from alerts.transition import State, Transition

LIMIT = 4096

_TITLE = 200
_LINE = 400
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
    context = _context(transition.context, LIMIT - units("\n".join([*head, foot])) - 40)
    return "\n".join([*head, *context, foot])


def reminder_html(transition: Transition) -> str:
    """A repeat is a short reply to the alert it repeats."""
    return "\n".join([_heading(transition), _marked(transition.message, _MESSAGE)]).rstrip()


def _heading(transition: Transition) -> str:
    title = _marked(transition.title, _TITLE)
    if transition.state is State.FIRING and not transition.repeat:
        return f"{sign(transition)} <b>{title}</b>"
    return f"{sign(transition)} <b>{standing(transition).capitalize()}: {title}</b>"


def _context(lines: tuple[str, ...], room: int) -> list[str]:
    """The lines that fit in a quotation, and how many do not."""
    kept: list[str] = []
    for line in lines:
        text = _marked(line, _LINE)
        room -= units(text) + 1
        if room < 0:
            break
        kept.append(text)
    left = len(lines) - len(kept)
    if left:
        kept.append(f"… {left} more lines")
    quotation = "\n".join(kept)
    return [f"<blockquote>{quotation}</blockquote>"] if kept else []


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
