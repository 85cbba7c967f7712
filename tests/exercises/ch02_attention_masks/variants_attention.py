"""Right answers to ``attention_bias``, ``masked_attention`` and ``mha_mask``."""
