"""The page's one chart, as SVG that takes its colours from the page."""

from collections.abc import Sequence

from markupsafe import Markup

from labtools.grading.reporting.analysis import Bin

WIDTH, HEIGHT, TOP, FOOT = 640, 190, 24, 42  # of the picture; of the room above and below the bars


def histogram_svg(bins: Sequence[Bin]) -> Markup:
    """A bar for each bin, its points below it and its count above.

    The words of the picture say the counts to who cannot see it.
    """
    told = ", ".join(f"{label(it)} points: {it.count}" for it in bins if it.count)
    step, most = WIDTH / len(bins), max(it.count for it in bins)
    bars = Markup("").join(bar(i * step, step, it, most) for i, it in enumerate(bins))
    return Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" role="img" aria-label="{told}">{bars}'
        '<text class="axis" x="{middle}" y="{foot}">points</text></svg>'
    ).format(
        w=WIDTH,
        h=HEIGHT,
        told=f"Students by points. {told or 'Nobody has a grade'}.",
        bars=bars,
        middle=WIDTH / 2,
        foot=HEIGHT - 6,
    )


def label(it: Bin) -> str:
    """`4–5`, or `4` where a bin holds one number of points."""
    return f"{it.low}" if it.low == it.high else f"{it.low}–{it.high}"


def bar(x: float, width: float, it: Bin, most: int) -> Markup:
    """One bar with its texts."""
    room, middle = HEIGHT - TOP - FOOT, f"{x + width / 2:.1f}"
    height = room * it.count / most if most else 0
    top = TOP + room - height
    rectangle = Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')
    text = Markup('<text class="{}" x="{}" y="{:.1f}">{}</text>')
    return (
        rectangle.format(x + 2, top, width - 4, height)
        + (text.format("count", middle, top - 6, it.count) if it.count else "")
        + text.format("tick", middle, HEIGHT - FOOT + 16, label(it))
    )
