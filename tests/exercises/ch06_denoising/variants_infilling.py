"""Right answers to ``text_infill``, each written in another way."""
