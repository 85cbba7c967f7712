"""What came out of grading a class.

results     a class's results as data
collecting  where they come from: the gradebook and the graded notebooks
analysis    what they say about the questions and about the class
drawing     the chart of scores
writing     all of it as a page, as JSON, as CSV
spreadsheet text that a spreadsheet does not take for a formula
"""

from labtools.grading.reporting.analysis import Item, Mistake, items, mistakes
from labtools.grading.reporting.collecting import collect
from labtools.grading.reporting.results import Answer, Question, Results, Student
from labtools.grading.reporting.writing import KINDS, write_report

__all__ = [
    "KINDS",
    "Answer",
    "Item",
    "Mistake",
    "Question",
    "Results",
    "Student",
    "collect",
    "items",
    "mistakes",
    "write_report",
]
