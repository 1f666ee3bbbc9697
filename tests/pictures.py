"""Draws the README's pictures from real runs: `python -m tests.pictures`."""

from __future__ import annotations

from pathlib import Path

from tests.chat_picture import chat_picture
from tests.page_picture import page_pictures
from tests.rule_pictures import check_picture, sweep_picture

PICTURES = Path(__file__).parents[1] / ".readme"


def main() -> None:
    """Draw all of them."""
    PICTURES.mkdir(exist_ok=True)
    check_picture(PICTURES)
    sweep_picture(PICTURES)
    page_pictures(PICTURES)
    chat_picture(PICTURES)


if __name__ == "__main__":
    main()
