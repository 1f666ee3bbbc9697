"""What stands in a picture."""

from __future__ import annotations

from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def words(data: bytes) -> str:
    """All that is written in it."""
    root = ET.fromstring(data)  # noqa: S314  # our own
    return " | ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))


def size(data: bytes) -> tuple[int, int]:
    """Its width and height in pixels of a screen, as it says itself."""
    root = ET.fromstring(data)  # noqa: S314  # our own
    points = (float(root.get(side, "").removesuffix("pt")) for side in ("width", "height"))
    width, height = (round(each / 0.72) for each in points)
    return width, height
