"""Where a class's work lies, by the course's nbgrader configuration.

Does not import nbgrader, which takes seconds: the workers start meanwhile.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from traitlets.config.loader import Config, PyFileConfigLoader

from ..limits import Limits

CONFIG = "nbgrader_config.py"


class GradingError(Exception):
    """The class cannot be graded; the message says what was expected and what there is."""


@dataclass(frozen=True)
class Class:
    """Where a class's work lies and where its grades go.

    Attributes:
        course: folder of `nbgrader_config.py`.
        submitted: folder of `<student>/<assignment>/<notebook>.ipynb`; None for nbgrader's own.
        output: folder for gradebook, graded notebooks, feedback and CSV; None for the course.
        db_url: SQLAlchemy's URL of the gradebook; None for the one of the configuration, or
            `gradebook.db` in `output`.
    """

    course: Path
    submitted: Path | None = None
    output: Path | None = None
    db_url: str | None = None

    def path(self, name: str) -> Path:
        """Path of an output file."""
        return (self.output or self.course) / name


def load_config(klass: Class) -> Config:
    """The course's configuration with the class's folders in it; GradingError if one is missing."""
    if not (klass.course / CONFIG).exists():
        raise GradingError(f"no course here: {klass.course / CONFIG} is not there")
    config = PyFileConfigLoader(CONFIG, path=str(klass.course)).load_config()
    folders = config.CourseDirectory
    folders.root = str(klass.course.resolve())
    if klass.submitted:
        if not klass.submitted.is_dir():
            raise GradingError(f"no folder of submissions: {klass.submitted} is not there")
        folders.submitted_directory = str(klass.submitted.resolve())
    if klass.output:
        output = klass.output.resolve()
        folders.db_url = f"sqlite:///{output / 'gradebook.db'}"
        folders.autograded_directory = str(output / "autograded")
        folders.feedback_directory = str(output / "feedback")
    if klass.db_url:
        folders.db_url = klass.db_url
    if "db_url" in folders:
        # the driver that is installed: SQLAlchemy would take another one
        folders.db_url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg2://", folders.db_url)
    return config


def limits_of(config: Config) -> Limits:
    """What a learner's code may use: `execute.limits_of`, without importing nbgrader.

    Raises:
        GradingError: the configuration names something that is no limit.
    """
    execute = config.Execute
    names = {"cell_seconds": "timeout", "memory_mb": "memory"}
    named = {name: execute[trait] for name, trait in names.items() if trait in execute}
    try:
        return Limits.from_config(named | execute.get("limits", {}))
    except (TypeError, ValueError) as error:
        raise GradingError(f"{CONFIG}: {error}") from error
