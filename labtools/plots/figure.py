"""A finished figure: what a page shows, and what it says to who cannot see it."""

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
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        picture = (
            f'<div role="img" aria-label="{escape(self.alt)}" style="display:flex;flex-wrap:wrap;'
            f'gap:0.5rem 1.5rem;align-items:flex-start">{"".join(self.panels)}</div>'
        )
        return f'<style>{css()}</style><figure class="labtools-figure">{picture}{caption}</figure>'
