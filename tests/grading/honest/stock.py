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
from collections.abc import Iterable, Sequence
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


def write_course(folder: Path, exercises: Iterable[str], demos: bool = False) -> Path:
    """A course of stock nbgrader's with these exercises, not released yet; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    for exercise in exercises:
        nb = nbformat.read(ROOT / "solutions" / exercise / f"{exercise}.ipynb", as_version=4)
        source = folder / "source" / exercise
        source.mkdir(parents=True, exist_ok=True)
        nbformat.write(nb if demos else without_demos(nb), source / f"{exercise}.ipynb")
    return folder


def make_course(folder: Path, exercises: Sequence[str], demos: bool = False) -> Path:
    """The same, released."""
    write_course(folder, exercises, demos)
    errors = call(folder, *(("generate_assignment", exercise) for exercise in exercises))
    if any(errors):
        raise RuntimeError(f"no release: {errors}")
    return folder


def hand_in(course: Path, submissions: Iterable[Submission], demos: bool = False) -> None:
    """Write the submissions where stock looks for them; one that has changed loses its grade."""
    for it in submissions:
        it = it if demos else replace(it, notebook=without_demos(it.notebook))
        if it.write(course / "submitted"):
            shutil.rmtree(course / "autograded" / it.student / it.exercise, ignore_errors=True)


def call(course: Path, *calls: tuple[str | bool, ...]) -> list[str | None]:
    """Call methods of nbgrader's API, all in one process, which saves seconds for each.

    Args:
        course: The course's folder.
        calls: For each the method and its arguments, as ("autograde", exercise, student).

    Returns:
        The last line of each one's error; None where all went well.

    Raises:
        RuntimeError: The process itself failed; the text is what it said.
    """
    done = subprocess.run(
        [sys.executable, __file__, json.dumps(calls)],
        cwd=course,
        capture_output=True,
        text=True,
        env=environment(),
    )
    if done.returncode:
        raise RuntimeError(f"nbgrader failed in {course}:\n{done.stderr}")
    return json.loads(done.stdout)


def environment() -> dict[str, str]:
    """This process's, with alembic, which makes gradebooks and lies beside this python."""
    modules = [os.environ.get("PYTHONPATH", ""), str(ROOT / "tests" / "grading")]
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join(filter(None, modules)),
    }


def main(calls: str) -> None:
    """In a course's folder: print what `call` returns."""
    config = PyFileConfigLoader("nbgrader_config.py", path=".").load_config()
    config.CourseDirectory.root = str(Path.cwd())
    api = NbGraderAPI(config=config)
    outcomes = [getattr(api, method)(*arguments) for method, *arguments in json.loads(calls)]
    errors = [outcome.get("error", "").strip().rpartition("\n")[2] for outcome in outcomes]
    print(json.dumps([error or None for error in errors]))


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
    main(sys.argv[1])
