"""Text for CSV files that people open in a spreadsheet."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula."""


def cell(text: str) -> str:
    """Text that a spreadsheet shows and does not compute (OWASP, “CSV injection”)."""
    return f"'{text}" if text.startswith(FORMULA) else text
