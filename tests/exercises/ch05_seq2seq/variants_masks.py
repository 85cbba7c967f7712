"""Right answers that make what the encoder–decoder reads: its masks and the decoder's input."""
