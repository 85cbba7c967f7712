"""Wrong selections."""
