"""Results come from the gradebook, diagnoses from the graded notebooks."""

import shutil
import warnings

import pytest
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from small_class import ABSENT, CLASS, POINTS, SHIFT, make_class, write_notebook
from sqlalchemy import event

from labtools.grading.reporting import Answer, Question, collect


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return make_class(tmp_path_factory.mktemp("class")).root


@pytest.fixture
def folder(shared, tmp_path):
    return shutil.copytree(shared, tmp_path / "class")


def collected(folder, change=lambda gradebook: None, **options):
    coursedir = CourseDirectory(root=str(folder))
    with Gradebook(coursedir.db_url) as gradebook:
        change(gradebook)
        gradebook.db.commit()
        return collect(gradebook, "ex", coursedir, **options)


def student(results, name):
    return next(it for it in results.students if it.id == name)


def test_questions_are_in_the_notebook_s_order(folder):
    assert collected(folder).questions == tuple(Question(*it) for it in POINTS.items())
    shutil.rmtree(folder / "autograded")
    assert [it.name for it in collected(folder).questions] == sorted(POINTS)


def test_points_and_who_is_absent(folder):
    results = collected(folder)
    for name, (points, _, _) in CLASS.items():
        answers = student(results, name).answers
        assert [answers[question].points for question in POINTS] == points
    assert [it.id for it in results.students] == sorted(CLASS)
    assert results.absent == (ABSENT,)
    assert results.maximum == 10


def test_what_is_known_of_a_student(folder):
    ada = student(collected(folder), "ada")
    assert (ada.name, ada.lms_user_id, ada.cpu_seconds) == ("Ada Lovelace", "77", 1.5)
    assert student(collected(folder), "ben").name == "ben"


def test_a_diagnosis_explains_a_lost_point(folder):
    ben = student(collected(folder), "ben").answers
    reason = "double: shifted by 2"
    assert ben["double"] == Answer(0, True, reason, "shift", "shifted by 2", SHIFT)
    assert ben["add"] == Answer(2)


def test_without_a_diagnosis_the_reason_does(folder):
    halve = student(collected(folder), "eva").answers["halve"]
    assert (halve.mistake, halve.title) == (None, "Stopped: too much memory")


@pytest.mark.parametrize(("name", "tried"), [("cem", ["add", "double"]), ("dia", []), ("fay", [])])
def test_what_was_not_attempted_is_no_mistake(folder, name, tried):
    answers = student(collected(folder), name).answers
    assert [question for question, it in answers.items() if it.attempted] == tried
    assert answers["halve"].title is None


def test_a_person_s_points_and_words_come_first(folder):
    def by_hand(gradebook):
        grade = gradebook.find_grade("test_double", "ex", "ex", "ben")
        grade.manual_score, grade.extra_credit = 1, 0.5
        gradebook.find_comment("double", "ex", "ex", "ben").manual_comment = "close"
        gradebook.find_grade("test_add", "ex", "ex", "ben").needs_manual_grade = True
        gradebook.find_submission_notebook("ex", "ex", "ben").late_submission_penalty = 2

    ben = student(collected(folder, by_hand), "ben")
    assert ben.answers["double"].points == 1.5
    assert ben.answers["double"].reason == "close"
    assert ben.by_hand
    assert ben.score == 2 + 1.5 + 5 - 2
    assert not student(collected(folder), "ada").by_hand


def test_a_fault_is_no_grade(folder):
    results = collected(folder, faults={"ben": "out of memory", "new": "unreadable"})
    ben, new = student(results, "ben"), student(results, "new")
    assert (ben.fault, ben.answers, new.fault) == ("out of memory", {}, "unreadable")
    assert len(results.graded) == len(CLASS) - 1


def test_cold(folder):
    assert not collected(folder).cold
    shutil.rmtree(folder / "autograded" / "ada")
    write_notebook(folder, "ada", {"cold": True})
    assert collected(folder).cold


@pytest.mark.parametrize("where", ["nowhere", "argument", "notebook"])
def test_unsafe(folder, where):
    if where == "notebook":
        shutil.rmtree(folder / "autograded" / "ada")
        write_notebook(folder, "ada", {"unsafe": True})
    assert collected(folder, unsafe=where == "argument").unsafe == (where != "nowhere")


def test_a_page_of_feedback_is_found(folder):
    page = folder / "feedback" / "ada" / "ex" / "ex.html"
    page.parent.mkdir(parents=True)
    page.touch()
    results = collected(folder)
    assert student(results, "ada").feedback == page
    assert student(results, "ben").feedback is None


@pytest.mark.parametrize("text", ["", "{", '{"cells": 3}', "[]", '{"cells": [{}]}'])
def test_a_damaged_graded_notebook_tells_nothing(folder, text):
    (folder / "autograded" / "ben" / "ex" / "ex.ipynb").write_text(text)
    double = student(collected(folder), "ben").answers["double"]
    assert (double.points, double.mistake) == (0, None)


def test_two_notebooks_have_questions_of_their_own(folder):
    def another(gradebook):
        gradebook.add_notebook("more", "ex")
        gradebook.add_grade_cell("test_add", "more", "ex", max_score=7, cell_type="code")

    questions = {it.name: it.maximum for it in collected(folder, another).questions}
    assert questions == {"ex/add": 2, "ex/double": 3, "ex/halve": 5, "more/add": 7}


def test_a_larger_class_takes_no_more_queries(folder):
    asked = []

    def counted(gradebook):
        event.listen(gradebook.engine, "before_cursor_execute", lambda *_: asked.append(1))

    def enlarged(gradebook):
        with warnings.catch_warnings(action="ignore"):
            for number in range(5):
                gradebook.update_or_create_student(f"new{number}")
                gradebook.add_submission("ex", f"new{number}")

    assert len(collected(folder, counted).students) == len(CLASS)
    few = len(asked)
    collected(folder, enlarged)
    assert len(collected(folder, counted).students) == len(CLASS) + 5
    assert len(asked) == 2 * few


def test_an_unknown_assignment(folder):
    coursedir = CourseDirectory(root=str(folder))
    with Gradebook(coursedir.db_url) as gradebook, pytest.raises(MissingEntry):
        collect(gradebook, "nothing", coursedir)
