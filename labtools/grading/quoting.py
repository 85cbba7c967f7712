"""Markdown of a learner's for pages that are not ours: formgrader's, JupyterLab's."""

import re


def quoted(text: str) -> str:
    """Markdown that shows `text` as it was written, in whatever renders it.

    Stock nbgrader's formgrader runs the scripts in a markdown cell, in the browser of who grades
    and with their rights.
    """
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
