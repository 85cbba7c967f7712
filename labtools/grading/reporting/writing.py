"""A class's results as a page to look at, and as JSON and CSV for other programs."""

import csv
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import fmean, median
from typing import Any
from urllib.parse import quote

from labtools.grading.pages import render
from labtools.grading.reporting.analysis import (
    FEW,
    histogram,
    items,
    mistakes,
    taking_part,
)
from labtools.grading.reporting.drawing import histogram_svg
from labtools.grading.reporting.results import Answer, Results, Student
from labtools.grading.reporting.spreadsheet import cell


def write_report(results: Results, path: Path, kind: str) -> None:
    """Write a report.

    Args:
        results: Results.
        path: file that is written, UTF-8; its folder is made if need be.
        kind: a key of `KINDS`.

    Raises:
        ValueError: unknown `kind`.
    """
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}, got {kind!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    KINDS[kind](results, path)


def write_html(results: Results, path: Path) -> None:
    """A page that needs nothing from elsewhere; its links to feedback are relative to it."""
    scores = [student.score for student in results.graded]
    page = render(
        "report.html.j2",
        results=results,
        mean=fmean(scores) if scores else None,
        median=median(scores) if scores else None,
        histogram=histogram_svg(histogram(results)),
        mistakes=mistakes(results),
        items=items(results),
        taking_part=len(taking_part(results)),
        few=FEW,
        link=lambda student: link(student, path),
    )
    path.write_text(page, encoding="utf-8")


def link(student: Student, page: Path) -> str | None:
    """The address of a student's feedback from the page."""
    if student.feedback is None:
        return None
    return quote(Path(os.path.relpath(student.feedback, page.parent)).as_posix())


def write_json(results: Results, path: Path) -> None:
    """Everything, with the analysis; names are those of the classes' attributes."""
    whole = {
        **asdict(results),
        "items": [asdict(item) for item in items(results)],
        "mistakes": [asdict(mistake) for mistake in mistakes(results)],
    }
    for record, student in zip(whole["students"], results.students, strict=True):
        record["score"] = None if student.fault else student.score
        record["feedback"] = student.feedback and os.path.relpath(student.feedback, path.parent)
    text = json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", errors="replace")


def write_csv(results: Results, path: Path) -> None:
    """A line for each student: the score, the points of each question, and the reasons."""
    names = [question.name for question in results.questions]
    head = [
        "student_id",
        "last_name",
        "first_name",
        "score",
        "max_score",
        "late_penalty",
        "no_grade",
    ]
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        lines = csv.writer(file)
        lines.writerow([*head, *names, *(f"{name}: reason" for name in names)])
        for student in results.students:
            lines.writerow(csv_line(student, names, results.maximum))


def csv_line(student: Student, names: list[str], maximum: float) -> list[Any]:
    """One student's."""
    its = [student.answers.get(name, Answer(0)) for name in names]
    points = [f"{it.points:g}" if not student.fault else "" for it in its]
    score = "" if student.fault else f"{student.score:g}"
    words = student.id, student.last_name, student.first_name
    return [
        *map(cell, words),
        *(score, f"{maximum:g}", f"{student.penalty:g}", cell(student.fault or "")),
        *points,
        *(cell(it.reason or "") for it in its),
    ]


KINDS: dict[str, Callable[[Results, Path], None]] = {
    "html": write_html,
    "json": write_json,
    "csv": write_csv,
}
"""The kinds of report, each with what writes it."""
