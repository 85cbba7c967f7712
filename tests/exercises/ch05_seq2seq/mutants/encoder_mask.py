"""Wrong answers to ``encoder_mask``."""
