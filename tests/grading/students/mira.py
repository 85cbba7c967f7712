"""No notebook, but a report.

handed in: nothing
"""
