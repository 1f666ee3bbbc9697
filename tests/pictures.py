"""Draws the README's pictures from a real run: `python -m tests.pictures`."""

from __future__ import annotations

import io
import re
from math import inf
from pathlib import Path

from rich.console import Console

from alerts.transition import State, Transition
from daemon.clock import run_paced
from daemon.demo import SEED, Demo
from daemon.view import View, print_alert, view_calls
from streams.instrument import Pair
from streams.snapshot import Snapshot
from tests.chat_picture import chat_picture
from tests.page_picture import page_pictures
from tests.rule_pictures import check_picture, sweep_picture

PICTURES = Path(__file__).parents[1] / ".readme"
PAIR = Pair("ETH", "IWM", ("SPY", "BTC"))
MINUTES = 26


def main() -> None:
    """Play the demo up to its first alert and a little on, and draw what the terminal shows."""
    console = Console(
        record=True, width=112, file=io.StringIO(), force_terminal=True, highlight=False
    )
    view = View(PAIR, "comove")

    def tell(transition: Transition) -> None:
        if transition.state is State.FIRING:
            print_alert(console, transition)

    def show(snapshot: Snapshot) -> None:
        view.on_snapshot(snapshot)

    demo = Demo(seed=SEED, on_snapshot=show, on_transition=tell, extra=view_calls(PAIR))
    run_paced(demo.run(seconds=MINUTES * 60, ready=lambda app: view.follow(app.watch.engine)), inf)
    console.print(view.render())
    PICTURES.mkdir(exist_ok=True)
    picture = console.export_svg(title="comove demo")
    # The font is the reader's own: nothing is fetched.
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    (PICTURES / "alert.svg").write_text(picture, encoding="utf-8")
    check_picture(PICTURES)
    sweep_picture(PICTURES)
    page_pictures(PICTURES)
    chat_picture(PICTURES)


if __name__ == "__main__":
    main()
