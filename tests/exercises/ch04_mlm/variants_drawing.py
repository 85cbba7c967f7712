"""Right answers to ``select_positions`` and ``corrupt``, each drawn in another way."""
