"""Commands in a Telegram chat: what there is, what is meant, and the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from alerts.desk import Desk, DeskError
from alerts.language import LanguageError, parse_quantity
from alerts.notifiers import telegram_answers as answers
from alerts.notifiers import telegram_rules as rules
from alerts.notifiers.telegram_charts import CHARTED, Order
from alerts.notifiers.telegram_text import fitted, marked
from alerts.notifiers.telegram_volume import Volume
from alerts.silence import Matcher
from streams.instrument import Pair
from streams.metric import Unit, duration_text

_DAY = 86_400.0
_LONGEST_MUTE = 7 * _DAY
_LONGEST_CHART = 30 * _DAY
_WHY = 200
"""Characters of a reason."""

_NO_PAIRS = "No rule watches a pair."
_HELP_LINE = "I know no such command: /help lists them."


class Answer(msgspec.Struct, frozen=True):
    """What is said, as HTML; or what is drawn."""

    html: str = ""
    chart: Order | None = None


class Asked(msgspec.Struct, frozen=True):
    """A command's words after its name, who gave it, and the loudness of the chat it stands in."""

    words: Sequence[str]
    who: str
    volume: Volume


class _Misunderstood(Exception):  # noqa: N818  # a sentence for the person, not an error of ours
    pass


class Command(msgspec.Struct, frozen=True):
    """One command, as the menu and /help show it."""

    name: str
    doc: str
    obey: Callable[[Desk, Asked], Answer]
    arguments: str = ""


class Heard(msgspec.Struct, frozen=True):
    """A command as it was written: `/corr@some_bot 4h`."""

    name: str
    bot: str
    words: tuple[str, ...]


def heard(text: str) -> Heard | None:
    """The command that a text is; None where it is none."""
    found = re.match(r"/([A-Za-z0-9_]+)(?:@([A-Za-z0-9_]+))?(?=\s|$)", text)
    if found is None:
        return None
    return Heard(found[1].lower(), found[2] or "", tuple(text[found.end() :].split()))


def answer(desk: Desk, name: str, asked: Asked) -> Answer:
    """Obey; a command that cannot be obeyed is answered in a sentence."""
    command = _BY_NAME.get(name)
    if command is None:
        return Answer(_HELP_LINE)
    try:
        return command.obey(desk, asked)
    except (DeskError, LanguageError, _Misunderstood) as error:
        return Answer(marked(_sentence(str(error))))


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _told(about: Callable[[Desk], Iterable[str]]) -> Callable[[Desk, Asked], Answer]:
    """A question without arguments."""
    return lambda desk, _: Answer(fitted(about(desk)) or _NO_PAIRS)


def _corr(desk: Desk, asked: Asked) -> Answer:
    pairs, words = _pairs(desk, asked.words)
    window = _seconds(words, "/corr 4h") if words else None
    return Answer(fitted(answers.correlation(desk, pairs, window)) or _NO_PAIRS)


def _chart(desk: Desk, asked: Asked) -> Answer:
    pairs, words = _pairs(desk, asked.words)
    window = _seconds(words, "/chart 4h") if words else CHARTED
    if not pairs:
        raise _Misunderstood(_NO_PAIRS)
    if not 60 <= window <= _LONGEST_CHART:
        raise _Misunderstood("A chart shows from a minute to 30 days: /chart 4h.")
    return Answer(chart=Order(pairs[0].name, window))


def _rule(desk: Desk, asked: Asked) -> Answer:
    if len(asked.words) != 1:
        raise _Misunderstood("Say which rule: /rule small-caps-breakdown (/rules lists them).")
    return Answer(fitted(rules.rule(desk, _same(asked.words[0], _ids(desk)))))


def _mute(_: Desk, asked: Asked) -> Answer:
    seconds = _seconds(asked.words, "/mute 30m") if asked.words else 3600.0
    if not 1 <= seconds <= _LONGEST_MUTE:
        raise _Misunderstood("Mute from a second to a week: /mute 30m.")
    asked.volume.mute(seconds)
    text = f"No sound in this chat for {duration_text(seconds)}; alerts are written here all the "
    return Answer(text + "same. /unmute ends it. To stop alerts altogether: /silence.")


def _unmute(_: Desk, asked: Asked) -> Answer:
    was = asked.volume.muted > 0
    asked.volume.mute(0)
    return Answer("Alerts sound again." if was else "This chat is not muted.")


def _silence(desk: Desk, asked: Asked) -> Answer:
    example = "/silence small-caps-breakdown 2h lunch"
    if len(asked.words) < 2:
        raise _Misunderstood(f"Say which rule or pair, and for how long: {example}.")
    name, duration, *why = asked.words
    seconds = _seconds([duration], example)
    pairs = [pair.name for pair in desk.pairs]
    pair = _same(name, pairs)
    matcher = Matcher(pairs=(pair,)) if pair in pairs else Matcher(rules=(_same(name, _ids(desk)),))
    made = desk.silence(matcher, asked.who, seconds, " ".join(why)[:_WHY])
    return Answer(f"{rules.silence_line(made)}. It holds for everybody, on every channel.")


def _unsilence(desk: Desk, asked: Asked) -> Answer:
    if len(asked.words) != 1:
        raise _Misunderstood("Say which silence: /unsilence s1 (/alerts lists them).")
    return Answer(marked(desk.unsilence(asked.words[0].lower(), asked.who)))


def _help(_: Desk, __: Asked) -> Answer:
    return Answer(fitted(_help_line(command) for command in COMMANDS))


def _help_line(command: Command) -> str:
    call = f"/{command.name} {command.arguments}".rstrip()
    return f"{marked(call)} – {marked(command.doc)}"


def _ids(desk: Desk) -> Sequence[str]:
    return [standing.rule for standing in desk.standings()]


def _same(name: str, known: Iterable[str]) -> str:
    """The known name that is meant whatever the case: phones write capitals."""
    return next((each for each in known if each.lower() == name.lower()), name)


def _pairs(desk: Desk, words: Sequence[str]) -> tuple[Sequence[Pair], Sequence[str]]:
    """The pairs that are named, all of them where none is, and the other words."""
    named = {pair.name.lower(): pair for pair in desk.pairs}
    found = [named[word.lower()] for word in words if word.lower() in named]
    return found or desk.pairs, [word for word in words if word.lower() not in named]


def _seconds(words: Sequence[str], example: str) -> float:
    try:
        (word,) = words
        return parse_quantity(word.lower(), Unit.DURATION)
    except (ValueError, LanguageError):
        text = " ".join(words)
        raise _Misunderstood(f"'{text}' is not a duration: write it like {example}.") from None


COMMANDS = (
    Command("status", "how things stand now", _told(answers.status)),
    Command("corr", "correlation, each figure with its interval", _corr, "[window]"),
    Command("lead", "who moves first, where that can be told", _told(answers.lead)),
    Command("regime", "risk-on, risk-off, decoupled or quiet", _told(answers.regime)),
    Command("chart", "correlation and prices", _chart, "[window]"),
    Command("alerts", "what is firing, and what is silenced", _told(rules.alerts)),
    Command("rules", "all rules and how they stand", _told(rules.rules)),
    Command("rule", "one rule: its condition and its figures", _rule, "ID"),
    Command("mute", "no sound in this chat", _mute, "[duration]"),
    Command("unmute", "sound again", _unmute),
    Command("silence", "stop alerts, for everybody", _silence, "RULE|PAIR DURATION [why]"),
    Command("unsilence", "end a silence", _unsilence, "ID"),
    Command("digest", "the day so far", _told(answers.digest)),
    Command("help", "this list", _help),
)

_BY_NAME: Mapping[str, Command] = {
    **{command.name: command for command in COMMANDS},
    "start": COMMANDS[-1],
}

KNOWN = frozenset(_BY_NAME)
"""Their names."""
