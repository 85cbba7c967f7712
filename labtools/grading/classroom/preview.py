"""What a run would do."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import inspect, make_url, select
from traitlets.config.loader import Config

from ..preflight import Preflight
from .coordinator import Coordinator, chosen
from .database import connect, is_sqlite
from .gradebooks import Grades
from .grading import Order
from .jobs import Exercise
from .opening import SEEDS, Opened, open_gradebook
from .progress import Lines
from .template import course_directory, templates


def verdicts(
    config: Config, assignment: str, order: Order, setting: bytes
) -> Iterator[tuple[str, str]]:
    """What a run would do with each submission; nothing is changed.

    Args:
        config: the course's.
        assignment: name.
        order: what would be graded.
        setting: from `working.setting`.

    Yields:
        student and verdict.

    Raises:
        GradingError: unknown assignment, no submissions, an exercise that does not build.
    """
    coursedir = course_directory(config, assignment)
    folders = chosen(coursedir, order.students)
    built = templates(coursedir, config)
    with (
        looked_into(coursedir, config, built) as opened,
        Grades(opened.engine, assignment, config) as grades,
    ):
        seed = opened.seed if order.seed is None else order.seed
        exercise = Exercise(assignment, built, seed, setting)
        run = Coordinator(coursedir, exercise, Preflight(config=config), grades, Lines())
        for folder, student in folders.items():
            yield student, verdict(run, Path(folder), student, order.regrade)


def verdict(run: Coordinator, folder: Path, student: str, regrade: bool) -> str:
    """What a run would do with one submission."""
    reason, jobs = run.look(folder, student)
    if reason:
        return f"would get 0: {reason}"
    if all(map(run.is_graded, jobs)):
        return "would be graded again" if regrade else "has its grade"
    return "would be graded"


@contextmanager
def looked_into(
    coursedir: CourseDirectory, config: Config, built: dict[str, NotebookNode]
) -> Iterator[Opened]:
    """The gradebook as it is, or an empty one of our own if it has nothing of the assignment."""
    seed = kept_seed(coursedir.db_url, coursedir.assignment_id)
    if seed is not None:
        yield Opened(connect(coursedir.db_url), seed)
        return
    with tempfile.TemporaryDirectory(prefix="gradebook-") as folder:
        coursedir.db_url = f"sqlite:///{folder}/gradebook.db"
        yield open_gradebook(coursedir, config, built, None)


def kept_seed(db_url: str, assignment: str) -> int | None:
    """The seed of `assignment` in the gradebook at `db_url`; None if nothing was graded there."""
    url = make_url(db_url)
    if is_sqlite(url) and not Path(url.database or "").exists():
        return None
    engine = connect(db_url)
    if not inspect(engine).has_table(SEEDS.name):
        return None
    with engine.begin() as connection:
        return connection.scalar(select(SEEDS.c.seed).where(SEEDS.c.assignment == assignment))
