"""Wrong answers to ``cross_mask``."""
