"""Text of others on our terminal."""


def printable(text: str) -> str:
    """`text` without what a terminal would take for a command."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
