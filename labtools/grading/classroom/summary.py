"""What is said after a run: the table, the class in a few lines, and where everything is."""

import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from nbgrader.api import Gradebook
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from ..printing import printable
from ..report import results as read_results
from ..report import table
from ..reporting import Results, collect, items, mistakes, write_report
from ..reporting.analysis import histogram
from .coordinator import stopped
from .course import Class
from .grading import Graded

ROWS = 60  # students in the table; a larger class is read in the report
BAR = 40  # characters of the longest bar
MISTAKES = 8

UNSAFE_RUN = (
    "graded without a sandbox (--unsafe): a learner's code could read the hidden tests and decide "
    "its grade. `labtools doctor` says what to install before real submissions are graded"
)
COLD_RUN = (
    "each sandbox was started by itself, which takes seconds for every submission; "
    "`labtools doctor` says whether this machine can do better, and why not"
)


def tell(klass: Class, done: Sequence[Graded], kinds: Sequence[str], unsafe: bool) -> int:
    """Print what came of a run and write the reports asked for.

    Args:
        klass: where everything lies.
        done: of each assignment, from `grading.grade_all`.
        kinds: of reports.
        unsafe: whether learners' code ran without a sandbox.

    Returns:
        the exit status: 0 if everyone has a grade, else 1.
    """
    lacking: dict[str, None] = {}  # what is the same for several assignments is said once
    warned = {UNSAFE_RUN: None} if unsafe else {}
    for graded in done:
        try:
            results = tell_results(klass, graded, kinds, unsafe)
            warned |= dict.fromkeys(warnings(results))
        except SQLAlchemyError as error:
            graded = replace(graded, stopped=graded.stopped or str(stopped(error)))
        lacking |= dict.fromkeys(complaints(graded))
    for text in (*lacking, *warned):
        print(f"labtools grade: {printable(text)}", file=sys.stderr)
    return 1 if lacking else 0


def tell_results(klass: Class, graded: Graded, kinds: Sequence[str], unsafe: bool) -> Results:
    """Write the reports of an assignment, print what is in the gradebook now, and return it."""
    coursedir, assignment = graded.coursedir, graded.coursedir.assignment_id
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        results = collect(gradebook, assignment, coursedir, graded.faults, unsafe)
        rows = read_results(gradebook, assignment) if len(results.students) <= ROWS else []
    paths = {kind: klass.path(f"report-{assignment}.{kind}") for kind in dict.fromkeys(kinds)}
    for kind, path in paths.items():
        write_report(results, path, kind)
    if rows:
        print(f"\n{assignment}\n{table(rows)}")
    print("\n" + "\n".join(class_lines(results)))
    print("\n" + "\n".join(places(klass, graded, paths)))
    return results


def class_lines(results: Results) -> Iterator[str]:
    """How the points are spread, what was hard, and which mistakes were made."""
    scores = sorted(student.score for student in results.graded)
    if not scores:
        yield "nobody has a grade"
        return
    yield (
        f"{len(scores)} graded, mean {sum(scores) / len(scores):.1f} of {results.maximum:g}, "
        f"median {statistics.median(scores):g}"
    )
    yield from bars(results)
    yield from question_lines(results)
    yield from mistake_lines(results)


def bars(results: Results) -> Iterator[str]:
    """The points as a histogram."""
    counted = histogram(results)
    most = max(bin_.count for bin_ in counted)
    for bin_ in counted:
        bar = "█" * round(BAR * bin_.count / most)
        yield f"{bin_.low:>4}–{bin_.high:<4}{bin_.count:>5} {bar}".rstrip()


def question_lines(results: Results) -> Iterator[str]:
    """How hard each question was, and which one seems to be at fault itself."""
    measured = items(results)
    width = max((len(item.name) for item in measured), default=0)
    yield f"\n{'':<{width}}  tried   full   mean share of its points"
    for item in measured:
        share = "" if item.difficulty is None else f"{item.difficulty:.0%}"
        broken = "   the question seems to be broken" if item.broken else ""
        yield f"{item.name:<{width}} {item.attempts:>6} {item.full:>6}   {share:>4}{broken}"


def mistake_lines(results: Results) -> Iterator[str]:
    """The mistakes that several made."""
    shared = [it for it in mistakes(results) if len(it.students) > 1]
    if shared:
        yield "\nmistakes made by several"
    for it in shared[:MISTAKES]:
        section = f" (see {it.section})" if it.section else ""
        yield printable(f"{len(it.students):>4}  {it.title}{section}")
    if len(shared) > MISTAKES:
        yield f"      and {len(shared) - MISTAKES} more"


def places(klass: Class, graded: Graded, reports: dict[str, Path]) -> Iterator[str]:
    """Where everything is."""
    yield f"gradebook   {make_url(graded.coursedir.db_url).render_as_string(hide_password=True)}"
    yield f"feedback    {klass.path('feedback')}"
    yield f"grades      {klass.path('grades.csv')}"
    for path in reports.values():
        yield f"report      {path}"
    if graded.kept:
        yield f"{graded.kept} had their grade already and have not changed (--regrade grades them)"


def complaints(graded: Graded) -> Iterator[str]:
    """Why not everyone has a grade."""
    for student, why in graded.faults.items():
        yield f"{graded.coursedir.assignment_id}: no grade for {student}: {why}"
    if graded.stopped:
        yield f"{graded.stopped}; what is done is kept, and the same command goes on from there"


def warnings(results: Results) -> Iterator[str]:
    """What else is not as it should be."""
    if results.unsafe:
        yield UNSAFE_RUN
    if results.cold:
        yield COLD_RUN
