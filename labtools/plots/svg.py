"""From matplotlib to inline SVG that takes its colours and its font from the page."""

import hashlib
import io
import re
import warnings

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from labtools.plots.theme import INK, LIGHT, PAGE_BACKGROUND, PAPER


def new_axes(width: float, height: float) -> Axes:
    """Axes of a size in CSS pixels."""
    axes = Canvas(figsize=(width / 72, height / 72)).add_axes((0, 0, 1, 1))
    axes.patch.set_visible(False)
    axes.figure.patch.set_visible(False)
    return axes


def svg(axes: Axes) -> str:
    """What was drawn, as an SVG element that follows the theme: the same one for the same picture.

    To be called under the style that it was drawn with.
    """
    file, canvas = io.StringIO(), axes.figure
    assert isinstance(canvas, Canvas)  # new_axes makes no others
    with warnings.catch_warnings():  # the page's own font may well have the character
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        canvas.savefig(
            file, format="svg", transparent=True, bbox_inches="tight", pad_inches=0.04,
            metadata={"Date": None},
        )  # fmt: skip
    return _themed(file.getvalue())


def _themed(svg: str) -> str:
    size = re.search(r'viewBox="0 0 (\S+) (\S+)"', svg)
    assert size is not None  # matplotlib always writes one
    width, height = map(float, size.groups())
    start = f'<svg viewBox="0 0 {width:.1f} {height:.1f}" width="{width:.0f}" aria-hidden="true">'
    svg = start + svg[svg.index(">", svg.index("<svg")) + 1 :]
    svg = re.sub(r"<(metadata|style)\b.*?</\1>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"/>', "", svg)
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg)
    svg = re.sub(r">\s+<", "><", svg)
    svg = re.sub(r'\b(d|x|y|transform)="[^"]*"', lambda m: _rounded(m[0]), svg)
    svg = re.sub(r'\bfill="(#\w+)"', r'style="fill: \1"', svg)  # behind the lines of a hatching
    svg = re.sub(r'\bstyle="[^"]*"', lambda m: _colours(m[0]), svg)
    own = hashlib.sha256(svg.encode()).hexdigest()[:8]
    return re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{own}-", svg)


def _rounded(attribute: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda m: f"{float(m[0]):.2f}", attribute).replace("\n", "")


def _colours(style: str) -> str:
    """Colours of the page for those of matplotlib, and its font."""
    for role, light in LIGHT.items():
        style = style.replace(light, f"var(--lt-{role},{light})")
    style = style.replace(INK, "currentColor").replace(PAPER, PAGE_BACKGROUND)
    font = r"font: (?:(\w+) )?([\d.]+px) '[^;\"]*"
    style = re.sub(font, lambda m: f"font-size: {m[2]}; font-weight: {m[1] or 400}", style)
    return style.replace("font-family: 'DejaVu Sans'; ", "")
