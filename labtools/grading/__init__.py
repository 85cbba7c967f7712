"""Grading a class with nbgrader: `labtools grade ASSIGNMENT`, or nbgrader's own commands.

A submission's way, in the order in which `nbgrader_config.py` puts it together:

preflight   which files are opened at all, and when they came
missing     a submission without a notebook that can be opened gets 0 and the reason
reading     any file is read; what is no notebook is graded as blank
rebuild     the released notebook with the learner's answers in it
demos       demonstrations do not run
execute     the cells run
outputs     a grade cell is right unless it has an error
reasons     why points were lost, in the gradebook
feedback    the page handed back, safe to publish

What runs the cells:

limits      what a learner's code may use
running     a notebook, its answers in a box and its checks where no answer ever enters
sandbox     boxes: what keeps a learner's code in
box         what runs inside one
remote      a learner's functions, seen from outside
wire        plain data between the two
unsafe      without a sandbox, if that is asked for

A whole class, and what comes of it:

classroom   all of it over a class, on as many cores and machines as there are
report      the table of results
reporting   a class's results as data, and as a page, JSON and CSV
exporters   files for Canvas and Moodle
formgrader  what nbgrader's formgrader has to be told
command     `labtools grade`
doctor      `labtools doctor`

What several of them use:

release     the released notebook that a submission began as
plain       a learner's text as text that can be stored and shown
printing    the same on a terminal
quoting     a learner's markdown for pages that are not ours
pages       pages that run nothing, made from templates/

Nothing here is imported by the rest of labtools but by its commands, when they are asked for.
"""

import sys

if "jsonschema" not in sys.modules:
    # an optional part of jsonschema, which nbformat imports: seconds of start for no use here
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
