"""Where the right answers to chapter 4 are kept."""

from answers import Variants

VARIANTS = variant = Variants()
