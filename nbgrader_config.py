"""nbgrader's configuration: where the course lies, and what grading does beyond stock nbgrader.

`labtools grade` and nbgrader's own commands (autograde, generate_feedback, export, formgrader) all
read it, so that they give the same grades.
"""

import os
import sys

# a new gradebook needs alembic, which lies beside this python, also if nobody activated it
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])

c = get_config()  # noqa: F821 - nbgrader puts it there

c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
# waits for another writer; nbgrader alone gives up a submission after 5 seconds
c.CourseDirectory.db_url = "sqlite:///{}?timeout=60".format(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "gradebook.db")
)

# Reads any file: what is no notebook is graded as the blank release, with the reason. What
# c.Preflight says (max_mb, received) decides which files are opened and when they came.
c.Autograde.exporter_class = "labtools.grading.reading.SubmissionExporter"

c.Autograde.sanitize_preprocessors = [
    # first: nothing after it sees metadata, tests or tags that the learner could have touched
    "labtools.grading.rebuild.Rebuild",
    # after the rebuilding, so that only the release decides what is skipped
    "labtools.grading.demos.SkipDemos",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.OverwriteKernelspec",
    # puts the hidden tests, which the release has not, back from the gradebook
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

c.Autograde.autograde_preprocessors = [
    "labtools.grading.execute.Execute",
    "nbgrader.preprocessors.LimitOutput",
    # after everything that makes outputs, before they become scores
    "labtools.grading.outputs.ScoreByErrors",
    "nbgrader.preprocessors.SaveAutoGrades",
    # after the scores, and over the "No response." that SaveAutoGrades writes
    "labtools.grading.reasons.SaveReasons",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

c.GenerateFeedback.exporter_class = "labtools.grading.feedback.FeedbackExporter"

# hidden tests and tracebacks are taken out by the exporter
c.GenerateFeedback.preprocessors = ["labtools.grading.feedback.GetGrades"]

# formgrader shows learners' notebooks in the instructor's browser: nothing in them runs there.
# It reads this once, when Jupyter starts, so start it in this folder.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {"markdown2html": "labtools.grading.feedback.showing.sanitised"}
c.WidgetsDataTypeFilter.display_data_priority = ["image/png", "text/plain"]

# formgrader and we shall agree on when a submission came: else it says "needs autograding"
if "nbgrader.apps" in sys.modules:  # `labtools grade`, which needs no formgrader, starts sooner
    from labtools.grading.formgrader import agree_on_times

    agree_on_times()
