"""Text with no download, and its fixed splits.

``documentation`` is English prose, ``cldr`` dates and names in many languages as pairs to
translate. ``sentiment``, ``questions`` and ``entities`` are made by small grammars, so that the
best possible score is known: see ``grammar``. ``rows`` turns sequences of ids into rows.
"""

from labtools.corpora.documentation import python_documentation
from labtools.corpora.rows import pack, pad_rows
from labtools.corpora.splits import HELD_OUT_EVERY, is_held_out, split

__all__ = ["HELD_OUT_EVERY", "is_held_out", "pack", "pad_rows", "python_documentation", "split"]
