"""Text of a learner's as text that can be stored and shown."""

import re

from nbconvert.filters import strip_ansi

UNPRINTABLE = re.compile(
    r"[^\S\n\t ]"  # unusual white space
    r"|[\x00-\x08\x0e-\x1f\x7f-\x9f]"  # control characters
    "|[\u202a-\u202e\u2066-\u2069]"  # what turns the direction of the text after it
)


def plain(text: str, limit: int) -> str:
    """`text` without escape sequences and control characters, in valid Unicode.

    Files are written as UTF-8 and databases take neither NUL nor half of a surrogate pair, all of
    which an error message may hold.

    Args:
        text: any str.
        limit: characters that are kept; how many are not is said in a line of its own.

    Returns:
        str.
    """
    text, more = text[:limit], len(text) - limit  # cut first: the rest then costs little
    text = strip_ansi(text).encode("utf-8", "replace").decode()
    text = UNPRINTABLE.sub(" ", text.replace("\r\n", "\n"))
    return f"{text}\n… and {more:,} characters more" if more > 0 else text
