"""Telegram's HTML as its Bot API documents it: what it accepts and what is left as text."""

from __future__ import annotations

import re

_TAGS = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "span"}
    | {"blockquote", "tg-spoiler", "tg-emoji"}
)
_TOKEN = re.compile(
    r"<(/?)([a-zA-Z-]+)((?:\s[^<>]*)?)>|&(lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);|[<&]"
)
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


class EntityError(ValueError):
    """What follows "can't parse entities: "."""


def plain_text(html: str) -> str:
    """The text that remains; EntityError where Telegram refuses the markup."""
    text: list[str] = []
    opened: list[str] = []
    end = 0
    for token in _TOKEN.finditer(html):
        text.append(html[end : token.start()])
        end = token.end()
        closing, tag, _, entity = token.groups()
        if entity is not None:
            text.append(_character(entity))
        elif tag is None:
            raise EntityError(f'character "{token[0]}" is reserved at offset {token.start()}')
        else:
            _nest(opened, tag.lower(), closing=bool(closing))
    if opened:
        raise EntityError(f'can\'t find end tag corresponding to start tag "{opened[-1]}"')
    return "".join([*text, html[end:]])


def _nest(opened: list[str], tag: str, *, closing: bool) -> None:
    if tag not in _TAGS:
        raise EntityError(f'unsupported start tag "{tag}"')
    if not closing:
        if tag == "blockquote" and tag in opened:
            raise EntityError("blockquote cannot be nested")
        opened.append(tag)
    elif not opened or opened.pop() != tag:
        raise EntityError(f'unexpected end tag "{tag}"')


def _character(entity: str) -> str:
    if entity in _ENTITIES:
        return _ENTITIES[entity]
    return chr(int(entity[1:].replace("x", "0x"), 0))
