"""What one Telegram chat is told besides alerts, each when it is its turn."""

from __future__ import annotations

from functools import partial

from alerts.notifiers.telegram_charts import Charts, Drawn, Order
from alerts.notifiers.telegram_line import OWN, Line, Markup
from alerts.notifiers.telegram_talk import Talk


class Replies:
    """Says, shows and tidies up; never waits. `thread` as in `Line`."""

    def __init__(self, line: Line, talk: Talk, charts: Charts) -> None:
        self._line = line
        self._talk = talk
        self._charts = charts

    def say(
        self,
        html: str,
        *,
        reply_to: int | None = None,
        markup: Markup | None = None,
        thread: int | None = OWN,
    ) -> None:
        """An answer to somebody, who looks at the chat anyway: without a sound."""
        send = partial(
            self._line.send, html, silent=True, reply_to=reply_to, markup=markup, thread=thread
        )
        self._talk.say("an answer", send)

    def show(
        self,
        order: Order,
        *,
        asked: bool,
        reply_to: int | None = None,
        thread: int | None = OWN,
    ) -> None:
        """A chart; to one who has `asked` also why there is none."""
        if not asked and not self._charts.drawable:
            return

        def deliver(drawn: Drawn) -> None:
            if isinstance(drawn, bytes):
                photo = partial(
                    self._line.photo, drawn, order.caption, reply_to=reply_to, thread=thread
                )
                self._talk.say("a chart", photo)
            elif asked:
                self.say(drawn, reply_to=reply_to, thread=thread)

        self._charts.order(order, deliver)

    def strip(self, message_id: int) -> None:
        """Take the buttons from a message."""
        self._talk.say("a tidy message", partial(self._line.strip, message_id))
