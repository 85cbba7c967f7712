"""What nbgrader's formgrader has to be told beyond its configuration."""

from datetime import datetime
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from .preflight import Preflight


def agree_on_times() -> None:
    """Let formgrader take a submission for as old as the gradebook does.

    It compares the time in the gradebook with timestamp.txt, and where they differ it calls a
    graded submission one that “needs autograding”. Here the gradebook has the time of receipt,
    which no file of the learner's can change; see `preflight`. There is no trait to say so.
    """
    NbGraderAPI.get_submitted_timestamp = time_of_receipt


def time_of_receipt(api: NbGraderAPI, assignment_id: str, student_id: str) -> datetime | None:
    """When a submission came, in place of nbgrader's `get_submitted_timestamp`."""
    coursedir = api.coursedir
    folder = coursedir.format_path(coursedir.submitted_directory, student_id, assignment_id)
    return Preflight(config=api.config).time_of(Path(folder))
