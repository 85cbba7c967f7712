"""Wrong answers to ``decoder_mask``."""
