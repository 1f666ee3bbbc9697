"""The channels of delivery: reached, and on request sent a test message."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from urllib.parse import urlsplit

from aiomqtt import MqttError

from alerts.notifiers.mqtt_connection import Connection, RefusedError, publish_properties
from alerts.notifiers.mqtt_topics import level
from alerts.notifiers.notifier import NotifyError
from alerts.notifiers.payload import event_json
from alerts.notifiers.telegram_address import Address
from alerts.rule import Severity
from alerts.transition import State, Transition
from config import settings
from config.settings import Config
from daemon.channels import make_webhook, tls_context
from daemon.doctor.finding import Check, Finding, fail, ok

RULE = "comove/doctor"
_TIMEOUT = 5.0
_GROUP = 1
"""The topic of a forum that is addressed by naming none."""


def sinks(config: Config, now: Callable[[], int], *, send: bool) -> Iterator[Check]:
    """A check a channel, and one a chat where they are sent to."""
    told = config.notifiers
    test = _test(config.instance, now()) if send else None
    if told.log:
        yield Check("sink", "log", _log)
    if told.mqtt is not None:
        yield Check("sink", "mqtt", partial(_mqtt, told.mqtt, config.instance, test))
    if told.telegram is not None:
        yield Check("sink", "telegram", partial(_bot, told.telegram))
        for chat in told.telegram.chats if test is not None else ():
            name = f"telegram/{chat.label}"
            yield Check("sink", name, partial(_chat, told.telegram, chat, config.instance))
    if told.webhook is not None:
        yield Check("sink", "webhook", partial(_webhook, told.webhook, now, test))


def _test(instance: str, now: int) -> Transition:
    return Transition(
        ts=now,
        rule=RULE,
        pair="-",
        state=State.FIRING,
        severity=Severity.INFO,
        incident=f"{RULE}/-/{now // 1_000_000_000}",
        title=_words(instance),
        message="Nothing is wrong: somebody asked whether messages arrive.",
        values={},
        since=now,
    )


def _words(instance: str) -> str:
    return f"A test message of 'comove doctor' ({instance})"


async def _log() -> Finding:
    return ok("lines of the service's own log")


async def _mqtt(given: settings.Mqtt, instance: str, test: Transition | None) -> Finding:
    prefix = f"{given.base}/{level(instance)}"
    connection = Connection(
        given.host,
        given.port,
        # Its own name and topic: under the daemon's it would take the daemon's place.
        identifier=f"{given.base}-{instance}-doctor",
        status=f"{prefix}/doctor",
        username=given.username,
        password=given.password.get_secret_value() if given.password else None,
        tls=tls_context(given),
        keepalive=15,
        timeout=_TIMEOUT,
    )
    try:
        await connection.open()
    except MqttError as error:
        reason = re.sub(r"^\[Errno \d+\] ", "", str(error))
        return fail(f"{given.host}:{given.port}: {reason}", _mqtt_remedy(reason))
    try:
        if test is None:
            return ok("the broker lets us in")
        topic = f"{prefix}/event/{level(RULE)}/-"
        await connection.say(topic, event_json(test), qos=1, properties=publish_properties())
    except (MqttError, RefusedError) as error:
        return fail(f"the broker lets us in, but {error}", f"allow it to publish below {prefix}/")
    finally:
        with suppress(MqttError):
            await connection.__aexit__(None, None, None)
    return ok(f"test message published at {topic}")


def _mqtt_remedy(reason: str) -> str:
    if "uthor" in reason or "user name" in reason.lower():
        return "see to 'username:' and its password file"
    if "certificate" in reason.lower():
        return "see to 'ca_file:', and to the name that the broker's certificate is for"
    return "see whether the broker runs and listens there, with TLS or without as configured"


async def _bot(given: settings.Telegram) -> Finding:
    return await _telegram(given, "")


async def _chat(given: settings.Telegram, chat: Address, instance: str) -> Finding:
    return await _telegram(given, _words(instance), chat)


async def _telegram(given: settings.Telegram, text: str, chat: Address | None = None) -> Finding:
    # Imported when used: it costs 0.3 s.
    from telegram import Bot  # noqa: PLC0415  # as said above
    from telegram.error import InvalidToken, TelegramError  # noqa: PLC0415  # likewise

    from alerts.notifiers.telegram import settle_libraries  # noqa: PLC0415  # likewise
    from alerts.notifiers.telegram_errors import sentence  # noqa: PLC0415  # likewise

    settle_libraries()
    token = given.token.get_secret_value()
    api = given.api_url or "https://api.telegram.org"
    try:
        async with Bot(token, base_url=f"{api.rstrip('/')}/bot") as bot:  # asks who it is
            if chat is None:
                return ok(f"the bot is @{bot.username}")
            thread = None if chat.thread == _GROUP else chat.thread
            await bot.send_message(
                chat.chat_id, text, message_thread_id=thread, disable_notification=True
            )
    except InvalidToken as error:
        return fail(sentence(error, token), "write the token that @BotFather shows into its file")
    except TelegramError as error:
        remedy = "see the host's own line"
        if chat is not None:
            remedy = "add the bot to that chat, let it write there, and see to the chat's number"
        return fail(sentence(error, token), remedy)
    return ok("test message sent, without a sound")


async def _webhook(
    given: settings.Webhook, now: Callable[[], int], test: Transition | None
) -> Finding:
    if test is None:
        return ok(f"not tried without --send ({urlsplit(given.url).hostname})")
    webhook = make_webhook(given, now)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(webhook.run(), name="webhook")
        await asyncio.sleep(0)
        try:
            await webhook.notify(test)
        except NotifyError as error:
            return fail(str(error), "see whether the receiver runs, and takes comove's signature")
        finally:
            running.cancel()
    return ok("test message accepted")
