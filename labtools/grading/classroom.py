"""Grade a whole class with nbgrader's own steps."""

import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import CsvExportPlugin
from nbgrader.utils import temp_attrs
from sqlalchemy.exc import SAWarning
from traitlets.config.loader import Config, PyFileConfigLoader

from .missing import record_missing, submissions
from .report import Result, results

CONFIG = "nbgrader_config.py"


class GradingError(Exception):
    """The class cannot be graded; the message says what was expected and what there is."""


@dataclass
class Class:
    """Where a class's work lies and where its grades go.

    Attributes:
        course: folder of `nbgrader_config.py`.
        submitted: folder of `<student>/<assignment>/<notebook>.ipynb`; None for nbgrader's own.
        output: folder for gradebook, graded notebooks, feedback, CSV and log; None for the course.
    """

    course: Path
    submitted: Path | None = None
    output: Path | None = None
    faults: dict[str, str] = field(default_factory=dict)  # student: why there is no grade

    def path(self, name: str) -> Path:
        """Path of an output file."""
        return (self.output or self.course) / name


def grade(klass: Class, assignment: str, say: Callable[[str], object] = print) -> list[Result]:
    """Grade every submission of `assignment` and write feedback and CSV.

    What is there already is graded again, so that a later submission counts.

    Args:
        klass: Class; `faults` is filled with the submissions that could not be graded.
        assignment: name of a folder in the course's solutions.
        say: called with one line for each student.

    Returns:
        list of `report.Result`, one per student, by name.

    Raises:
        GradingError: unknown assignment, no submissions, or an exercise that does not build.
    """
    # nbgrader's own, on every new submission
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader.api")
    with tempfile.TemporaryDirectory() as release:  # the committed release stays as it is
        api = open_course(klass, assignment, release)
        with open(klass.path("grading.log"), "w") as log:
            build_release(api, assignment, log)
            grade_all(api, klass, assignment, say, log)
    export(api, klass)
    return results(api, assignment)


def open_course(klass: Class, assignment: str, release: str) -> NbGraderAPI:
    """nbgrader's API for the class; GradingError if the arguments name nothing that is there."""
    config = load_config(klass, release)
    api = NbGraderAPI(config=config)
    check_assignment(api.coursedir, assignment)
    with temp_attrs(api.coursedir, assignment_id=assignment):
        if not submissions(api.coursedir):
            place = api.coursedir.format_path(
                api.coursedir.submitted_directory, "<student>", assignment
            )
            raise GradingError(f"no submissions: expected {place}/{assignment}.ipynb")
    klass.path("").mkdir(parents=True, exist_ok=True)
    return api


def load_config(klass: Class, release: str) -> Config:
    """The course's configuration with the class's folders in it."""
    if not (klass.course / CONFIG).exists():
        raise GradingError(f"no course here: {klass.course / CONFIG} is not there")
    config = PyFileConfigLoader(CONFIG, path=str(klass.course)).load_config()
    folders = config.CourseDirectory
    folders.root = str(klass.course.resolve())
    folders.release_directory = release
    if klass.submitted:
        if not klass.submitted.is_dir():
            raise GradingError(f"no folder of submissions: {klass.submitted} is not there")
        folders.submitted_directory = str(klass.submitted.resolve())
    if klass.output:
        output = klass.output.resolve()
        folders.db_url = f"sqlite:///{output / 'gradebook.db'}"
        folders.autograded_directory = str(output / "autograded")
        folders.feedback_directory = str(output / "feedback")
    return config


def check_assignment(coursedir: CourseDirectory, assignment: str) -> None:
    """GradingError, with the names there are, if the course has no such assignment."""
    source = Path(coursedir.format_path(coursedir.source_directory, ".", "."))
    names = sorted(path.name for path in source.glob("*/") if any(path.glob("*.ipynb")))
    if assignment not in names:
        there = ", ".join(names) or "none"
        raise GradingError(
            f"no assignment {assignment!r} in {source.resolve()}; there are: {there}"
        )


def build_release(api: NbGraderAPI, assignment: str, log: TextIO) -> None:
    """Put the assignment's cells, hidden tests included, into the gradebook."""
    outcome = api.generate_assignment(assignment)
    if not succeeded(outcome, log):
        raise GradingError(
            f"the release of {assignment} cannot be built ({last_line(outcome)}). If its cells "
            "have changed since this gradebook was begun, grade into a new output folder"
        )


def grade_all(
    api: NbGraderAPI, klass: Class, assignment: str, say: Callable[[str], object], log: TextIO
) -> None:
    """Grade the submissions one after the other; a fault of one is no fault of the next."""
    with temp_attrs(api.coursedir, assignment_id=assignment):
        missing = record_missing(api.coursedir)
        folders = submissions(api.coursedir)
    width = max(map(len, folders.values()))
    for number, (folder, student) in enumerate(folders.items(), start=1):
        began = time.monotonic()
        if folder not in missing:
            grade_one(api, klass, assignment, student, log)
        took = time.monotonic() - began
        verdict = "no grade" if student in klass.faults else score_text(api, assignment, student)
        say(f"{number:>4}/{len(folders)}  {student:<{width}} {verdict:>12}  {took:5.1f} s")


def grade_one(api: NbGraderAPI, klass: Class, assignment: str, student: str, log: TextIO) -> None:
    """Run nbgrader's autograde and generate_feedback for one student."""
    for step in (api.autograde, api.generate_feedback):
        log.write(f"== {step.__name__} {student}\n")
        outcome = step(assignment, student)
        if not succeeded(outcome, log):
            klass.faults[student] = last_line(outcome)
            return


def score_text(api: NbGraderAPI, assignment: str, student: str) -> str:
    """`7 of 12`."""
    with api.gradebook as gradebook:
        return Result.of(gradebook.find_submission(assignment, student)).score_text


def export(api: NbGraderAPI, klass: Class) -> None:
    """Write the class's grades as nbgrader's CSV."""
    plugin = CsvExportPlugin(parent=api)
    plugin.to = str(klass.path("grades.csv"))
    with api.gradebook as gradebook:
        plugin.export(gradebook)


def succeeded(outcome: dict[str, Any], log: TextIO) -> bool:
    """Whether a step of nbgrader's succeeded; its log is kept, an interrupt is passed on."""
    log.write(outcome.get("log", "") + outcome.get("error", ""))
    log.flush()
    if not outcome["success"] and last_line(outcome).startswith("KeyboardInterrupt"):
        raise KeyboardInterrupt
    return outcome["success"]


def last_line(outcome: dict[str, Any]) -> str:
    """The last line of what nbgrader said about a step."""
    return outcome.get("error", "").strip().rpartition("\n")[2]
