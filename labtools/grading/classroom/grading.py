"""One run: prepare, grade, export."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config.loader import Config

from ..preflight import Preflight
from .coordinator import Coordinator, Display, chosen, first_line, stopped
from .course import Class, GradingError
from .csv_file import write_csv
from .gradebooks import Grades
from .jobs import Exercise
from .opening import open_gradebook
from .scheduling import Job, Stopped, Workers
from .template import course_directory, templates


@dataclass(frozen=True)
class Order:
    """What to grade, and how.

    Attributes:
        students: ids; empty for all.
        regrade: whether what has a grade is graded again.
        seed: of the checks' inputs; None for the class's own.
    """

    students: list[str] = field(default_factory=list)
    regrade: bool = False
    seed: int | None = None


@dataclass(frozen=True)
class Graded:
    """What came of a run.

    Attributes:
        coursedir: nbgrader's, where everything is.
        faults: dict of student to why there is no grade.
        kept: notebooks that had their grade already.
        stopped: why the run ended before its end; None if it did not.
    """

    coursedir: CourseDirectory
    faults: dict[str, str]
    kept: int
    stopped: str | None


def grade_all(
    klass: Class,
    config: Config,
    assignments: Sequence[str],
    order: Order,
    workers: Workers,
    display: Display,
) -> tuple[list[Graded], list[str]]:
    """Grade the submissions of some assignments, and write feedback and CSV.

    While the last submissions of one are graded, the next one is prepared.

    Args:
        klass: where everything lies.
        config: `course.load_config` of it.
        assignments: names of folders in the course's solutions, each once.
        order: what to grade.
        workers: who runs the notebooks.
        display: shows progress.

    Returns:
        what came of each; and why others could not be graded, each reason once.
    """
    runs: dict[str, Coordinator] = {}
    problems: dict[str, None] = {}
    with ExitStack() as opened:

        def jobs() -> Iterator[Job]:
            for assignment in assignments:
                begun = prepared(klass, config, assignment, order, workers.setting, display)
                try:
                    runs[assignment], folders = opened.enter_context(begun)
                except GradingError as error:
                    problems[str(error)] = None
                else:
                    yield from runs[assignment].jobs(folders)

        try:
            why = run_to_the_end(runs, jobs(), workers)
        except GradingError as error:  # no worker can grade
            return [], [*problems, str(error)]
    if runs and not why:
        why = export(next(iter(runs.values())).coursedir, klass)
    done = [Graded(run.coursedir, run.faults, run.kept, why) for run in runs.values()]
    return done, list(problems)


@contextmanager
def prepared(
    klass: Class, config: Config, assignment: str, order: Order, setting: bytes, display: Display
) -> Iterator[tuple[Coordinator, dict[str, str]]]:
    """What grades an assignment, and its submissions, of folder to student.

    Raises:
        GradingError: unknown assignment, no submissions, an exercise that does not build, or a
            gradebook that cannot be opened.
    """
    coursedir = course_directory(config, assignment)
    folders = chosen(coursedir, order.students)
    make_folder(klass.path(""))
    built = templates(coursedir, config)
    with open_grades(coursedir, config, built, order.seed) as (grades, seed):
        exercise = Exercise(assignment, built, seed, setting)
        preflight = Preflight(config=config)
        yield Coordinator(coursedir, exercise, preflight, grades, display, order.regrade), folders


def make_folder(path: Path) -> None:
    """Make the folder of a run's results; GradingError if that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GradingError(f"nothing can be written to {path} ({error.strerror})") from error


@contextmanager
def open_grades(
    coursedir: CourseDirectory, config: Config, built: dict[str, NotebookNode], seed: int | None
) -> Iterator[tuple[Grades, int]]:
    """The gradebook and the seed of this run; GradingError if it cannot be opened."""
    try:
        opened = open_gradebook(coursedir, config, built, seed)
        grades = Grades(opened.engine, coursedir.assignment_id, config)
    except (SQLAlchemyError, OSError) as error:
        raise GradingError(f"the gradebook cannot be opened ({first_line(error)})") from error
    try:
        with grades:
            yield grades, opened.seed
    finally:
        opened.engine.dispose()  # the next assignment has connections of its own


def run_to_the_end(
    runs: dict[str, Coordinator], jobs: Iterator[Job], workers: Workers
) -> str | None:
    """Do all jobs, each for its run; why it stopped before the last of them, or None.

    Raises:
        GradingError: no worker can grade.
    """
    try:
        for done in workers.outcomes(jobs):
            runs[done.job.assignment].take(done)
    except Stopped as stop:
        return str(stop)
    return None


def export(coursedir: CourseDirectory, klass: Class) -> str | None:
    """Write the class's grades as nbgrader's CSV; why that was not possible, or None."""
    try:
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            write_csv(gradebook, klass.path("grades.csv"))
    except SQLAlchemyError as error:
        return str(stopped(error))
    return None
