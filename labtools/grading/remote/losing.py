"""A box that cannot be asked any more."""

from labtools.checks.watching import Gone


class BoxLost(Gone):
    """The box is gone, or what it said cannot be trusted; ``reason`` says why, in words.

    Not an Exception, so that no check takes it for an error of its own.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Overrun(BoxLost):
    """It was killed because it computed, or waited, for too long."""
