"""Right answers that make masks and join them."""
