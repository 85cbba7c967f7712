"""Where in a book an idea is explained."""

import os
from dataclasses import dataclass

BOOK = "LABTOOLS_BOOK"  # the environment variable with the address of the folder of the pages


@dataclass(frozen=True)
class Section:
    """A section to look up.

    As text it names the page and the anchor. Where the environment variable ``LABTOOLS_BOOK``
    holds the address of the built pages (``https://…/book``), the whole address is given, which
    JupyterLab and most terminals make a link.

    >>> print(Section("The shift", "Causal language modelling", "ch03_clm.html", "clm-shift"))
    “The shift” in the chapter “Causal language modelling” (ch03_clm.html#clm-shift)
    """

    title: str
    chapter: str
    page: str
    anchor: str

    def __str__(self) -> str:
        book, place = os.environ.get(BOOK, "").rstrip("/"), f"{self.page}#{self.anchor}"
        address = f": {book}/{place}" if book else f" ({place})"
        return f"“{self.title}” in the chapter “{self.chapter}”{address}"
