"""The documentation that ships inside CPython, as sentences of English prose."""

import re
from functools import cache
from pydoc_data.topics import topics


@cache
def python_documentation() -> tuple[str, ...]:
    """Sentences of running prose from Python's own documentation, each once.

    They come from ``pydoc_data.topics`` in the standard library (what ``help("if")`` prints), so
    the exact text depends on the Python version. Code, tables and headings are left out; white
    space is folded; characters outside ASCII are left out with their sentence.

    Returns:
        Strings of 20 to 200 characters, in the order of the documentation.
    """
    paragraphs = (p for topic in topics.values() for p in re.split(r"\n\s*\n", topic))
    folded = (" ".join(p.split()) for p in paragraphs)
    prose = (p for p in folded if re.fullmatch(r"[A-Z][ -~]*\.", p))
    sentences = (s for p in prose for s in re.split(r"(?<=[a-z)]\.) (?=[A-Z])", p))
    return tuple(dict.fromkeys(s for s in sentences if 20 <= len(s) <= 200))
