"""No notebook, but a report.

handed in: nothing
all: No notebook was handed in
"""
