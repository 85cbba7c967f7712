"""All that a gradebook says, without its random ids and times of writing."""

from nbgrader.api import Gradebook


def dump(url, assignment="ex"):
    """list of rows."""
    with Gradebook(url) as gradebook:
        return [
            (
                it.student.id, it.timestamp, it.score, it.max_score, it.needs_manual_grade,
                it.late_submission_penalty,
                sorted(
                    (grade.name, grade.auto_score, grade.manual_score, grade.extra_credit,
                     grade.needs_manual_grade, grade.failed_tests, grade.max_score)
                    for notebook in it.notebooks for grade in notebook.grades
                ),
                sorted(
                    (comment.name, comment.auto_comment, comment.manual_comment)
                    for notebook in it.notebooks for comment in notebook.comments
                ),
            )
            for it in sorted(gradebook.assignment_submissions(assignment), key=student_of)
        ]  # fmt: skip


def student_of(submission):
    """By which submissions are sorted."""
    return submission.student.id
