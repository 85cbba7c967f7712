"""Wrong answers to ``random_spans``."""
