"""Grading a class with nbgrader: `python -m labtools.grading ASSIGNMENT`.

In the order of the pipeline, which `nbgrader_config.py` puts together:

missing     a submission without the notebook gets 0 and the reason
reading     any file is read; what is no notebook is graded as blank
rebuild     the released notebook with the learner's answers in it
demos       demonstrations do not run
execute     the cells run; a dead kernel costs no grade record
outputs     a grade cell is right unless it has an error
reasons     why points were lost, in the gradebook
feedback    the page handed back; tracebacks hides what it must not show
classroom   all of it over a class
report      the table of results

Nothing here is imported by the rest of labtools.
"""
