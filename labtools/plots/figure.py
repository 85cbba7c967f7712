"""A finished figure: what a page shows, and what it says to who cannot see it."""

import base64
from dataclasses import dataclass
from html import escape

from labtools.plots.theme import css


@dataclass(frozen=True)
class Figure:
    """A picture for a page: panels that stand side by side, or below each other where it is narrow.

    ``alt`` says what the picture shows to who cannot see it; ``caption`` stands under it.

    Raises:
        ValueError: an empty ``alt``.
    """

    panels: tuple[str, ...]
    alt: str
    caption: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.alt, str) or not self.alt.strip():
            raise ValueError(
                f"alt: expected words that say what the picture shows, got {self.alt!r}"
            )
        object.__setattr__(self, "alt", self.alt.strip())

    def __repr__(self) -> str:
        return self.alt

    def _repr_html_(self) -> str:
        """The panels and, for pages that do not let them pass, the panels as images.

        JupyterLab takes ``style`` and ``svg`` out of a notebook that is not trusted, but leaves the
        text within ``svg``. So the panels are hidden and the images are not, unless the style and
        an ``svg`` are there.
        """
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        label = f'role="img" aria-label="{escape(self.alt)}"'
        panels = "".join(self.panels)
        picture = f'<div class="labtools-panels" style="display:none" {label}>{panels}</div>'
        alts = [self.alt, *[""] * (len(self.panels) - 1)]
        images = "".join(map(_image, self.panels, alts))
        return (
            f'<style>{css()}</style><figure class="labtools-figure">{picture}'
            f'<div class="labtools-images">{images}</div>{caption}</figure>'
        )


def _image(panel: str, alt: str) -> str:
    """A panel as an image: light, on white, in a font of the system."""
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    style = "<style>svg{background:#fff}text{font-family:sans-serif;white-space:pre}</style>"
    start, rest = panel.split(">", 1)
    alone = f"{start.replace('<svg', f'<svg {names}', 1)}>{style}{rest}"
    data = base64.b64encode(alone.encode()).decode()
    return (
        f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}" style="max-width:100%">'
    )
