"""One Telegram chat: an incident is one message, edited when acknowledged and when resolved."""

from __future__ import annotations

from msgspec.structs import replace
from telegram import Bot, InlineKeyboardMarkup
from telegram.error import BadRequest, RetryAfter, TelegramError

from alerts.ailment import is_own
from alerts.notifiers.notifier import NotifyError
from alerts.notifiers.telegram_address import Address
from alerts.notifiers.telegram_charts import CHARTED, Charts, Order
from alerts.notifiers.telegram_errors import notify_error, pause
from alerts.notifiers.telegram_keyboard import alert_buttons, reminder_buttons
from alerts.notifiers.telegram_line import Line, TryAgainError
from alerts.notifiers.telegram_posts import Posted, Posts
from alerts.notifiers.telegram_replies import Replies
from alerts.notifiers.telegram_talk import Talk
from alerts.notifiers.telegram_text import alert_html, reminder_html, report_html
from alerts.notifiers.telegram_turns import Turns
from alerts.notifiers.telegram_volume import Volume
from alerts.transition import WEEKLY, State, Transition


class Chat:
    """A chat to which alerts are sent.

    `notify` does one request at most. Where it must wait, or take another way, it raises
    NotifyError with `after`, so that by then a more urgent alert can go first. Charts follow when
    they are drawn, while `run` is running. With `buttons`, alerts can be acted on.
    """

    def __init__(
        self, bot: Bot, name: str, address: Address, *, turns: Turns, charts: Charts
    ) -> None:
        self.name = name
        self.address = address
        self.volume = Volume(address)
        self.posts = Posts()
        self.buttons = False
        self.line = Line(bot, address, self.posts.clear)
        self._turns = turns
        self._charts = charts
        self._talk = Talk(name, turns, bot.token)
        self.replies = Replies(self.line, self._talk, charts)

    async def run(self) -> None:
        """Send what is not an alert, until cancelled."""
        await self._talk.run()

    async def notify(self, transition: Transition) -> None:
        """Send, reply to or edit the incident's message; states short of firing are not told."""
        if self.volume.off(transition):
            return
        posted = self.posts.of(transition.incident)
        match transition.state:
            case State.FIRING if transition.is_report:
                await self._report(transition)
            case State.FIRING if transition.repeat:
                await self._remind(transition, posted)
            case State.FIRING if transition.acknowledged and posted is not None:
                await self._revise(transition, posted)
            case State.FIRING:
                await self._fire(transition)
            case State.RESOLVED if posted is not None:
                await self._revise(transition, posted)
                self.posts.forget(transition.incident)
            case State.RESOLVED:
                await self._send(transition, alert_html(transition))

    def repeatable(self, transition: Transition) -> bool:
        """An edit: made twice it is the same as once."""
        edits = transition.state is State.RESOLVED or (
            bool(transition.acknowledged) and not transition.repeat
        )
        return edits and self.posts.of(transition.incident) is not None

    def message_of(self, incident: str) -> int | None:
        """The message that tells of an incident, while it can still be edited."""
        posted = self.posts.of(incident)
        return None if posted is None else posted.message_id

    def remember(self, incident: str, message_id: int, text: str) -> None:
        """The message that told of an incident, and the alert's message in it."""
        self.posts.remember(incident, Posted(message_id, text))

    async def _fire(self, transition: Transition) -> None:
        group = self.posts.of(transition.group) if transition.group else None
        html, markup = alert_html(transition), self._markup(transition)
        message_id = await self._send(transition, html, reply_to=group, markup=markup)
        self.remember(transition.incident, message_id, transition.message)
        told = transition.group or transition.acknowledged
        if transition.since is not None and not told and not is_own(transition.rule):
            order = Order(transition.pair, CHARTED, transition.since)
            self.replies.show(order, asked=False, reply_to=message_id)

    async def _report(self, report: Transition) -> None:
        """Nothing becomes of a report: it is sent, and forgotten."""
        message_id = await self._send(report, report_html(report))
        if report.rule == WEEKLY:
            order = Order(report.pair, report=report)
            self.replies.show(order, asked=False, reply_to=message_id)

    async def _remind(self, transition: Transition, posted: Posted | None) -> None:
        markup = None
        if self.buttons and posted is not None:
            markup = reminder_buttons(closes=not is_own(transition.rule))
        html = reminder_html(transition)
        reminder = await self._send(transition, html, reply_to=posted, markup=markup)
        if posted is not None:
            self._strip_reminder(posted)
            self.posts.remember(transition.incident, replace(posted, reminder=reminder))

    async def _revise(self, transition: Transition, posted: Posted) -> None:
        """Edit the incident's message; one that is no more is sent anew."""
        over = transition.state is State.RESOLVED
        html = alert_html(transition, posted.text)
        markup = None if over else self._markup(transition)
        self._take_turn(transition)
        try:
            await self.line.edit(posted.message_id, html, markup=markup)
        except (TryAgainError, TelegramError) as error:
            if not isinstance(error, BadRequest):
                refusal = self._refusal(error)
                refusal.uncertain = False  # an edit made twice is the same as once
                raise refusal from None
            if "not modified" not in str(error).lower():
                self.posts.forget(transition.incident)
                raise NotifyError(f"cannot edit ({error})", retry=True, after=0.0) from None
        self._strip_reminder(posted)

    def _strip_reminder(self, posted: Posted) -> None:
        if self.buttons and posted.reminder is not None:
            self.replies.strip(posted.reminder)

    async def _send(
        self,
        transition: Transition,
        html: str,
        *,
        reply_to: Posted | None = None,
        markup: InlineKeyboardMarkup | None = None,
    ) -> int:
        """A new message; its id."""
        answered = None if reply_to is None else reply_to.message_id
        silent = self.volume.silent(transition)
        self._take_turn(transition)
        try:
            return await self.line.send(html, silent=silent, reply_to=answered, markup=markup)
        except (TryAgainError, TelegramError) as error:
            raise self._refusal(error) from None

    def _markup(self, transition: Transition) -> InlineKeyboardMarkup | None:
        """None where there is nothing to act on."""
        if not self.buttons or transition.since is None:
            return None
        market = not is_own(transition.rule)
        return alert_buttons(
            acknowledged=bool(transition.acknowledged),
            drawable=market and self._charts.drawable,
            closes=market,
        )

    def _take_turn(self, transition: Transition) -> None:
        wait = self._turns.claim(transition.severity)
        if wait:
            raise NotifyError("keeping Telegram's pace", retry=True, after=wait)

    def _refusal(self, error: TryAgainError | TelegramError) -> NotifyError:
        if isinstance(error, TryAgainError):
            return NotifyError(str(error), retry=True, after=0.0)
        if isinstance(error, RetryAfter):
            self._turns.bar(pause(error))
        return notify_error(error, self.line.token)
