"""Every figure of the course: one style, one palette, light and dark.

matplotlib draws; what comes back is inline SVG whose text takes the colour of the page it stands on
and whose other colours have a light and a dark value. A colour means one thing throughout, see
``PALETTE``. In every picture of a mask the queries are rows and the keys are columns.
"""

import hashlib
import io
import math
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import matplotlib as mpl
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from labtools.arguments import BOOL, Shapes, positive_int

# What a colour means, its value on light pages and on dark ones (after Okabe and Ito: told apart
# by colour-blind readers, and as grey).
PALETTE = {
    "visible": ("#0072b2", "#56b4e9"),  # a key that the query may see
    "blocked": ("#e8eaed", "#343a42"),  # one that it may not
    "scored": ("#e69f00", "#e69f00"),  # a position that the loss counts
    "floor": ("#00755a", "#2fc79a"),  # the lowest loss that any model can reach
    "model": ("#8a3f7f", "#d99bcf"),  # a trained model
    "wrong": ("#c44a00", "#ff8a4c"),  # what cannot be right: a leak, a cell that differs
}
LIGHT = {role: light for role, (light, _) in PALETTE.items()}
INK = "#010203"  # stands for the colour of the page's text
PAPER = "#fdfcfb"  # stands for the colour of the page's background
ON_SCORED = "#1b1b1b"  # text on "scored", which is bright in both themes
MAX_NAMES = 32  # more tokens than that, and the ticks show numbers

# How the curves of one picture are told apart besides their labels.
UNDER = 0.98  # noise of the data aside, a loss below this share of the floor is a leak
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "labtools",
    "font.family": "DejaVu Sans",  # measured with this one, shown in the page's own
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.labelsize": 13,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "text.color": INK,
    "text.parse_math": False,  # a token may be a dollar
    "xtick.color": INK,
    "ytick.color": INK,
}
DARK_PAGES = (  # this book, JupyterLab and Notebook 7, VS Code
    'html[data-theme="dark"]',
    'body[data-jp-theme-light="false"]',
    "body.vscode-dark",
)
PAGE_BACKGROUND = "var(--pst-color-background,var(--jp-layout-color0,#fff))"


@dataclass(frozen=True)
class Figure:
    """A picture for a page: panels that stand side by side, or below each other where it is narrow.

    ``alt`` says what the picture shows to who cannot see it; ``caption`` stands under it.
    """

    panels: tuple[str, ...]
    alt: str
    caption: str | None = None

    def __repr__(self) -> str:
        return self.alt

    def _repr_html_(self) -> str:
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        picture = (
            f'<div role="img" aria-label="{escape(self.alt)}" style="display:flex;flex-wrap:wrap;'
            f'gap:0.5rem 1.5rem;align-items:flex-start">{"".join(self.panels)}</div>'
        )
        return f'<style>{_css()}</style><figure class="labtools-figure">{picture}{caption}</figure>'


def mask(
    mask: Tensor,
    queries: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    *,
    title: str | None = None,
    alt: str,
) -> Figure:
    """Draw an attention mask.

    Args:
        mask: (T, S) bool, True = may attend.
        queries: T names for the rows; ``keys``: S names for the columns, as ``queries`` when T = S.
        title: Stands over the picture.
        alt: What the picture shows, in words.

    Raises:
        TypeError, ValueError: a mask that is not boolean or not (T, S), names that do not fit it,
            an empty ``alt``.
    """
    return masks({title or "": mask}, queries, keys, alt=alt)


def masks(
    masks: Mapping[str, Tensor],
    queries: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    *,
    alt: str,
) -> Figure:
    """Draw masks side by side: ``{title: (T, S) bool}``. See ``mask`` for the rest."""
    if not masks:
        raise ValueError("masks: expected at least one mask, got none")
    panels = tuple(_mask_panel(m, queries, keys, title) for title, m in masks.items())
    return Figure(panels, _alt(alt))


def compare_masks(
    yours: Tensor,
    expected: Tensor,
    queries: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    *,
    alt: str | None = None,
) -> Figure:
    """Draw a mask beside the expected one; cells that differ are outlined, the first is named.

    Args:
        yours, expected: (T, S) bool, True = may attend.
        queries, keys: Names, as in ``mask``.
        alt: What the picture shows; the caption where nothing is given.

    Raises:
        TypeError, ValueError: as ``mask``, or two masks of different shapes.
    """
    shapes = Shapes()
    shapes.tensor("yours", yours, "T S", BOOL)
    shapes.tensor("expected", expected, "T S", BOOL)
    differs = (yours != expected).cpu()
    panels = (
        _mask_panel(yours, queries, keys, "yours", differs),
        _mask_panel(expected, queries, keys, "expected", differs),
    )
    caption = _first_difference(yours, differs, *_names(yours, queries, keys))
    return Figure(panels, _alt(caption if alt is None else alt), caption)


def loss_curves(
    losses: Mapping[str, Sequence[float] | Tensor],
    floor: float | None = None,
    *,
    every: int = 1,
    zoom: tuple[float, float] | None = None,
    alt: str,
) -> Figure:
    """Draw training losses against the step, with the computed floor under them.

    A curve that ends below the floor is drawn as wrong: no model gets there without a leak.

    Args:
        losses: ``{name: (n,) nats}``, at most four.
        floor: The lowest loss that any model can reach, in nats.
        every: Steps from one loss to the next.
        zoom: The lowest and the highest loss shown.
        alt: What the picture shows, in words.

    Raises:
        ValueError: no losses, a loss or floor that is not finite, ``every`` < 1, an empty ``alt``.
    """
    positive_int("every", every)
    curves = {name: _finite(name, values) for name, values in losses.items()}
    if not 1 <= len(curves) <= len(DASHES):
        raise ValueError(f"losses: expected 1 to {len(DASHES)} curves, got {len(curves)}")
    with mpl.rc_context(STYLE):
        axes = _axes(500, 300)
        axes.set(xlabel="training step", ylabel="loss (nats)")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        labels = [_curve(axes, *c, floor, every) for c in zip(DASHES, curves.items(), strict=False)]
        axes.set_ylim(*(zoom or _range(curves.values(), floor)))
        axes.set_xlim(0, every * max(map(len, curves.values())))
        if floor is not None:
            labels.append(_floor(axes, _finite("floor", [floor])[0]))
        _end_labels(axes, labels)
        return Figure((_svg(axes.figure),), _alt(alt))


def anatomy(
    tokens: Sequence[str],
    targets: Sequence[str | None],
    scored: Sequence[bool] | Tensor,
    mask: Tensor,
    *,
    title: str | None = None,
    alt: str,
) -> Figure:
    """Draw an objective: the inputs, what each position is scored against, and what it may see.

    Args:
        tokens: T inputs.
        targets: T targets, position by position; None (drawn as –) where there is none.
        scored: (T,) bool, whether the loss counts the position.
        mask: (T, T) bool, True = may attend; its columns stand under the inputs.
        title: Stands over the picture.
        alt: What the picture shows, in words.

    Raises:
        TypeError, ValueError: a mask that is not boolean or not (T, T), other lengths than T, a
            scored position without a target, an empty ``alt``.
    """
    counted = torch.as_tensor(scored)
    _check_anatomy(tokens, targets, counted, mask)
    with mpl.rc_context(STYLE):
        rows, columns = mask.shape[0] + 3.4, len(tokens)
        axes = _axes(columns * _wide([*tokens, *(t or "" for t in targets)]), rows * 26)
        axes.set(xlim=(0, columns), ylim=(rows, 0))
        axes.axis("off")
        for t, (token, target) in enumerate(zip(tokens, targets, strict=True)):
            _cell(axes, t, 0, "blocked", _shown(token))
            colour = "scored" if counted[t] else "blocked"
            _cell(axes, t, 1, colour, "–" if target is None else _shown(target))
        _anatomy_mask(axes, tokens, targets, counted, mask, top=3.4)
        axes.set_title(title or "", loc="left", pad=12)
        return Figure((_svg(axes.figure),), _alt(alt))


def _alt(alt: str) -> str:
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt: expected words that say what the picture shows, got {alt!r}")
    return alt.strip()


def _shown(token: str) -> str:
    """A token with its invisible characters made visible."""
    return str(token).replace("\n", "↵").replace("\t", "⇥").replace(" ", "␣")


def _names(
    mask: Tensor, queries: Sequence[str] | None, keys: Sequence[str] | None
) -> tuple[list[str], list[str]]:
    """T row names and S column names: those given, or positions."""
    if keys is None and queries is not None and mask.shape[0] == mask.shape[1]:
        keys = queries
    names = []
    for what, given, size in zip(("queries", "keys"), (queries, keys), mask.shape, strict=True):
        if given is not None and len(given) != size:
            raise ValueError(f"{what}: expected {size} names for this mask, got {len(given)}")
        names.append([str(i) for i in range(size)] if given is None else [*map(_shown, given)])
    return names[0], names[1]


def _axes(width: float, height: float) -> Axes:
    """Axes of a size in CSS pixels."""
    axes = Canvas(figsize=(width / 72, height / 72)).add_axes((0, 0, 1, 1))
    axes.patch.set_visible(False)
    axes.figure.patch.set_visible(False)
    return axes


def _mask_panel(
    mask: Tensor,
    queries: Sequence[str] | None,
    keys: Sequence[str] | None,
    title: str,
    differs: Tensor | None = None,
) -> str:
    Shapes().tensor(f"mask {title!r}" if title else "mask", mask, "T S", BOOL)
    rows, columns = _names(mask, queries, keys)
    size = max(6, min(26, 480 // max(mask.shape)))
    with mpl.rc_context(STYLE):
        axes = _axes(mask.shape[1] * size, mask.shape[0] * size)
        axes.set(xlim=(0, mask.shape[1]), ylim=(mask.shape[0], 0))
        _cells(axes, mask)
        for t, s in [] if differs is None else differs.nonzero().tolist():
            _outline(axes, s, t)
        _ticks(axes, rows, columns)
        axes.set_title(title, pad=10)
        return _svg(axes.figure)


def _cells(axes: Axes, mask: Tensor, top: float = 0) -> None:
    """The cells of a mask, run by run, and lines between them."""
    T, S = mask.shape
    for role, chosen in (("visible", mask), ("blocked", ~mask)):
        edges = torch.nn.functional.pad(chosen.cpu().int(), (1, 1)).diff(dim=1)
        starts, ends = (edges == 1).nonzero().tolist(), (edges == -1).nonzero().tolist()
        runs = [_box(s, top + t, end - s, 1) for (t, s), (_, end) in zip(starts, ends, strict=True)]
        _patch(axes, runs, facecolor=LIGHT[role], linewidth=0)
    if max(T, S) > 64:
        return
    lines = [Path([(0, top + t), (S, top + t)]) for t in range(T + 1)]
    lines += [Path([(s, top), (s, top + T)]) for s in range(S + 1)]
    _patch(axes, lines, fill=False, edgecolor=PAPER, linewidth=1)


def _box(x: float, y: float, width: float, height: float) -> Path:
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    return Path(corners, closed=True)


def _patch(axes: Axes, paths: list[Path], **style: object) -> None:
    """Many paths as one element, which keeps the page small."""
    if paths:
        axes.add_patch(PathPatch(Path.make_compound_path(*paths), clip_on=False, **style))


def _cell(axes: Axes, column: float, row: float, role: str, text: str) -> None:
    """One cell with its text."""
    _patch(axes, [_box(column, row, 1, 1)], facecolor=LIGHT[role], edgecolor=PAPER, linewidth=1)
    colour = ON_SCORED if role == "scored" else INK
    axes.text(column + 0.5, row + 0.5, text, color=colour, ha="center", va="center")


def _outline(axes: Axes, column: int, row: int) -> None:
    box = _box(column + 0.06, row + 0.06, 0.88, 0.88)
    _patch(axes, [box], fill=False, edgecolor=LIGHT["wrong"], linewidth=3, zorder=3)


def _ticks(axes: Axes, rows: list[str], columns: list[str]) -> None:
    """Names beside rows and under columns, thinned out when there are many."""
    for axis, names, label in (
        (axes.yaxis, rows, "query (reads)"),
        (axes.xaxis, columns, "key (is read)"),
    ):
        step = 1 if len(names) <= MAX_NAMES else math.ceil(len(names) / 8)
        shown = names if step == 1 else [str(i) for i in range(len(names))]
        at = range(0, len(names), step)
        axis.set_ticks([i + 0.5 for i in at], [shown[i] for i in at])
        axis.set_label_text(label)
    if max(map(len, columns)) > 2 and len(columns) <= MAX_NAMES:
        axes.tick_params(axis="x", labelrotation=90)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _first_difference(yours: Tensor, differs: Tensor, queries: list[str], keys: list[str]) -> str:
    if not differs.any():
        return "The two masks are the same."
    t, s = differs.nonzero()[0].tolist()
    verdict = "may see" if yours[t, s] else "may not see"
    opposite = "must not" if yours[t, s] else "must"
    count = int(differs.sum())
    return (
        f"First of {count} differing cell{'s' * (count > 1)}: query {_at(queries, t)} {verdict} "
        f"key {_at(keys, s)} in yours, and {opposite}."
    )


def _at(names: list[str], position: int) -> str:
    name = names[position]
    return str(position) if name == str(position) else f"{position} (“{name}”)"


def _finite(name: str, values: Sequence[float] | Tensor) -> list[float]:
    numbers = torch.as_tensor(values, dtype=torch.float64, device="cpu").flatten().tolist()
    bad = next((i for i, x in enumerate(numbers) if not math.isfinite(x)), None)
    if bad is not None or not numbers:
        came = "none" if bad is None else f"{numbers[bad]} at {bad}"
        raise ValueError(f"{name}: expected finite losses in nats, got {came}")
    return numbers


def _thin(values: list[float], points: int = 150) -> tuple[int, list[float]]:
    """Means of k losses at a time, with k such that at most ``points`` are left."""
    k = math.ceil(len(values) / points)
    chunks = [values[i : i + k] for i in range(0, len(values), k)]
    return k, [sum(chunk) / len(chunk) for chunk in chunks]


def _curve(
    axes: Axes, dash: object, curve: tuple[str, list[float]], floor: float | None, every: int
) -> tuple[float, str, str]:
    """Draw one curve; (height, text, colour) of the label at its end."""
    name, values = curve
    k, means = _thin(values)
    tail = values[-max(1, len(values) // 10) :]
    end = sum(tail) / len(tail)
    role = "wrong" if floor is not None and end < floor * UNDER else "model"
    steps = [min((i + 0.5) * k, len(values)) * every for i in range(len(means))]
    axes.plot(steps, means, linestyle=dash, color=LIGHT[role], linewidth=2)
    if role == "model" and floor is not None:  # noise must not put its label under the floor's
        height = math.nextafter(max(end, floor), math.inf)
    else:
        height = end
    return height, f"{name} {end:.2f}", LIGHT[role]


def _floor(axes: Axes, floor: float) -> tuple[float, str, str]:
    """Draw the floor, and shade what lies under it."""
    axes.axhline(floor, color=LIGHT["floor"], linewidth=2)
    axes.axhspan(axes.get_ylim()[0], floor, color=LIGHT["wrong"], alpha=0.12, linewidth=0)
    middle = (axes.get_ylim()[0] + floor) / 2
    text = "impossible without a leak"
    axes.text(0.5, middle, text, transform=axes.get_yaxis_transform(), ha="center", va="center")
    return floor, f"floor {floor:.2f}", LIGHT["floor"]


def _range(curves: Sequence[list[float]], floor: float | None) -> tuple[float, float]:
    """Room for all the means, and for the region under the floor."""
    means = [x for values in curves for x in _thin(values)[1]]
    low, high = min(means), max(means)
    if floor is not None:
        low = min(low, floor - 0.25 * max(high - floor, 0.1))
    margin = 0.04 * max(high - low, 0.1)
    return low - margin, high + margin


def _end_labels(axes: Axes, labels: list[tuple[float, str, str]]) -> None:
    """Write each label right of its line's end, pushed up where two would collide."""
    low, high = axes.get_ylim()
    gap, last = 18 / 300 * (high - low), -math.inf
    for height, text, colour in sorted(labels):
        last = max(min(max(height, low), high), last + gap)
        axes.annotate(
            text, (1, last), xytext=(8, 0), xycoords=axes.get_yaxis_transform(),
            textcoords="offset points", color=colour, va="center", fontweight="bold",
        )  # fmt: skip


def _check_anatomy(
    tokens: Sequence[str], targets: Sequence[str | None], scored: Tensor, mask: Tensor
) -> None:
    shapes = Shapes()
    shapes.tensor("scored", scored, "T", BOOL)
    shapes.tensor("mask", mask, "T T", BOOL)
    for name, given in (("tokens", tokens), ("targets", targets)):
        if len(given) != len(scored):
            raise ValueError(f"{name}: expected {len(scored)} of them, got {len(given)}")
    for t, target in enumerate(targets):
        if scored[t] and target is None:
            raise ValueError(f"targets: expected a target at scored position {t}, got None")


def _anatomy_mask(
    axes: Axes,
    tokens: Sequence[str],
    targets: Sequence[str | None],
    scored: Tensor,
    mask: Tensor,
    top: float,
) -> None:
    """The mask under the inputs; left of each row who reads, right of it what is predicted."""
    _cells(axes, mask, top)
    left, right = -0.15, len(tokens) + 0.15
    for row, text in ((0, "input"), (1, "target"), (top - 0.9, "query (reads)")):
        axes.text(left, row + 0.5, text, ha="right", va="center", alpha=0.75)
    axes.text(right, top - 0.4, "predicts", va="center", alpha=0.75)
    for t, token in enumerate(tokens):
        axes.text(left, top + t + 0.5, _shown(token), ha="right", va="center")
        text = f"→ {_shown(targets[t])}" if scored[t] else "not scored"
        axes.text(right, top + t + 0.5, text, va="center", alpha=1 if scored[t] else 0.75)


def _wide(names: Sequence[str]) -> float:
    return max(30, 9 * max(len(_shown(name)) for name in names) + 10)


def _css() -> str:
    """The palette as CSS variables, light and dark, and how a figure fills the page's width."""
    light, dark = ("".join(f"--lt-{r}:{v[i]};" for r, v in PALETTE.items()) for i in (0, 1))
    everywhere = ",".join(f"{page} .labtools-figure" for page in DARK_PAGES)
    return (
        f".labtools-figure{{{light}margin:0.5rem 0}}{everywhere}{{{dark}}}"
        ".labtools-figure svg{max-width:100%;height:auto}"
        ".labtools-figure text{font-family:inherit;white-space:pre}"
        ".labtools-figure path{stroke-linejoin:round}"
        ".labtools-figure figcaption{margin-top:0.5rem}"
    )


def _svg(canvas: Canvas) -> str:
    """A canvas as an SVG element that follows the theme, the same one for the same picture."""
    file = io.StringIO()
    with warnings.catch_warnings():  # the page's own font may well have the character
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        canvas.savefig(
            file, format="svg", transparent=True, bbox_inches="tight", pad_inches=0.04,
            metadata={"Date": None},
        )  # fmt: skip
    return _themed(file.getvalue())


def _themed(svg: str) -> str:
    svg = svg[svg.index("<svg") :]
    width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups())
    start = f'<svg viewBox="0 0 {width:.1f} {height:.1f}" width="{width:.0f}" aria-hidden="true">'
    svg = start + svg[svg.index(">") + 1 :]
    svg = re.sub(r"<(metadata|style)\b.*?</\1>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"/>', "", svg)
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg)
    svg = re.sub(r">\s+<", "><", svg)
    svg = re.sub(r'\b(d|x|y|transform)="[^"]*"', lambda m: _rounded(m[0]), svg)
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
