"""Checks of the exercises of chapter 2, attention and its masks.

Each module holds the definitions with knobs: turned one way they are right, turned another they
are one of the known mistakes.
"""
