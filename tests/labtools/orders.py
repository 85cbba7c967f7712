"""Orders in which the places of a paired source emit their targets."""

from labtools.sources import reverse_order, same_order, swapped_blocks


def rotated(length):
    """Neither its own inverse nor monotone."""
    return [(t + 2) % length for t in range(length)]


ORDERS = {
    "same": same_order,
    "reverse": reverse_order,
    "blocks": swapped_blocks(1),
    "rotated": rotated,
}
