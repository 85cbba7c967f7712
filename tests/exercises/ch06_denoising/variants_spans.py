"""Right answers to ``random_spans``, each drawn in another way."""
