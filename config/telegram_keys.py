"""The keys of `telegram:` in comove.yaml."""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from alerts.notifiers.telegram_address import Address, Loudness
from config.fields import Slug, Url
from config.keys import Keys
from config.refusals import refused
from config.secrets import Credential, SecretFile, need_secret


class ChatKeys(Keys):
    """A chat, or a topic of a group."""

    id: int
    """Its number; that of a group is negative. Write to the bot: it answers with yours."""
    name: Slug | None = None
    """What the log calls it; its number unless said."""
    thread: Annotated[int, Field(ge=1)] | None = None
    """The topic of a group in which it is told, by its number."""
    users: tuple[int, ...] = ()
    """Who may command in a group, by their numbers; nobody unless said."""
    info: Loudness = "silent"
    """How alerts of that severity are told: loud, silent (without a sound), or off (not at all)."""
    warning: Loudness = "loud"
    """How alerts of that severity are told: loud, silent (without a sound), or off (not at all)."""
    critical: Loudness = "loud"
    """How alerts of that severity are told: loud, silent (without a sound), or off (not at all)."""

    @field_validator("users")
    @classmethod
    def _people(cls, users: tuple[int, ...]) -> tuple[int, ...]:
        if any(user <= 0 for user in users):
            raise refused("users are people, whose numbers are positive", "name each of them")
        return users

    @model_validator(mode="after")
    def _of_groups(self) -> Self:
        if self.id > 0 and (self.users or self.thread is not None):
            remedy = "leave them out, or write the group's number, which is negative"
            raise refused("'users' and 'thread' are for groups, this is a private chat", remedy)
        return self

    @property
    def address(self) -> Address:
        """The same as a value."""
        return Address(
            chat_id=self.id,
            name=self.name or "",
            thread=self.thread,
            users=self.users,
            info=self.info,
            warning=self.warning,
            critical=self.critical,
        )


def _number(value: Any) -> Any:
    """A number alone is a chat with nothing said of it."""
    if re.fullmatch(r"-?[0-9]{1,19}", str(value)):
        return {"id": value}
    if value is not None and not isinstance(value, dict):
        remedy = "write to your bot: it answers with the number to put here"
        raise refused(f"'{value}' is not the number of a chat", remedy)
    return value


class _OrNumber:
    @staticmethod
    def __get_pydantic_json_schema__(
        schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "integer"}, handler(schema)]}


class TelegramKeys(Keys):
    """A bot, and the chats it may speak to."""

    token_file: SecretFile | None = None
    """The file that holds the token alone."""
    token_credential: Credential | None = None
    """The systemd credential that holds it, instead."""
    chats: Annotated[
        tuple[Annotated[ChatKeys, BeforeValidator(_number), _OrNumber()], ...],
        Field(min_length=1),
    ]
    """Whom it tells, by number, or with more to say of them; write to the bot: it answers with
    yours. Nobody else is heard."""
    api_url: Url | None = None
    """Another address than Telegram's own."""

    @field_validator("chats")
    @classmethod
    def _told_apart(cls, chats: tuple[ChatKeys, ...]) -> tuple[ChatKeys, ...]:
        (label, count), *_ = Counter(chat.address.label for chat in chats).most_common(1)
        if count > 1:
            raise refused(f"two chats are called '{label}'", "give each a 'name: …' of its own")
        return chats

    @model_validator(mode="after")
    def _complete(self) -> Self:
        need_secret("token", self.token_file, self.token_credential)
        return self
