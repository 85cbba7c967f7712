"""Training losses against the floor that no model can pass."""

import math
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import torch
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from labtools.arguments import positive_int
from labtools.plots.figure import Figure
from labtools.plots.svg import new_axes, svg
from labtools.plots.theme import LIGHT, STYLE

UNDER = 0.98  # noise of the data aside, a loss below this share of the floor is a leak
Label = tuple[float, str, str]  # height, text, colour
# How the curves of one picture are told apart besides their labels.
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))


def loss_curves(
    losses: Mapping[str, Sequence[float] | Tensor],
    floor: float | Mapping[str, float] | None = None,
    *,
    every: int = 1,
    zoom: tuple[float, float] | None = None,
    alt: str,
) -> Figure:
    """Draw training losses against the step, with the computed floor under them.

    A curve that ends below the floor is drawn as wrong: no model gets there without a leak.

    Args:
        losses: ``{name: (n,) nats}``, at most four.
        floor: The lowest loss that any model can reach, in nats; or ``{name: nats}``. A curve with
            the name of a floor is held against that one, every other against the first. The rest
            (such as where a leak is predicted to end) are drawn as dashed lines.
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
    floors = _floors(floor)
    own = {name: floors.get(name, next(iter(floors.values()), None)) for name in curves}
    bound = min((f for f in own.values() if f is not None), default=None)
    with mpl.rc_context(STYLE):
        axes = new_axes(500, 300)
        axes.set(xlabel="training step", ylabel="loss (nats)")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        labels = [
            _curve(axes, dash, name, values, own[name], every)
            for dash, (name, values) in zip(DASHES, curves.items(), strict=False)
        ]
        axes.set_ylim(*(zoom or _range(list(curves.values()), [*floors.values()], bound)))
        axes.set_xlim(0, every * max(map(len, curves.values())))
        labels += [
            _floor(axes, f"{name} floor" if name in curves else name, nats, nats in own.values())
            for name, nats in floors.items()
        ]
        if bound is not None:
            _impossible(axes, bound)
        _end_labels(axes, labels)
        return Figure((svg(axes),), alt)


def _floors(floor: float | Mapping[str, float] | None) -> dict[str, float]:
    if floor is None:
        return {}
    given = floor if isinstance(floor, Mapping) else {"floor": floor}
    return {name: _finite(name, [nats])[0] for name, nats in given.items()}


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
    axes: Axes, dash: object, name: str, values: list[float], floor: float | None, every: int
) -> Label:
    """Draw one curve; the label at its end."""
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


def _floor(axes: Axes, name: str, nats: float, binding: bool) -> Label:
    """Draw a floor, dashed where no curve is held against it; the label at its end."""
    dash = "-" if binding else (0, (5, 3))
    axes.axhline(nats, color=LIGHT["floor"], linestyle=dash, linewidth=2)
    return nats, f"{name} {nats:.2f}", LIGHT["floor"]


def _impossible(axes: Axes, bound: float) -> None:
    """Shade what lies under every floor."""
    axes.axhspan(axes.get_ylim()[0], bound, color=LIGHT["wrong"], alpha=0.12, linewidth=0)
    middle = (axes.get_ylim()[0] + bound) / 2
    text = "on average impossible without a leak"
    axes.text(0.5, middle, text, transform=axes.get_yaxis_transform(), ha="center", va="center")


def _range(
    curves: Sequence[list[float]], floors: Sequence[float], bound: float | None
) -> tuple[float, float]:
    """Room for all the means and floors, and for the region under them."""
    means = [x for values in curves for x in _thin(values)[1]]
    low, high = min([*means, *floors]), max([*means, *floors])
    if bound is not None:
        low = min(low, bound - 0.25 * max(high - bound, 0.1))
    margin = 0.04 * max(high - low, 0.1)
    return low - margin, high + margin


def _end_labels(axes: Axes, labels: list[Label]) -> None:
    """Write each label right of its line's end, pushed up where two would collide."""
    low, high = axes.get_ylim()
    gap, last = 18 / 300 * (high - low), -math.inf
    for height, text, colour in sorted(labels):
        last = max(min(max(height, low), high), last + gap)
        axes.annotate(
            text, (1, last), xytext=(8, 0), xycoords=axes.get_yaxis_transform(),
            textcoords="offset points", color=colour, va="center", fontweight="bold",
        )  # fmt: skip
