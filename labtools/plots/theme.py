"""What a colour means, in light and in dark, and how every figure is styled."""

from typing import Any

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

STYLE: dict[Any, Any] = {
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
    "hatch.linewidth": 1,
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


def css() -> str:
    """The palette as CSS variables, light and dark, and how a figure fills the page's width."""
    light, dark = ("".join(f"--lt-{r}:{v[i]};" for r, v in PALETTE.items()) for i in (0, 1))
    everywhere = ",".join(f"{page} .labtools-figure" for page in DARK_PAGES)
    return (
        f".labtools-figure{{{light}margin:0.5rem 0}}{everywhere}{{{dark}}}"
        ".labtools-figure .labtools-panels:has(svg){display:flex!important;flex-wrap:wrap;"
        "gap:0.5rem 1.5rem;align-items:flex-start}"
        ".labtools-figure .labtools-panels:has(svg)+.labtools-images{display:none}"
        ".labtools-figure svg{max-width:100%;height:auto}"
        ".labtools-figure text{font-family:inherit;white-space:pre}"
        ".labtools-figure path{stroke-linejoin:round}"
        ".labtools-figure figcaption{margin-top:0.5rem}"
    )
