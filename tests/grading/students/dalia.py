"""Blank."""
