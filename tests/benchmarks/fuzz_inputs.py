"""Texts that nobody means: fragments of the grammar, and real files damaged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Literal, get_args

import msgspec

from config.shipped import CONFIG, RULES, shipped
from streams.metric import CATALOGUE
from tests.config.broken_files import cases

Kind = Literal["expression", "message", "rules", "config"]

_SHARES: Mapping[Kind, int] = {"expression": 60, "message": 20, "rules": 14, "config": 6}
"""Of a hundred inputs."""

_WORDS = (
    *CATALOGUE,
    *("ETH", "IWM", "SPY", "x", "y", "pair", "now", "fomc", "far", "abs", "min", "max", "changed"),
    *("crosses_above", "crosses_below", "within", "and", "or", "not", "<", "<=", ">", ">=", "=="),
    *("(", ")", "(", ")", ",", "+", "-", "*", "/", "=", "|", "{", "}", "{{", "}}", "1h", "60m"),
    *("1d", "5%", "20bp", "4 sigma", "-4", "0", "1/month", "1e308", "1e999", ".5", "9" * 40),
    *("horizon=", "window=", "false_alarms=", "%", "sigma", "money", "duration", "time", "date"),
    *("é", "\u202e", "\x00", "\ud800", "\N{MINUS SIGN}", "__import__('os')", "lambda: 0", "a.b"),
    *("'", '"', "\\", "\n", "\t", "#", "${x}", "{% x %}", "`id`", "; rm", "[", "]", "!", "&", "@"),
)
_SCRAPS = (
    *("\t", ":", ": ", " ", "- ", "{", "}", "[", "]", "'", '"', "|", ">", "|-\n", "&a ", "*a"),
    *("!x ", "!!python/object/apply:os.system ['id']", "#", "%", "null", "~", "\n", "---\n", "..."),
    *("? ", "<<: *a", "<<: ", "\x00", "\x1b[31m", "é", "\u202e", "\ufeff", "\r", "\r\n", "5%"),
    *(
        "rules:\n",
        "  - id: x\n",
        "let: {a: b}\n",
        "silences: ",
        "0x10",
        "1e3",
        "yes",
        "on",
        "=",
        "@",
    ),
    *("2 in 1h", "-1s", "99999999999999999999", ".nan", ".inf", "../../x", "/dev/zero", "a" * 300),
)


RICH = """\
total_false_alarms: 1/month
let:
  far: 4 sigma
  deep: return(x, 1d) < -3%
defaults: {severity: info, notify: all, session: regular, flapping: 4 in 1h, inhibited_by: stale}
rules:
  - id: stale
    title: Stale
    when: stale(x) or stale(y)
    for: 1m
    session: any
    labels: {desk: macro}
  - id: apart
    title: Apart
    when: breakdown() and corr(1h) < 0.1 and not (deep)
    clear: not breakdown() or corr_low(4h) > 0.3
    clear_for: 5m
    repeat_interval: never
    message: "{pair}: {corr(1h)} of {x}, {return(x, 1d)|%}, {price(y)|money} at {now|time}"
  - id: far
    title: Far
    when: abs(divergence(60m)) > far
    clear: abs(divergence(60m)) < far / 2
    pairs: [ETH-IWM]
    inhibited_by: [apart]
    flapping: never
  - id: turn
    title: Turn
    when: crosses_above(corr(1h), 0.5) and changed(breakdown_warning(2/year))
    clear: -10 < max(beta(), 1) * 2 <= 3 and age(IWM) + 5s > 1m
silences:
  - id: night
    match: {rules: [far, turn], severities: info, labels: {}}
    during: {from: 22:00, to: 7:00, timezone: Europe/Berlin, days: [mon, fri]}
    why: asleep
  - {id: open, during: {calendar: NYSE, session: regular, first: 15m}}
"""
"""A rule file that uses all there is."""


class Input(msgspec.Struct, frozen=True):
    """One text, and what it is taken for."""

    kind: Kind
    text: str


def inputs(count: int, seed: int) -> Iterator[Input]:
    """As many, the same for the same seed."""
    rng = Random(seed)
    sound = _sound()
    kinds, shares = get_args(Kind), list(_SHARES.values())
    for _ in range(count):
        kind: Kind = rng.choices(kinds, shares)[0]
        yield Input(kind, _made(kind, sound[kind], rng))


def bare(name: str) -> str:
    """A shipped file without its comments, where damage would do nothing."""
    lines = shipped(name).splitlines(keepends=True)
    return "".join(line for line in lines if not line.lstrip().startswith("#"))


def _sound() -> Mapping[Kind, Sequence[str]]:
    """Texts to damage: mostly sound ones, some that are broken already."""
    lines = [line.strip() for line in (bare(RULES) + RICH).splitlines()]
    conditions = [line.partition(": ")[2] for line in lines if line.startswith(("when:", "clear:"))]
    messages = [line.removeprefix("message: ").strip('"') for line in lines if "{" in line]
    broken: dict[str, list[str]] = {"rules": [], "config": []}
    for case in cases():
        broken[case.file].append(case.text[:2000])
    return {
        "expression": conditions,
        "message": messages,
        "rules": [bare(RULES), RICH, RICH] * (len(broken["rules"]) // 2) + broken["rules"],
        "config": [bare(CONFIG)] * len(broken["config"]) + broken["config"],
    }


def _made(kind: Kind, sound: Sequence[str], rng: Random) -> str:
    if kind in {"expression", "message"} and rng.random() < 0.6:
        grown = _grown(rng) if kind == "expression" else f"a {{{_grown(rng)}}}"
        return rng.choice((_fragments(rng), _nested(rng), grown))
    text = rng.choice(sound)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        text = rng.choice(_DAMAGES)(text, rng)
    return text


def _fragments(rng: Random) -> str:
    glue = rng.choice(("", " ", " "))
    return glue.join(rng.choices(_WORDS, k=rng.randint(1, 30)))


_FIGURES = (
    ("corr(1h)", "0.3"),
    ("divergence(60m)", "4"),
    ("return(ETH, 1h)", "2%"),
    ("age(x)", "90s"),
    ("price(y)", "200"),
    ("until(fomc)", "2h"),
)


def _grown(rng: Random, depth: int = 0) -> str:
    """A condition by the grammar, its units mostly in order."""
    which = rng.random() if depth < 5 else 1.0
    if which < 0.4:
        word = rng.choice(("and", "or"))
        return f"{_grown(rng, depth + 1)} {word} {_grown(rng, depth + 1)}"
    if which < 0.6:
        return rng.choice(("not ({})", "({})", "changed({})")).format(_grown(rng, depth + 1))
    figure, bound = rng.choice(_FIGURES)
    left = rng.choice((figure, f"abs({figure})", f"-{figure}", f"({figure} + {figure}) / 3"))
    right = rng.choice((bound, f"{bound} * 2", f"max({bound}, {figure})", rng.choice(_FIGURES)[1]))
    if which < 0.7:
        return f"crosses_above({left}, {right})"
    return f"{left} {rng.choice(('<', '<=', '>', '>='))} {right}"


def _nested(rng: Random) -> str:
    """The same thing again and again."""
    times = rng.choice((5, 50, 500, 3000))
    opening = rng.choice(("(", "abs(", "-", "not ", "{", "1+", "corr<", "x and ", "min(1,"))
    return opening * times + rng.choice(_WORDS) + rng.choice(("", ")" * times))


def _replaced(text: str, rng: Random) -> str:
    at, length = rng.randint(0, len(text)), rng.randint(0, 12)
    return text[:at] + rng.choice((*_SCRAPS, *_WORDS)) + text[at + length :]


def _cut(text: str, rng: Random) -> str:
    at = rng.randint(0, len(text))
    return text[:at] if rng.random() < 0.3 else text[:at] + text[at + rng.randint(1, 40) :]


def _shuffled(text: str, rng: Random) -> str:
    """A line somewhere else, or twice, or otherwise indented."""
    lines = text.split("\n")
    line = rng.choice(lines)
    if rng.random() < 0.5:
        lines.remove(line)
    shifted = " " * rng.randint(0, 6) + line.lstrip() if rng.random() < 0.5 else line
    lines.insert(rng.randint(0, len(lines)), shifted)
    return "\n".join(lines)


def _written(text: str, rng: Random) -> str:
    """Something else behind a colon."""
    places = [at for at, sign in enumerate(text) if sign == ":"]
    if not places:
        return _replaced(text, rng)
    at = rng.choice(places) + 1
    end = text.find("\n", at)
    rest = text[end:] if end >= 0 else ""
    return f"{text[:at]} {_fragments(rng)[:200]}{rest}"


_DAMAGES = (_replaced, _replaced, _cut, _shuffled, _written)
