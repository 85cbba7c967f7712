"""Every figure of the course: one style, one palette, light and dark.

matplotlib draws; what comes back is inline SVG whose text takes the colour of the page it stands on
and whose other colours have a light and a dark value. A colour means one thing throughout, see
``PALETTE``. In every picture of a mask the queries are rows and the keys are columns.
"""

from labtools.plots.comparison import compare
from labtools.plots.costs import costs
from labtools.plots.curves import loss_curves
from labtools.plots.figure import Figure
from labtools.plots.heads import attention
from labtools.plots.matrices import mask, masks
from labtools.plots.objectives import anatomy, anatomy_seq2seq
from labtools.plots.relation import relation
from labtools.plots.sweep import sweep
from labtools.plots.theme import ON_SCORED, PALETTE

__all__ = [
    "ON_SCORED",
    "PALETTE",
    "Figure",
    "anatomy",
    "anatomy_seq2seq",
    "attention",
    "compare",
    "costs",
    "loss_curves",
    "mask",
    "masks",
    "relation",
    "sweep",
]
