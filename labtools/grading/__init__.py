"""Grading a class with nbgrader: `labtools grade ASSIGNMENT`, or nbgrader's own commands.

In the order of the pipeline, which `nbgrader_config.py` puts together:

preflight   which files are opened at all, and when they came
missing     a submission without a notebook that can be opened gets 0 and the reason
reading     any file is read; what is no notebook is graded as blank
rebuild     the released notebook with the learner's answers in it
demos       demonstrations do not run
execute     the cells run; a dead kernel costs no grade record
outputs     a grade cell is right unless it has an error
reasons     why points were lost, in the gradebook
feedback    the page handed back; tracebacks hides what it must not show
classroom   all of it over a class, on as many cores and machines as there are
report      the table of results

Nothing here is imported by the rest of labtools.
"""

import sys

if "jsonschema" not in sys.modules:
    # an optional part of jsonschema, which nbformat imports: seconds of start for no use here
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
