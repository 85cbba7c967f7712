"""Stock nbgrader on the same work: its own configuration, its own preprocessors.

Two things are not as it comes: the notebooks are without their demonstrations, which take minutes
and earn no points, and a cell may run for ten minutes instead of 30 seconds, so that a busy
machine fails nobody.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import nbformat
from honest_class import ROOT, Submission, without_demos
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

CONFIG = """\
c = get_config()
c.CourseDirectory.source_directory = "source"
c.Execute.timeout = 600
c.Execute.iopub_timeout = 60
"""

Scores = dict[str, dict[str, dict[str, float | None]]]
"""{exercise: {student: {grade cell: score}}}; None where there is no score."""


def make_course(folder: Path, exercises: Iterable[str], demos: bool = False) -> Path:
    """A course of stock nbgrader's with these exercises, released; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    for exercise in exercises:
        nb = nbformat.read(ROOT / "solutions" / exercise / f"{exercise}.ipynb", as_version=4)
        source = folder / "source" / exercise
        source.mkdir(parents=True, exist_ok=True)
        nbformat.write(nb if demos else without_demos(nb), source / f"{exercise}.ipynb")
        run(folder, "generate_assignment", exercise, "--force")
    return folder


def hand_in(course: Path, submissions: Iterable[Submission], demos: bool = False) -> None:
    """Write the submissions where stock looks for them; one that has changed loses its grade."""
    for it in submissions:
        it = it if demos else replace(it, notebook=without_demos(it.notebook))
        if it.write(course / "submitted"):
            shutil.rmtree(course / "autograded" / it.student / it.exercise, ignore_errors=True)


def autograde(course: Path, exercise: str) -> str:
    """Grade the submissions to an exercise that have no grade yet; returns nbgrader's log."""
    return run(course, "autograde", exercise)


def run(course: Path, *command: str) -> str:
    """Run nbgrader in the course's folder; its log. RuntimeError if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=course,
        capture_output=True,
        text=True,
        env=environment(),
    )
    if done.returncode:
        raise RuntimeError(f"nbgrader {' '.join(command)} failed:\n{done.stderr}")
    return done.stderr


def autograde_each(course: Path, exercise: str, students: Iterable[str]) -> dict[str, str | None]:
    """Grade the students one by one; the last line of each one's error, None if all went well."""
    done = subprocess.run(
        [sys.executable, __file__, exercise, *students],
        cwd=course,
        capture_output=True,
        text=True,
        env={**environment(), "PYTHONPATH": str(ROOT / "tests" / "grading")},
        check=True,
    )
    return json.loads(done.stdout)


def environment() -> dict[str, str]:
    """This process's; a new gradebook needs alembic, which lies beside this python."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path}


def main(exercise: str, *students: str) -> None:
    """Grade in this folder, in one process, and print what `autograde_each` returns."""
    config = PyFileConfigLoader("nbgrader_config.py", path=".").load_config()
    config.CourseDirectory.root = str(Path.cwd())
    api = NbGraderAPI(config=config)
    outcomes = {student: api.autograde(exercise, student) for student in students}
    errors = {student: it.get("error", "").strip() for student, it in outcomes.items()}
    print(json.dumps({it: error.rpartition("\n")[2] or None for it, error in errors.items()}))


def scores(db_url: str) -> Scores:
    """What a gradebook holds."""
    with Gradebook(db_url) as gradebook:
        return {
            assignment.name: {
                submission.student_id: {
                    grade.name: grade.auto_score
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                }
                for submission in assignment.submissions
            }
            for assignment in gradebook.assignments
        }


if __name__ == "__main__":
    main(*sys.argv[1:])
