"""Open a gradebook, the assignment in it, and what we keep beside nbgrader's tables."""

import secrets
from dataclasses import dataclass

import nbgrader.api
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import _temp_alembic_ini
from sqlalchemy import BigInteger, Column, Engine, MetaData, String, Table, insert, select
from traitlets.config.loader import Config

from .database import connect, exclusive
from .template import record_release

OURS = MetaData()

SEEDS = Table(
    "labtools_seed",
    OURS,
    Column("assignment", String(128), primary_key=True),
    Column("seed", BigInteger, nullable=False),
)
"""What the inputs of an assignment's checks are drawn from, in this class."""

GRADED = Table(
    "labtools_graded",
    OURS,
    Column("assignment", String(128), primary_key=True),
    Column("notebook", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
)
"""What each grade was made from, so that the same is not graded again."""


@dataclass(frozen=True)
class Opened:
    """A gradebook ready for grades of one assignment.

    Attributes:
        engine: of SQLAlchemy.
        seed: of this run.
    """

    engine: Engine
    seed: int


def open_gradebook(
    coursedir: CourseDirectory, config: Config, built: dict[str, NotebookNode], seed: int | None
) -> Opened:
    """Make the gradebook if there is none, put the release into it and fix the seed.

    Args:
        coursedir: its `db_url` and `assignment_id` say which gradebook and assignment.
        config: the course's.
        built: `template.templates` of the assignment.
        seed: int to use from now on; None for the one used before, or a new one.

    Raises:
        GradingError: the gradebook has grades for another release.
    """
    engine = connect(coursedir.db_url)
    with exclusive(coursedir.db_url):
        record_release(coursedir, config, built)
        OURS.create_all(engine)
        return Opened(engine, settle_seed(engine, coursedir.assignment_id, seed))


def run_seed(db_url: str, assignment: str) -> int:
    """The seed of `assignment` in the gradebook at `db_url`: drawn once, then kept."""
    with exclusive(db_url):
        engine = connect(db_url)
        OURS.create_all(engine)
        try:
            return settle_seed(engine, assignment, None)
        finally:
            engine.dispose()


def settle_seed(engine: Engine, assignment: str, wanted: int | None) -> int:
    """The seed to use: `wanted`, or the one in the gradebook, or one that nobody could guess."""
    with engine.begin() as connection:
        here = SEEDS.c.assignment == assignment
        kept = connection.scalar(select(SEEDS.c.seed).where(here))
        if wanted is None and kept is not None:
            return int(kept)
        seed = 1 + secrets.randbelow(2**31 - 1) if wanted is None else wanted
        change = insert(SEEDS) if kept is None else SEEDS.update().where(here)
        connection.execute(change.values(assignment=assignment, seed=seed))
        return seed


def schema_version() -> str:
    """The version of nbgrader's tables."""
    with _temp_alembic_ini("sqlite://") as ini:
        return ScriptDirectory.from_config(AlembicConfig(ini)).get_heads()[0]


# nbgrader's own starts a process that imports everything once more: seconds for each new gradebook
nbgrader.api.get_alembic_version = schema_version
