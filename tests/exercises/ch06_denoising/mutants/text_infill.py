"""Wrong answers to ``text_infill``."""
