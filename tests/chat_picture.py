"""A Telegram chat on a simulated day, as a browser draws it.

The messages are those that the bot sent to the stand-in Bot API; the look is a browser's, which
needs a font with emoji.
"""

from __future__ import annotations

import asyncio
import base64
import io
import tempfile
from html import escape
from math import inf
from pathlib import Path
from random import Random

import msgspec
from PIL import Image

from alerts.notifiers.notifier import Illustrator
from alerts.notifiers.telegram import Telegram
from alerts.notifiers.telegram_address import Address
from alerts.notifiers.telegram_answers import answer_calls
from alerts.outbox import Outbox
from alerts.transition import Transition
from daemon.app import App
from daemon.clock import run_paced
from daemon.demo import SEED, Demo
from streams.instrument import Pair
from tests.stand_ins.bot_api import TOKEN, BotApi, Posted
from tests.stand_ins.chromium import looking_at

CHAT = 4711
MINUTES = 26
"""Of the demo: ETH has fallen alone, and that was told."""
WIDTH = 560
_COLOURS = 256
_HEIGHT = "Math.ceil(document.body.lastElementChild.getBoundingClientRect().bottom) + 8"

_STYLE = """
body { margin: 0; padding: 14px; background: #d5e3ec;
  font: 15px/1.35 "Liberation Sans", "DejaVu Sans", sans-serif; }
.message { margin-bottom: 10px; }
.bubble { background: #fff; border-radius: 10px; padding: 8px 11px; margin-bottom: 3px;
  white-space: pre-wrap; box-shadow: 0 1px 1px #0002; }
.me { background: #e3fbc9; margin: 10px 0 10px auto; width: fit-content; }
.reply { border-left: 3px solid #3a8fd0; padding-left: 7px; margin-bottom: 5px; color: #555;
  font-size: 13px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
blockquote { margin: 4px 0; padding: 4px 8px; border-left: 3px solid #3a8fd0;
  background: #eef5fa; border-radius: 4px; }
.row { display: flex; gap: 3px; margin-bottom: 3px; }
.row span { flex: 1; text-align: center; background: #7d98a8cc; color: #fff;
  border-radius: 8px; padding: 7px; font-size: 14px; }
img { width: 100%; border-radius: 6px; display: block; margin-bottom: 4px; }
"""


class _Keeper:
    """Draws by another, and keeps what was drawn, which the stand-in does not."""

    def __init__(self, illustrator: Illustrator) -> None:
        self._illustrator = illustrator
        self.drawn: list[bytes] = []

    async def chart(self, pair: str, seconds: float, *, mark: int | None = None) -> bytes | None:
        png = await self._illustrator.chart(pair, seconds, mark=mark)
        if png is not None:
            self.drawn.append(png)
        return png

    async def week(self, report: Transition) -> bytes | None:
        return await self._illustrator.week(report)


def chat_picture(folder: Path) -> None:
    """`telegram.png`: an alert with its buttons and its chart, and an answer."""
    html = run_paced(_played(), inf)
    (folder / "telegram.png").write_bytes(_small(asyncio.run(_picture(html))))


async def _played() -> str:
    """The chat as HTML."""
    apps: list[App] = []
    keepers: list[_Keeper] = []
    async with BotApi() as api, asyncio.TaskGroup() as tasks:

        def now() -> int:
            return apps[0].clock.now()

        bot = Telegram(token=TOKEN, chats=[Address(CHAT)], base_url=api.base_url, rng=Random(0))
        box = Outbox([bot], now=now, rng=Random(0))

        def ready(app: App) -> None:
            apps.append(app)
            assert app.charts is not None
            keepers.append(_Keeper(app.charts))
            bot.attend(app.desk, keepers[0])

        def tell(transition: Transition) -> None:
            notify = ("telegram",) if transition.notify else ()
            box.submit(msgspec.structs.replace(transition, notify=notify))

        calls = answer_calls(Pair("ETH", "IWM", ("SPY", "BTC")))
        demo = Demo(seed=SEED, on_transition=tell, extra=calls)
        asking = tasks.create_task(_ask(api), name="a person")
        delivery = tasks.create_task(box.run(), name="outbox")
        await demo.run(seconds=MINUTES * 60, ready=ready)
        asking.cancel()
        delivery.cancel()
        return _html(api.chat(CHAT), keepers[0].drawn)


async def _ask(api: BotApi) -> None:
    await asyncio.sleep((MINUTES - 1) * 60)
    api.write_to_bot(CHAT, "/status")
    await asyncio.get_running_loop().create_future()


def _html(posts: list[Posted], photos: list[bytes]) -> str:
    bubbles: list[str] = []
    drawn = iter(photos)
    by_id = {posted.message_id: posted for posted in posts}
    for posted in posts:
        if posted.keyboard:
            bubbles.append('<div class="bubble me">/status</div>')
        bubbles.append(_bubble(posted, by_id, next(drawn) if posted.photo else b""))
    head = '<meta charset=utf-8><meta name=viewport content="width=device-width">'
    return f"<!doctype html>{head}<style>{_STYLE}</style>{''.join(bubbles)}"


def _bubble(posted: Posted, by_id: dict[int, Posted], photo: bytes) -> str:
    inner = ""
    if posted.reply_to is not None and posted.reply_to in by_id:
        first = by_id[posted.reply_to].text.splitlines()[0]
        inner += f'<div class="reply">{escape(first)}</div>'
    if photo:
        inner += f'<img src="data:image/png;base64,{base64.b64encode(photo).decode()}">'
    text = posted.html.replace("<blockquote>", "\0<blockquote>").replace("\n\0", "\0")
    inner += text.replace("\0", "").replace("</blockquote>\n", "</blockquote>")
    rows = (
        f'<div class="row">{"".join(f"<span>{escape(t)}</span>" for t, _ in row)}</div>'
        for row in posted.buttons
    )
    return f'<div class="message"><div class="bubble">{inner}</div>{"".join(rows)}</div>'


async def _picture(html: str) -> bytes:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "chat.html"
        page.write_text(html, "utf-8")
        profile = Path(folder) / "profile"
        profile.mkdir()
        async with looking_at(page.as_uri(), profile, width=WIDTH, height=400) as tab:
            await tab.until("document.readyState === 'complete'")
            await tab.size(WIDTH, 400, phone=True)
            height = await tab.evaluate(_HEIGHT)
            await tab.size(WIDTH, height, phone=True)
            return await tab.picture()


def _small(png: bytes) -> bytes:
    """With a palette."""
    out = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        out, "png", optimize=True
    )
    return out.getvalue()


if __name__ == "__main__":
    chat_picture(Path(__file__).parents[1] / ".readme")
