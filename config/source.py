"""The text of a file, and faults by their offsets in it."""

from __future__ import annotations

import re

from config.errors import ConfigError, Fault

SECRETS = ("token", "password", "secret", "key", "api_key", "api_secret")
"""Keys that people write a secret behind."""

_SECRET = re.compile(
    rf"(?<![\w-])({'|'.join(SECRETS)})(['\"]?\s*:\s*)(\"[^\"]*\"?|'[^']*'?|[^\s,}}\]]+)"
)

_ADDRESS = re.compile(
    r"""((?<![\w-])url['"]?\s*:\s*['"]?(?:[\w+.-]+:/+)?|[A-Za-z][\w+.-]*:/+)([^\s'",}\]]+)"""
)

LARGEST = 256_000
"""Bytes: rules by the thousand, and read in seconds."""


class Source:
    """One file's text, its line ends made equal."""

    def __init__(self, file: str, data: bytes) -> None:
        """Raise ConfigError where the bytes are too many, or not UTF-8."""
        self.file = file
        self.text = ""
        if len(data) > LARGEST:
            message = f"larger than {LARGEST // 1000} kB"
            raise ConfigError([self.fault(0, 0, message, "a file of that size is another one")])
        try:
            self.text = _without_returns(data.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            self.text = _without_returns(data[: error.start].decode("utf-8-sig"))
            end = len(self.text)
            fault = self.fault(end, end, "this is not UTF-8 text", "save the file as UTF-8")
            raise ConfigError([fault]) from None

    def line(self, offset: int) -> int:
        """The line, from 1, that an offset is in."""
        return self.text.count("\n", 0, offset) + 1

    def fault(self, start: int, end: int, message: str, remedy: str) -> Fault:
        """A fault between two offsets."""
        start = min(start, len(self.text))
        line_start = self.text.rfind("\n", 0, start) + 1
        line_end = self.text.find("\n", start)
        line_end = len(self.text) if line_end < 0 else line_end
        return Fault(
            file=self.file,
            line=self.line(start),
            column=start - line_start + 1,
            message=_printable(message),
            remedy=_printable(remedy),
            source_line=_covered(_printable(self.text[line_start:line_end])),
            width=max(1, min(end, line_end) - start),
        )


def _covered(line: str) -> str:
    """The line without what stands behind the key of a secret, and addresses but for their hosts.

    Who knows the path of a heartbeat or a webhook can use it.
    """
    line = _SECRET.sub(lambda found: found[1] + found[2] + "…" * len(found[3]), line)
    return _ADDRESS.sub(lambda found: found[1] + _host_alone(found[2]), line)


def _host_alone(rest: str) -> str:
    """What stands behind the scheme, as long as it was."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user, at, host = authority.rpartition("@")
    return "…" * len(user) + at + host + "…" * (len(rest) - len(authority))


def _without_returns(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _printable(text: str) -> str:
    """One line that a terminal shows as it is, a character a column."""
    return "".join(
        char if char.isprintable() else " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )
