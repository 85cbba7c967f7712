"""Wrong corruptions."""
