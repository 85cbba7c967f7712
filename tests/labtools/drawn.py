"""What is in a figure, read back from its SVG."""

import re
from xml.etree import ElementTree

from labtools.plots import Figure

SVG = "{http://www.w3.org/2000/svg}"
NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def trees(figure: Figure) -> list[ElementTree.Element]:
    """The panels, parsed: what is no XML fails here."""
    return [ElementTree.fromstring(p.replace("<svg", f"<svg {NAMES}", 1)) for p in figure.panels]


def words(figure: Figure) -> list[str]:
    return [text.text for tree in trees(figure) for text in tree.iter(f"{SVG}text")]


def words_of(panel: str) -> list[str]:
    return words(Figure((panel,), "one panel"))


def area(panel: str, role: str) -> float:
    """The area of all boxes drawn in a colour, in squares of 26 by 26 pixels."""
    total = 0.0
    for path in re.findall(rf'<path d="([^"]*)"[^>]*style="fill: var\(--lt-{role},', panel):
        for box in path.split("z")[:-1]:
            xs, ys = zip(*re.findall(r"[ML] ([\d.]+) ([\d.]+)", box), strict=True)
            width, height = (max(map(float, v)) - min(map(float, v)) for v in (xs, ys))
            total += width * height / 26**2
    return total
