"""Wrong answers to ``shift_right``."""
