"""The command `labtools`: what a learner and an instructor type.

check     run the visible checks of one notebook
progress  the same over all exercises, as a table
reset     bring a stub back, and keep a copy of the work
grade     a class (`labtools.grading`, which alone needs nbgrader)
doctor    what this machine can and cannot do

A command is a module with `add_arguments(parser)` and `run(args) -> int`, its exit status; it is
imported when it is asked for. Here are the learner's: `notebooks` and `releases` read, `checking`
decides which cells to run and what became of each function, `running` runs them in a process of
their own, whose side is `shell`; `telling` writes the results.
"""

from labtools.commands.main import main

__all__ = ["main"]
